//! The report at the end of a program.

use std::fmt::{Display, Write as _};
use std::io::{self, ErrorKind, Write as _};

use bounded_buffer::Stats;

use crate::Failure;

/// Collects the lines that a program prints at its end, and its exit status.
#[derive(Default)]
pub struct Report {
    pub(crate) text: String,
    pub(crate) status: u8,
}

impl Report {
    /// Adds one line: a name and a value.
    pub fn line(&mut self, name: &str, value: impl Display) {
        // Writing to a string cannot fail.
        _ = writeln!(self.text, "{name:<22} {value}");
    }

    /// Adds the counters of a buffer.
    pub fn buffer(&mut self, name: &str, capacity: usize, stats: &Stats) {
        self.line(
            name,
            format_args!(
                "{} pushed, {} popped; high water {} of {capacity}; {} pushes waited {:.1?}, {} pops waited {:.1?}",
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

    /// Prints one line about bad input on stderr and makes the exit status 2. The report is printed all the same.
    pub fn bad_input(&mut self, what: impl Display) {
        complain(what);
        self.status = 2;
    }

    /// Adds the measured figure that the program demonstrates.
    pub fn figure(&mut self, value: impl Display) {
        self.line("figure", value);
    }

    /// Adds a claim and whether it holds. A claim that fails makes the exit status 1.
    pub fn proof(&mut self, holds: bool, claim: impl Display) {
        if !holds {
            self.status = 1;
        }
        self.line("proof", format_args!("{claim}: {}", if holds { "yes" } else { "NO" }));
    }
}

/// Writes text to stdout. A closed pipe is no error: the reader, such as `head`, has read enough.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Prints one line on stderr.
pub(crate) fn complain(what: impl Display) {
    // If stderr cannot be written, the exit status still reports the error.
    _ = writeln!(io::stderr(), "error: {what}");
}
