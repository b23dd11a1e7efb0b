//! The documented producer-consumer scenario with flags, pictures and a report. `examples/pattern.rs` is the same scenario
//! on the library alone.
//!
//! `cargo run --release --example producer_consumer` runs it in real time, which takes about two seconds; `--help` lists the
//! flags.

mod args;
mod timeline;

use std::io::{IsTerminal, stdout};
use std::process::{ExitCode, exit};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use scenario::lanes::Recorded;
use scenario::{Action, Event, Report, Run, Scenario};

use args::Args;
use support::cli::{self, Failure, complain};
use support::output::{Output, Stdout};

/// An accepted item did not arrive exactly once and in order.
const BROKEN: u8 = 1;

/// 128 and the number of SIGINT, as shells report it.
const INTERRUPTED: u8 = 130;

/// Interrupts within this time are one request: `timeout` sends SIGTERM to its child and again to the child's process group.
const SAME_REQUEST: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: &Args) -> Result<ExitCode, Failure> {
    let has_view = args.live && stdout().is_terminal();
    let run = Arc::new(Run::new(&args.scenario(has_view)).map_err(Failure::Input)?);
    if args.live && !has_view {
        complain("note: --live prints lines, because stdout is not a terminal");
    }
    let timeline = args.timeline.as_deref().map(Output::open).transpose().map_err(Failure::Input)?;
    let stop = Stop::on_signal(run.clone()).map_err(Failure::Input)?;
    let stdout = Stdout::default();
    let has_lines = !has_view && !args.quiet;
    let report = if has_view {
        show(&run, &stop)?
    } else if has_lines {
        run.execute(|event| print_line(event, &stdout, &run)).map_err(Failure::Input)?
    } else {
        run.execute(|_| {}).map_err(Failure::Input)?
    };

    stdout.line(format_args!("{}{report}", if has_lines { "\n" } else { "" }));
    if let Some(output) = timeline {
        let run = Recorded::new(&report.events, report.scenario.capacity);
        output.write(&timeline::svg(&title(&report), &run)).map_err(Failure::Output)?;
    }
    stdout.check().map_err(Failure::Output)?;
    Ok(if stop.was_interrupted() && report.closed_early {
        INTERRUPTED.into()
    } else if report.verdict.holds() {
        ExitCode::SUCCESS
    } else {
        BROKEN.into()
    })
}

/// Executes the run with the live view.
#[cfg(feature = "live")]
fn show(run: &Run, stop: &Stop) -> Result<Report, Failure> {
    scenario_live::show(run, || stop.interrupt(), || stop.was_interrupted()).map_err(Failure::Output)
}

#[cfg(not(feature = "live"))]
fn show(_: &Run, _: &Stop) -> Result<Report, Failure> {
    Err(Failure::Input("this build has no live view; `cargo live` runs one that has".to_owned()))
}

/// The request to end a run early, by Ctrl-C, by SIGTERM or by a key.
#[derive(Clone)]
struct Stop {
    run: Arc<Run>,
    /// When the first signal or key arrived.
    first: Arc<OnceLock<Instant>>,
}

impl Stop {
    /// Closes the run on Ctrl-C and SIGTERM. Call it once.
    fn on_signal(run: Arc<Run>) -> Result<Self, String> {
        let stop = Self { run, first: Arc::default() };
        let handler = stop.clone();
        ctrlc::set_handler(move || handler.interrupt()).map_err(|error| format!("cannot handle Ctrl-C: {error}"))?;
        Ok(stop)
    }

    /// Closes the run because of a signal or a key. A second one, after `SAME_REQUEST`, ends the process immediately.
    fn interrupt(&self) {
        if self.first.get_or_init(Instant::now).elapsed() >= SAME_REQUEST {
            #[cfg(feature = "live")]
            scenario_live::leave();
            exit(INTERRUPTED.into());
        }
        self.run.close();
    }

    /// Returns whether a signal or a key has arrived.
    fn was_interrupted(&self) -> bool {
        self.first.get().is_some()
    }
}

/// Prints a line for each item. Ends the run if stdout cannot be written.
fn print_line(event: &Event, stdout: &Stdout, run: &Run) {
    let worker = event.worker;
    let is_written = match event.action {
        Action::Pushed { value, .. } => stdout.line(format_args!("{worker} produced: {value}")),
        Action::Popped { value, .. } => stdout.line(format_args!("{worker} consumed: {value}")),
        Action::Failed => {
            complain(format_args!("{worker} failed"));
            true
        }
        _ => true,
    };
    if !is_written {
        run.close();
    }
}

/// Returns the title of a picture: the parameters that repeat its run.
fn title(report: &Report) -> String {
    let Scenario { producers, consumers, capacity, .. } = &report.scenario;
    let seed = report.scenario.seed.expect("a report contains the seed");
    format!("bounded-buffer: capacity {capacity}, producers {producers}, consumers {consumers}, seed {seed}")
}
