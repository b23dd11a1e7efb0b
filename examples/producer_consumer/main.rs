//! The documented producer-consumer scenario, line for line, and a report of what became of it.
//!
//! `cargo run --release --example producer_consumer` runs it in real time, about two seconds; `--help` tells what can be
//! changed.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::process::{ExitCode, exit};
use std::sync::Arc;
use std::thread::spawn;

use bounded_buffer::BoundedBuffer;
use bounded_buffer::runner::{Action, Channel, Event, Item, StartError};

use args::{Args, Through};
use peers::{Crossbeam, Std};

mod args;
#[path = "../support/cli.rs"]
mod cli;
mod peers;

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

fn run<C: Channel>(args: &Args) -> Result<ExitCode, StartError> {
    let lines = (!args.quiet && !args.json).then_some(print_line);
    let ctrl_c = ctrl_c();
    let run = args.scenario().start_on::<C, _>(lines)?;
    spawn({
        let (pressed, close) = (ctrl_c.clone(), run.closer());
        move || {
            // Nothing is ever pushed: what ends the pop is the close.
            _ = pressed.pop();
            close();
        }
    });
    let report = run.join();

    if args.json {
        say(serde_json::to_string_pretty(&report).expect("a report is made of what JSON has"));
    } else if args.quiet {
        say(&report);
    } else {
        say(format_args!("\n{report}"));
    }
    Ok(if ctrl_c.is_closed() {
        INTERRUPTED.into()
    } else if report.verdict.holds() {
        ExitCode::SUCCESS
    } else {
        BROKEN.into()
    })
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
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
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
    ctrlc::set_handler(move || {
        if !handler.close() {
            exit(INTERRUPTED.into());
        }
    })
    .expect("this program sets no other handler");
    pressed
}
