//! The documented producer-consumer scenario with flags, pictures and a report. `examples/pattern.rs` is the same scenario
//! on the library alone.
//!
//! `cargo run --release --example producer_consumer` runs it in real time, which takes about two seconds; `--help` lists the
//! flags.

mod args;
mod timeline;

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;
use std::thread::spawn;

use scenario::lanes::Recorded;
use scenario::{Action, Event, Observer, Recorder, Report, Scenario};
#[cfg(feature = "live")]
use scenario_live as live;

use args::Args;
use support::cli::{self, Failure, complain};
use support::output::{Output, Stdout};
use support::stop::{INTERRUPTED, Stop};

/// An accepted item did not arrive exactly once and in order.
const BROKEN: u8 = 1;

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: &Args) -> Result<ExitCode, Failure> {
    let scenario = args.scenario(args.live && stdout().is_terminal());
    scenario.validate().map_err(|error| Failure::Input(error.to_string()))?;
    let mut view = view(args.live, &scenario)?;
    let timeline = args.timeline.as_deref().map(Output::open).transpose().map_err(Failure::Input)?;
    let recorder = timeline.as_ref().map(|_| Recorder::default());
    let stop = Stop::on_signal(live::leave).map_err(Failure::Input)?;
    let stdout = Stdout::default();
    let has_lines = view.is_none() && !args.quiet && !args.json;
    let lines = has_lines.then(|| line_printer(stdout.clone(), stop.clone()));
    let observers = [lines, view.as_ref().map(live::View::observer), recorder.as_ref().map(Recorder::observer)];

    let run = scenario.start(observers.into_iter().flatten().collect());
    let run = run.map_err(|error| Failure::Input(error.to_string()))?;
    spawn({
        let (stop, control) = (stop.clone(), run.control());
        move || {
            stop.wait();
            control.close();
        }
    });
    if let Some(view) = &mut view {
        let stop = stop.clone();
        let shown = view.show(run.control(), move || stop.interrupt());
        shown.map_err(|error| Failure::Output(format!("cannot use the terminal: {error}")))?;
    }
    let report = run.join();
    let was_interrupted = stop.was_interrupted();
    if let Some(view) = view {
        view.hold(|| stop.was_interrupted());
    } // dropped before the report is printed, because it uses the same screen

    if args.json {
        stdout.line(serde_json::to_string_pretty(&report).expect("a report has only strings and finite numbers"));
    } else {
        stdout.line(format_args!("{}{report}", if has_lines { "\n" } else { "" }));
    }
    if let Some((output, recorder)) = timeline.zip(recorder) {
        let run = Recorded::new(&recorder.events(), scenario.capacity);
        output.write(&timeline::svg(&title(&report), &run)).map_err(Failure::Output)?;
    }
    stdout.check().map_err(Failure::Output)?;
    Ok(if was_interrupted {
        INTERRUPTED.into()
    } else if report.verdict.holds() {
        ExitCode::SUCCESS
    } else {
        BROKEN.into()
    })
}

/// Returns the live view, if it is wanted and possible.
fn view(is_wanted: bool, scenario: &Scenario) -> Result<Option<live::View>, Failure> {
    if !is_wanted {
        Ok(None)
    } else if !stdout().is_terminal() {
        complain("note: --live prints lines, because stdout is not a terminal");
        Ok(None)
    } else {
        let missing = || Failure::Input("this build has no live view; `cargo live` runs one that has".to_owned());
        live::View::new(scenario).map(Some).ok_or_else(missing)
    }
}

/// Returns an observer that prints a line for each item. It ends the run if stdout cannot be written.
fn line_printer(stdout: Stdout, stop: Stop) -> Observer {
    Box::new(move |event: &Event| {
        let worker = event.worker;
        let is_written = match event.action {
            Action::Pushed { value, .. } => stdout.line(format_args!("{worker} produced: {value}")),
            Action::Popped { value, .. } => stdout.line(format_args!("{worker} consumed: {value}")),
            Action::Failed => {
                complain(format_args!("{worker} failed")); // the report has the reason
                true
            }
            _ => true,
        };
        if !is_written {
            stop.request();
        }
    })
}

/// Returns the title of a picture: the parameters that repeat its run.
fn title(report: &Report) -> String {
    let Scenario { producers, consumers, capacity, .. } = &report.scenario;
    let seed = report.scenario.seed.expect("a report contains the seed");
    format!("bounded-buffer: capacity {capacity}, producers {producers}, consumers {consumers}, seed {seed}")
}

/// Replaces the live view in a build without the feature `live`. Its type has no values.
#[cfg(not(feature = "live"))]
mod live {
    use scenario::{Control, Observer, Scenario};

    pub(crate) enum View {}

    impl View {
        pub(crate) fn new(_: &Scenario) -> Option<Self> {
            None
        }

        pub(crate) fn observer(&self) -> Observer {
            match *self {}
        }

        pub(crate) fn show(&mut self, _: Control, _: impl Fn() + Send + 'static) -> std::io::Result<()> {
            match *self {}
        }

        pub(crate) fn hold(&self, _: impl Fn() -> bool) {
            match *self {}
        }
    }

    pub(crate) fn leave() {}
}
