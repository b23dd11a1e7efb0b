//! What the command lines of the examples share: an error is one line, and a range is typed as `100..300`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use clap::Parser;

/// The arguments of this process; or, as text for the user, what is wrong with them, in one line.
pub(crate) fn read<A: Parser>() -> Result<A, String> {
    A::try_parse().map_err(|error| {
        if !error.use_stderr() {
            error.exit(); // help was asked for
        }
        // The message proper is what stands above the first empty line; below it are hints.
        let text = error.to_string();
        text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect::<Vec<_>>().join(" ")
    })
}

/// A range as it is typed: `100..300`.
#[derive(Clone)]
pub(crate) struct Millis(pub(crate) Range<u64>);

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

/// Two things with something between them.
pub(crate) fn pair<A: FromStr, B: FromStr>(text: &str, separator: &str) -> Option<(A, B)> {
    let (left, right) = text.split_once(separator)?;
    Some((left.trim().parse().ok()?, right.trim().parse().ok()?))
}
