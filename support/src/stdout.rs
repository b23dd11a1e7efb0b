//! Lines on stdout. A closed pipe ends the program quietly, any other error ends it with one line on stderr.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stdout};
use std::process::exit;

/// Prints a line. Does not return if stdout cannot be written.
pub fn print(line: impl Display) {
    if let Err(error) = writeln!(stdout(), "{line}") {
        if error.kind() == ErrorKind::BrokenPipe {
            exit(0); // the reader, such as `head`, has read enough
        }
        _ = writeln!(std::io::stderr(), "error: cannot write to stdout: {error}");
        exit(1);
    }
}
