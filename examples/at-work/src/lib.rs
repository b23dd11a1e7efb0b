//! What the programs share: flags, Ctrl-C, the report and the exit status.
//!
//! | exit status | means |
//! |---|---|
//! | 0 | done, and every proof holds |
//! | 1 | a proof failed, or the work did |
//! | 2 | bad input; one line on stderr says which |
//! | 3 | something that the program needs is not installed |
//! | 130 | Ctrl-C: what was accepted is done and reported, and every proof holds |

pub mod web;

use std::convert::Infallible;
use std::fmt::{Display, Write as _};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, PopTimeoutError, Stats};
use clap::Parser;
use tempfile::TempDir;

/// Asks the sources of a program to stop; the rest follows, because the last source closes its buffer behind it.
///
/// It is a buffer that nothing is ever pushed into: closing it wakes everybody who waits in it. Go's `done` channel.
#[derive(Clone)]
pub struct Stop(Arc<BoundedBuffer<Infallible>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(BoundedBuffer::new(1)))
    }
}

impl Stop {
    /// Stops every source that asks.
    pub fn request(&self) {
        self.0.close();
    }

    /// Should a source stop?
    #[must_use]
    pub fn requested(&self) -> bool {
        self.0.is_closed()
    }

    /// Sleeps, but not longer than until the request. Should the source stop?
    #[must_use]
    pub fn sleep(&self, time: Duration) -> bool {
        self.0.pop_timeout(time) == Err(PopTimeoutError::Closed)
    }
}

/// Why a program could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// What the user asked for makes no sense.
    Input(String),
    /// Something that the program needs is not installed.
    Missing(String),
    /// All else.
    Work(String),
}

impl Failure {
    /// For `map_err`: bad input, with what it was about.
    pub fn input<E: Display>(what: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self::Input(format!("{what}: {error}"))
    }

    /// For `map_err`: failed work, with what it was about.
    pub fn work<E: Display>(what: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self::Work(format!("{what}: {error}"))
    }
}

/// What a program prints in the end.
#[derive(Default)]
pub struct Report {
    text: String,
    status: u8,
}

impl Report {
    /// One line: a name and what there is to say.
    pub fn line(&mut self, name: &str, value: impl Display) {
        // Writing to a string cannot fail.
        _ = writeln!(self.text, "{name:<22} {value}");
    }

    /// What a buffer says about itself.
    pub fn buffer(&mut self, name: &str, capacity: usize, stats: &Stats) {
        self.line(
            name,
            format_args!(
                "{} in, {} out; at most {} of {capacity} at once; {} pushes slept {:.1?}, {} pops {:.1?}",
                stats.pushed,
                stats.popped,
                stats.high_water,
                stats.push_waits,
                stats.push_wait_time,
                stats.pop_waits,
                stats.pop_wait_time
            ),
        );
    }

    /// Says on stderr what was wrong with the input; the rest is reported all the same. Makes the exit status 2.
    pub fn bad_input(&mut self, what: impl Display) {
        eprintln!("error: {what}");
        self.status = 2;
    }

    /// The measured figure that the program is for.
    pub fn figure(&mut self, value: impl Display) {
        self.line("figure", value);
    }

    /// A claim of the program's and whether it holds. One that does not makes the exit status 1.
    pub fn proof(&mut self, holds: bool, claim: impl Display) {
        if !holds {
            self.status = 1;
        }
        self.line("proof", format_args!("{claim}: {}", if holds { "yes" } else { "NO" }));
    }
}

/// Reads the flags, runs the program, prints its report. Ctrl-C stops the sources, a second one ends at once.
pub fn main<Args: Parser>(run: impl FnOnce(&Args, &Stop) -> Result<Report, Failure>) -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let stop = Stop::default();
    let handler = stop.clone();
    if let Err(error) = ctrlc::set_handler(move || {
        if handler.requested() {
            std::process::exit(130);
        }
        handler.request();
    }) {
        return end(1, &format!("cannot listen for Ctrl-C: {error}"));
    }
    match run(&args, &stop) {
        Ok(report) => {
            // Nobody is left to be told when stdout is gone.
            _ = std::io::stdout().write_all(report.text.as_bytes());
            ExitCode::from(if report.status == 0 && stop.requested() { 130 } else { report.status })
        }
        Err(Failure::Work(text)) => end(1, &text),
        Err(Failure::Input(text)) => end(2, &text),
        Err(Failure::Missing(text)) => end(3, &text),
    }
}

/// Says that the program is under way, on stderr, so that stdout has the report alone.
pub fn started(what: impl Display) {
    eprintln!("{what}; Ctrl-C drains and reports");
}

fn end(status: u8, text: &str) -> ExitCode {
    eprintln!("error: {text}");
    ExitCode::from(status)
}

/// `--help` as it is; of a mistake the one line that says what is wrong.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    if error.use_stderr() {
        let mistake: Vec<_> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        end(2, mistake.join(" ").trim_start_matches("error: "))
    } else {
        _ = std::io::stdout().write_all(text.as_bytes()); // as above
        ExitCode::SUCCESS
    }
}

/// A flag that counts something: from 1 up to `MAX`, so that a slip of the finger does not fill the disk.
///
/// # Errors
///
/// If it is no number, or not in the range.
pub fn count<const MAX: usize>(text: &str) -> Result<usize, String> {
    match text.replace('_', "").parse() {
        Ok(number) if (1..=MAX).contains(&number) => Ok(number),
        Ok(_) => Err(format!("not in 1 to {MAX}")),
        Err(error) => Err(format!("{error}")),
    }
}

/// How many a second.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "a count of a run is far below 2^53")]
pub fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// A directory that goes away with the program.
///
/// # Errors
///
/// If there is no place for one.
pub fn scratch() -> Result<TempDir, Failure> {
    tempfile::tempdir().map_err(Failure::work("cannot make a directory"))
}

/// Checks the files that the user names, before anything is done.
///
/// # Errors
///
/// If one is not there, or is no file.
pub fn check(files: &[PathBuf]) -> Result<(), Failure> {
    for path in files {
        let it = fs::metadata(path).map_err(Failure::input(path.display()))?;
        if !it.is_file() {
            return Err(Failure::Input(format!("{}: not a file", path.display())));
        }
    }
    Ok(())
}

/// What threads return, in their order.
///
/// # Panics
///
/// If one of them did.
pub fn join<T>(threads: Vec<ScopedJoinHandle<'_, T>>) -> impl Iterator<Item = T> {
    threads.into_iter().map(|thread| thread.join().expect("a thread panicked"))
}
