//! The documented producer-consumer scenario with flags, pictures and a report. `examples/pattern.rs` is the same scenario
//! on the library alone.
//!
//! `cargo run --release --example producer_consumer` runs it in real time, which takes about two seconds; `--help` lists the
//! flags.

mod args;
mod stop;
mod timeline;

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;
use std::sync::Arc;

use scenario::lanes::Recorded;
use scenario::{Action, Event, Report, Run, Scenario, StartError};

use args::Args;
use stop::{INTERRUPTED, Stop};
use support::cli::{self, Failure, complain};
use support::output::{Output, Stdout};

/// An accepted item did not arrive exactly once and in order.
const BROKEN: u8 = 1;

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: &Args) -> Result<ExitCode, Failure> {
    let has_view = args.live && stdout().is_terminal();
    let run = Arc::new(Run::new(&args.scenario(has_view)).map_err(cannot_start)?);
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
        run.execute(|event| print_line(event, &stdout, &run)).map_err(cannot_start)?
    } else {
        run.execute(|_| {}).map_err(cannot_start)?
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

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn cannot_start(error: StartError) -> Failure {
    Failure::Input(error.to_string())
}

/// Executes the run with the live view.
#[cfg(feature = "live")]
fn show(run: &Run, stop: &Stop) -> Result<Report, Failure> {
    let report = scenario_live::show(run, || stop.interrupt(), || stop.was_interrupted());
    report.map_err(|error| Failure::Output(format!("cannot use the terminal: {error}")))?.map_err(cannot_start)
}

#[cfg(not(feature = "live"))]
fn show(_: &Run, _: &Stop) -> Result<Report, Failure> {
    Err(Failure::Input("this build has no live view; `cargo live` runs one that has".to_owned()))
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
