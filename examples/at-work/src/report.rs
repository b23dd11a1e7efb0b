//! The report at the end of a program.

use std::fmt::Display;

use bounded_buffer::Stats;
use support::cli::complain;

/// Collects the lines that a program prints at its end, and its exit status.
#[derive(Default)]
pub struct Report {
    pub(crate) lines: Vec<String>,
    pub(crate) status: u8,
}

impl Report {
    /// Adds one line: a name and a value.
    pub fn line(&mut self, name: &str, value: impl Display) {
        self.lines.push(format!("{name:<22} {value}"));
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
        complain(format_args!("error: {what}"));
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
