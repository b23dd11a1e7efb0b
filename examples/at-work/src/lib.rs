//! The code that the programs share: flags, Ctrl-C, the report and the exit status.
//!
//! | exit status | meaning |
//! |---|---|
//! | 0 | the work is done and every proof holds |
//! | 1 | a proof or the work failed, or the report could not be written |
//! | 2 | bad input; one line on stderr names it |
//! | 3 | a program that is needed is not installed |
//! | 130 | Ctrl-C or SIGTERM: the accepted items are processed and reported, and every proof holds |

mod cleanup;
mod report;
mod stop;
pub mod web;

use std::fmt::Display;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use clap::Parser;

pub use cleanup::{Process, Scratch};
pub use report::Report;
pub use stop::Stop;

use report::{complain, print};

/// The reason why a program did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// The user's input is wrong.
    Input(String),
    /// A program that is needed is not installed.
    Missing(String),
    /// Ctrl-C while the input was generated: there is nothing to report.
    Interrupted,
    /// Stdout could not be written.
    Output(io::Error),
    /// Anything else.
    Work(String),
}

impl Failure {
    /// Returns a function for `map_err`: bad input, with what it was about.
    pub fn input<E: Display>(what: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self::Input(format!("{what}: {error}"))
    }

    /// Returns a function for `map_err`: failed work, with what it was about.
    pub fn work<E: Display>(what: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self::Work(format!("{what}: {error}"))
    }
}

const INTERRUPTED: u8 = 130;
/// Signals within this time are one request: `timeout` sends SIGTERM to its child and then to the child's process group.
const SAME_REQUEST: Duration = Duration::from_millis(500);

/// Parses the flags, runs the program and prints its report.
///
/// Ctrl-C and SIGTERM stop the sources; the accepted items are still processed. A second one ends the program immediately and
/// removes its directories and child processes.
pub fn main<Args: Parser>(run: impl FnOnce(&Args, &Stop) -> Result<Report, Failure>) -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let stop = Stop::default();
    if let Err(error) = stop_on_signal(stop.clone()) {
        return failed(Failure::Work(format!("cannot listen for Ctrl-C: {error}")));
    }
    let result = run(&args, &stop).and_then(|report| {
        print(&report.text)?;
        Ok(if report.status == 0 && stop.is_requested() { INTERRUPTED } else { report.status })
    });
    result.map_or_else(failed, ExitCode::from)
}

/// Prints the reason on stderr and returns the exit status.
fn failed(failure: Failure) -> ExitCode {
    let (status, text) = match failure {
        // The reader, such as `head`, has read enough.
        Failure::Output(error) if error.kind() == ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Failure::Output(error) => (1, format!("cannot write to stdout: {error}")),
        Failure::Work(text) => (1, text),
        Failure::Input(text) => (2, text),
        Failure::Missing(text) => (3, text),
        Failure::Interrupted => return INTERRUPTED.into(),
    };
    complain(text);
    status.into()
}

fn stop_on_signal(stop: Stop) -> Result<(), ctrlc::Error> {
    let mut first: Option<Instant> = None;
    ctrlc::set_handler(move || match first {
        None => {
            first = Some(Instant::now());
            stop.request();
        }
        Some(first) if first.elapsed() < SAME_REQUEST => {}
        Some(_) => cleanup::exit(INTERRUPTED),
    })
}

/// Prints on stderr that the program generates its input. The report alone goes to stdout.
pub fn preparing(what: impl Display) {
    _ = writeln!(io::stderr(), "making {what}"); // progress only: a stderr that cannot be written is no failure
}

/// Prints on stderr that the program has started.
pub fn started(what: impl Display) {
    _ = writeln!(io::stderr(), "{what}; Ctrl-C drains and reports"); // as in `preparing`
}

/// Prints `--help` in full, and of an error only the line with its cause.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    if error.use_stderr() {
        let cause: Vec<_> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        return failed(Failure::Input(cause.join(" ").trim_start_matches("error: ").to_owned()));
    }
    print(&text).map_or_else(failed, |()| ExitCode::SUCCESS)
}

/// Parses a count from 1 to `MAX`. The limit prevents a typing error from filling the disk.
///
/// # Errors
///
/// If the text is not a number in that range.
pub fn count<const MAX: usize>(text: &str) -> Result<usize, String> {
    match text.replace('_', "").parse() {
        Ok(number) if (1..=MAX).contains(&number) => Ok(number),
        Ok(_) => Err(format!("not in 1 to {MAX}")),
        Err(error) => Err(format!("{error}")),
    }
}

/// Returns the rate of a count.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "a count of a run is far below 2^53")]
pub fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Checks that the user's files can be read, before the work starts.
///
/// # Errors
///
/// If one is missing or not a regular file.
pub fn check(files: &[PathBuf]) -> Result<(), Failure> {
    for path in files {
        let metadata = fs::metadata(path).map_err(Failure::input(path.display()))?;
        if !metadata.is_file() {
            return Err(Failure::Input(format!("{}: not a file", path.display())));
        }
    }
    Ok(())
}

/// Starts a thread for each of these, with its own clone of the handle. The handle itself is dropped, so the buffer closes when
/// the last of the threads ends.
#[allow(clippy::needless_pass_by_value, reason = "the handle is dropped here")]
pub fn spawn<'scope, H, E, R>(
    threads: &'scope Scope<'scope, '_>,
    each: impl IntoIterator<Item = E>,
    handle: H,
    work: impl Fn(H, E) -> R + Copy + Send + 'scope,
) -> Vec<ScopedJoinHandle<'scope, R>>
where
    H: Clone + Send + 'scope,
    E: Send + 'scope,
    R: Send + 'scope,
{
    let start = |one| {
        let handle = handle.clone();
        threads.spawn(move || work(handle, one))
    };
    each.into_iter().map(start).collect()
}

/// Joins threads and returns their results in the same order.
///
/// # Panics
///
/// If a thread panicked.
pub fn join<T>(threads: Vec<ScopedJoinHandle<'_, T>>) -> impl Iterator<Item = T> {
    threads.into_iter().map(|thread| thread.join().expect("a thread panicked"))
}

/// Returns the number of cores that this process may use: rates depend on it.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
