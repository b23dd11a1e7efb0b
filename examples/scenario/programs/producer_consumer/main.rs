//! The documented producer-consumer scenario with flags, pictures and a report. `examples/pattern.rs` is the same scenario
//! on the library alone.
//!
//! `cargo run --release --example producer_consumer` runs it in real time, which takes about two seconds; `--help` lists the
//! flags.

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;
use std::thread::spawn;

use bounded_buffer::BoundedBuffer;
use scenario::{Action, Channel, Crossbeam, Event, Item, Observer, Report, Run, Scenario, Std};
#[cfg(feature = "live")]
use scenario_live as live;

use args::{Args, ChannelName};
use live::{View, Watch};
use recording::Recording;
use support::cli::{self, Failure, complain};
use support::output::Stdout;
use support::progress::Progress;
use support::stop::{INTERRUPTED, Stop};

#[cfg(not(feature = "live"))]
use absent as live;

#[cfg(not(feature = "live"))]
mod absent;
mod args;
mod recording;

/// An accepted item did not arrive exactly once and in order.
const BROKEN: u8 = 1;

fn main() -> ExitCode {
    cli::main(|args: &Args| match args.channel {
        ChannelName::BoundedBuffer => run::<BoundedBuffer<Item>>(args),
        ChannelName::Std => run::<Std>(args),
        ChannelName::Crossbeam => run::<Crossbeam>(args),
    })
}

fn run<C: Channel>(args: &Args) -> Result<ExitCode, Failure> {
    let scenario = args.scenario(args.live && stdout().is_terminal());
    scenario.validate().map_err(|error| Failure::Input(error.to_string()))?;
    let watch = watch(args.live, &scenario)?;
    let recording = Recording::open(args.timeline.as_deref(), args.trace.as_deref()).map_err(Failure::Input)?;
    let stop = Stop::on_signal(live::leave).map_err(Failure::Input)?;
    let stdout = Stdout::default();
    let lines = (watch.is_none() && !args.quiet && !args.json).then(|| line_printer(stdout.clone(), stop.clone()));
    let has_lines = lines.is_some();
    let observer = (lines, (watch.clone(), recording.as_ref().map(Recording::observer)));

    let run = scenario.start_on::<C, _>(observer).map_err(|error| Failure::Input(error.to_string()))?;
    spawn({
        let (stop, close) = (stop.clone(), run.closer());
        move || {
            stop.wait();
            close();
        }
    });
    let view = watch.map(|watch| {
        let stop = stop.clone();
        View::open(watch, C::NAME, &scenario, run.stats_reader(), move || stop.interrupt())
    });
    let view = view.transpose().map_err(|error| Failure::Output(format!("cannot use the terminal: {error}")))?;
    let progress = args.json.then(|| progress(&run, &scenario));
    let report = run.join();
    let was_interrupted = stop.was_interrupted();
    if let Some(view) = &view {
        view.hold(|| stop.was_interrupted());
    }
    drop((view, progress)); // before the report is printed, because they use the same screen

    if args.json {
        stdout.line(serde_json::to_string_pretty(&report).expect("a report has only strings and finite numbers"));
    } else {
        stdout.line(format_args!("{}{report}", if has_lines { "\n" } else { "" }));
    }
    if let Some(recording) = recording {
        recording.save(&title(&report), scenario.capacity).map_err(Failure::Output)?;
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

/// Returns the observer for the live view, if it is wanted and possible.
fn watch(is_wanted: bool, scenario: &Scenario) -> Result<Option<Watch>, Failure> {
    if !is_wanted {
        Ok(None)
    } else if !stdout().is_terminal() {
        complain("note: --live prints lines, because stdout is not a terminal");
        Ok(None)
    } else {
        let missing = || Failure::Input("this build has no live view; `cargo live` runs one that has".to_owned());
        Watch::new(scenario).map(Some).ok_or_else(missing)
    }
}

/// Returns an observer that prints a line for each item. It ends the run if stdout cannot be written.
fn line_printer(stdout: Stdout, stop: Stop) -> impl Observer {
    move |event: &Event| {
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
    }
}

/// Returns the title of a picture: the parameters that repeat its run.
fn title(report: &Report) -> String {
    let Scenario { producers, consumers, capacity, .. } = &report.scenario;
    let seed = report.scenario.seed.expect("a report contains the seed");
    format!("{}: capacity {capacity}, producers {producers}, consumers {consumers}, seed {seed}", report.channel)
}

#[allow(clippy::cast_precision_loss, reason = "a fraction for display")]
fn progress<C: Channel, O: Observer>(run: &Run<C, O>, scenario: &Scenario) -> Progress {
    let (stats, total) = (run.stats_reader(), scenario.producers as f64 * scenario.items as f64);
    Progress::of(move || Some(stats()?.popped as f64 / total))
}
