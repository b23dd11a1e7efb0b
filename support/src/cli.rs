//! The command line of an example: flags, errors in one line, the exit status, and ranges typed as `100..300`.

use std::fmt::{self, Display};
use std::io::{Write, stderr};
use std::ops::Range;
use std::process::ExitCode;
use std::str::FromStr;

use clap::Parser;

/// Why a program ends without a result.
pub enum Failure {
    /// The input cannot be used: exit status 2.
    Input(String),
    /// The output cannot be written: exit status 1.
    Output(String),
}

/// Parses the flags and runs the program. Prints a failure as one line on stderr.
pub fn main<A: Parser>(run: impl FnOnce(&A) -> Result<ExitCode, Failure>) -> ExitCode {
    parse().and_then(|args| if let Some(args) = args { run(&args) } else { Ok(ExitCode::SUCCESS) }).unwrap_or_else(
        |failure| {
            let (status, text) = match failure {
                Failure::Output(text) => (1, text),
                Failure::Input(text) => (2, text),
            };
            complain(format_args!("error: {text}"));
            ExitCode::from(status)
        },
    )
}

/// Returns the flags, or `None` after printing `--help`. Of clap's errors, only the lines with the cause are kept.
fn parse<A: Parser>() -> Result<Option<A>, Failure> {
    let error = match A::try_parse() {
        Ok(args) => return Ok(Some(args)),
        Err(error) => error,
    };
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => Ok(None),
            Err(error) => Err(Failure::Output(format!("cannot write to stdout: {error}"))),
        };
    }
    // The cause is above the first empty line; suggestions are below it.
    let text = error.to_string();
    let cause: Vec<_> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    Err(Failure::Input(cause.join(" ").trim_start_matches("error: ").to_owned()))
}

/// Prints one line on stderr.
pub fn complain(line: impl Display) {
    // Ignored: there is no other place to report it, and the exit status still does.
    _ = writeln!(stderr(), "{line}");
}

/// A range of milliseconds, typed as `100..300`.
#[derive(Clone)]
pub struct Millis(pub Range<u64>);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.0.start, self.0.end)
    }
}

impl FromStr for Millis {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (start, end) = pair(text, "..").ok_or("expected two whole numbers, as in 100..300")?;
        Ok(Self(start..end))
    }
}

/// Parses two values with a separator between them.
pub fn pair<A: FromStr, B: FromStr>(text: &str, separator: &str) -> Option<(A, B)> {
    let (left, right) = text.split_once(separator)?;
    Some((left.trim().parse().ok()?, right.trim().parse().ok()?))
}
