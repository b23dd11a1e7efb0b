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
pub mod web;

use std::convert::Infallible;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use bounded_buffer::BoundedBuffer;
use clap::Parser;
use support::cli::{self, complain};
use support::stdout;

pub use cleanup::{Process, scratch};
pub use report::Report;

/// The reason why a program did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// The user's input is wrong.
    Input(String),
    /// A program that is needed is not installed.
    Missing(String),
    /// Ctrl-C while the input was generated: there is nothing to report.
    Interrupted,
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
    cli::main(|args| {
        let stop = Stop::default();
        stop_on_signal(stop.clone());
        let (status, error) = match run(args, &stop) {
            Ok(report) => {
                report.lines.iter().for_each(stdout::print);
                (if report.status == 0 && stop.is_requested() { INTERRUPTED } else { report.status }, None)
            }
            Err(Failure::Interrupted) => (INTERRUPTED, None),
            Err(Failure::Work(text)) => (1, Some(text)),
            Err(Failure::Input(text)) => (2, Some(text)),
            Err(Failure::Missing(text)) => (3, Some(text)),
        };
        if let Some(error) = error {
            complain(format_args!("error: {error}"));
        }
        Ok(status.into())
    })
}

fn stop_on_signal(stop: Stop) {
    let mut first: Option<Instant> = None;
    let handler = move || match first {
        None => {
            first = Some(Instant::now());
            stop.request();
        }
        Some(first) if first.elapsed() < SAME_REQUEST => {}
        Some(_) => cleanup::exit(INTERRUPTED),
    };
    ctrlc::set_handler(handler).expect("no other handler is set");
}

/// Asks the sources of a program to stop. The later stages follow: the last source drops its handle, which closes the buffer.
///
/// Nothing is pushed into the buffer inside. Closing it wakes all threads that wait for it, as closing a `done` channel does
/// in Go.
#[derive(Clone)]
pub struct Stop(Arc<BoundedBuffer<Infallible>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(BoundedBuffer::new(1)))
    }
}

impl Stop {
    /// Requests the stop and wakes the threads in `sleep`.
    pub fn request(&self) {
        self.0.close();
    }

    /// Returns true once the stop was requested.
    pub fn is_requested(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits for the request, in a task.
    pub async fn requested(&self) {
        self.0.closed().await;
    }

    /// Sleeps for `time` or until the request, whichever comes first. Returns true if the stop was requested.
    pub fn sleep(&self, time: Duration) -> bool {
        self.0.wait_closed_timeout(time)
    }
}

/// Prints on stderr that the program has started. The report alone goes to stdout.
pub fn started(what: impl Display) {
    complain(format_args!("{what}; Ctrl-C drains and reports"));
}

/// Returns the user's files, which must be regular files, or generates files with these names in `directory`. `generate` receives
/// the number and the path of a file.
pub fn inputs<E: Display>(
    users: &[PathBuf],
    directory: &Path,
    names: impl IntoIterator<Item = String>,
    stop: &Stop,
    generate: impl Fn(usize, &Path) -> Result<(), E>,
) -> Result<Vec<PathBuf>, Failure> {
    for path in users {
        if !fs::metadata(path).map_err(Failure::input(path.display()))?.is_file() {
            return Err(Failure::Input(format!("{}: not a file", path.display())));
        }
    }
    if !users.is_empty() {
        return Ok(users.to_vec());
    }
    let paths: Vec<_> = names.into_iter().map(|name| directory.join(name)).collect();
    complain(format_args!("making {} files", paths.len()));
    for (number, path) in paths.iter().enumerate() {
        generate(number, path).map_err(Failure::work(path.display()))?;
        if stop.is_requested() {
            return Err(Failure::Interrupted);
        }
    }
    Ok(paths)
}

/// Parses a count from 1 to `MAX`. The limit prevents a typing error from filling the disk.
pub fn count<const MAX: usize>(text: &str) -> Result<usize, String> {
    match text.replace('_', "").parse() {
        Ok(number) if (1..=MAX).contains(&number) => Ok(number),
        Ok(_) => Err(format!("not in 1 to {MAX}")),
        Err(error) => Err(format!("{error}")),
    }
}

/// Returns the rate of a count.
#[allow(clippy::cast_precision_loss, reason = "a count of a run is far below 2^53")]
pub fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
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

/// Joins threads and returns their results in the same order. Panics if a thread has.
pub fn join<T>(threads: Vec<ScopedJoinHandle<'_, T>>) -> impl Iterator<Item = T> {
    threads.into_iter().map(|thread| thread.join().expect("a thread panicked"))
}

/// Returns the number of cores that this process may use: rates depend on it.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
