//! The documented producer-consumer scenario, line for line, and a report of what became of it.
//!
//! `cargo run --release --example producer_consumer` runs it in real time, about two seconds; `--help` tells what can be
//! changed.

use std::error::Error;
use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write, stdout};
use std::process::{ExitCode, exit};
use std::sync::Arc;
use std::thread::spawn;

use bounded_buffer::BoundedBuffer;
use bounded_buffer::runner::{Action, Channel, Event, Item, Observer, Report, Run, Scenario};

use args::{Args, Through};
use live::{View, Watch};
use peers::{Crossbeam, Std};
use progress::Progress;
use recording::Recording;

mod args;
#[path = "../support/cli.rs"]
mod cli;
#[cfg(feature = "live")]
mod live;
#[cfg(not(feature = "live"))]
#[path = "live/absent.rs"]
mod live;
#[path = "../support/output.rs"]
mod output;
#[path = "../../tests/api/scenario/peers.rs"]
mod peers;
#[path = "../support/picture.rs"]
mod picture;
#[path = "../support/progress.rs"]
mod progress;
mod recording;

const BROKEN: u8 = 1;
const BAD_INPUT: u8 = 2;
/// 128 and the number of SIGINT, as shells report it.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let args = match cli::read::<Args>() {
        Ok(args) => args,
        Err(line) => {
            eprintln!("{line}");
            return BAD_INPUT.into();
        }
    };
    let result = match args.channel {
        Through::BoundedBuffer => run::<BoundedBuffer<Item>>(&args),
        Through::Std => run::<Std>(&args),
        Through::Crossbeam => run::<Crossbeam>(&args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        BAD_INPUT.into()
    })
}

fn run<C: Channel>(args: &Args) -> Result<ExitCode, Box<dyn Error>> {
    let scenario = args.scenario();
    let live = args.live && stdout().is_terminal();
    if live && !cfg!(feature = "live") {
        return Err("this build has no --live: `cargo live` runs one that has".into());
    }
    let watch = live.then(|| Watch::new(&scenario));
    let lines = (watch.is_none() && !args.quiet && !args.json).then_some(print_line);
    let recording = Recording::start(args.timeline.as_deref(), args.trace.as_deref())?;
    let observer = (lines, (watch.clone(), recording.as_ref().map(Recording::observer)));
    let ctrl_c = ctrl_c();
    let run = scenario.clone().start_on::<C, _>(observer)?;
    spawn({
        let (pressed, close) = (ctrl_c.clone(), run.closer());
        move || {
            // Nothing is ever pushed: what ends the pop is the close.
            _ = pressed.pop();
            close();
        }
    });
    let view = watch.map(|watch| {
        let pressed = ctrl_c.clone();
        View::open(watch, C::NAME, &scenario, run.stats_reader(), move || interrupt(&pressed))
    });
    let view = view.transpose().map_err(|error| format!("cannot take over the terminal: {error}"))?;
    let progress = args.json.then(|| progress(&run, &scenario));
    let report = run.join();
    drop((view, progress)); // the report is for the screen that stays

    if args.json {
        say(serde_json::to_string_pretty(&report).expect("a report is made of what JSON has"));
    } else if lines.is_some() {
        say(format_args!("\n{report}"));
    } else {
        say(&report);
    }
    if let Some(recording) = recording {
        recording.save(&title(&report), scenario.capacity)?;
    }
    Ok(if ctrl_c.is_closed() {
        INTERRUPTED.into()
    } else if report.verdict.holds() {
        ExitCode::SUCCESS
    } else {
        BROKEN.into()
    })
}

/// Of a picture: what would have to be typed to see it again.
fn title(report: &Report) -> String {
    let Scenario { producers, consumers, capacity, .. } = &report.scenario;
    let seed = report.scenario.seed.expect("a report names it");
    format!("{}: capacity {capacity}, producers {producers}, consumers {consumers}, seed {seed}", report.channel)
}

#[allow(clippy::cast_precision_loss, reason = "a share for people to see")]
fn progress<C: Channel, O: Observer>(run: &Run<C, O>, scenario: &Scenario) -> Progress {
    let (stats, total) = (run.stats_reader(), scenario.producers as f64 * scenario.items as f64);
    Progress::of(move || Some(stats()?.popped as f64 / total))
}

fn print_line(event: &Event) {
    let worker = event.worker;
    match event.action {
        Action::Pushed { value, .. } => say(format_args!("{worker} produced: {value}")),
        Action::Popped { value, .. } => say(format_args!("{worker} consumed: {value}")),
        Action::Failed => eprintln!("{worker} failed"), // the report says why
        _ => {}
    }
}

/// A line on stdout. A reader who has left, as `head` does, has seen enough: that is no error.
fn say(line: impl Display) {
    if let Err(error) = writeln!(stdout(), "{line}") {
        if error.kind() == ErrorKind::BrokenPipe {
            exit(0);
        }
        eprintln!("error: cannot write to stdout: {error}");
        exit(BROKEN.into());
    }
}

/// A buffer that Ctrl-C closes, so that a thread can wait for it; a second Ctrl-C ends the process.
fn ctrl_c() -> Arc<BoundedBuffer<()>> {
    let pressed = Arc::new(BoundedBuffer::new(1));
    let handler = pressed.clone();
    ctrlc::set_handler(move || interrupt(&handler)).expect("this program sets no other handler");
    pressed
}

fn interrupt(pressed: &BoundedBuffer<()>) {
    if !pressed.close() {
        live::leave();
        exit(INTERRUPTED.into());
    }
}
