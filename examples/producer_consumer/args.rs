//! The command line, and the scenario that it describes.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use bounded_buffer::runner::{Failure, Scenario};
use clap::{Parser, ValueEnum};

/// The documented producer-consumer scenario on a bounded buffer, in real time.
///
/// Producers push random items and pause; consumers pop them and pause. When all
/// producers are done the buffer is closed, consumers drain it, and a report
/// follows. Ctrl-C closes it early; a second Ctrl-C ends the program at once.
///
/// Exit status: 0 every accepted item arrived once and in order; 1 not so;
/// 2 bad input; 130 closed by Ctrl-C.
#[derive(Parser)]
#[command(name = "producer_consumer", verbatim_doc_comment)]
pub(crate) struct Args {
    /// Threads that push
    #[arg(long, value_name = "N", default_value_t = Scenario::default().producers)]
    producers: usize,

    /// Threads that pop
    #[arg(long, value_name = "N", default_value_t = Scenario::default().consumers)]
    consumers: usize,

    /// Slots of the buffer
    #[arg(long, value_name = "N", default_value_t = Scenario::default().capacity)]
    capacity: usize,

    /// Items that each producer pushes
    #[arg(long, value_name = "N", default_value_t = Scenario::default().items)]
    items: u64,

    /// Pause of a producer after each item, in ms: from A to below B
    #[arg(long, value_name = "A..B", default_value_t = Millis(Scenario::default().produce_ms))]
    produce_ms: Millis,

    /// Pause of a consumer after each item, in ms: from A to below B
    #[arg(long, value_name = "A..B", default_value_t = Millis(Scenario::default().consume_ms))]
    consume_ms: Millis,

    /// Repeats the items and pauses of the run whose report names this seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Multiplies every pause; 0 means no pause at all
    #[arg(long, value_name = "X", default_value_t = Scenario::default().time_scale, allow_negative_numbers = true)]
    time_scale: f64,

    /// What the items go through; std admits one consumer only
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Through::BoundedBuffer)]
    pub(crate) channel: Through,

    /// Makes producer N panic at its item ITEM; both count from 1
    #[arg(long, value_name = "N@ITEM", value_parser = failure)]
    fail_producer: Option<Failure>,

    /// Prints the report only, no line for each item
    #[arg(long)]
    pub(crate) quiet: bool,

    /// Prints the report as JSON, and no line for each item
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Through {
    BoundedBuffer,
    Std,
    Crossbeam,
}

impl Args {
    /// The arguments of this process; or, as text for the user, what is wrong with them, in one line.
    pub(crate) fn read() -> Result<Self, String> {
        Self::try_parse().map_err(|error| {
            if !error.use_stderr() {
                error.exit(); // help was asked for
            }
            // The message proper is what stands above the first empty line; below it are hints.
            let text = error.to_string();
            text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect::<Vec<_>>().join(" ")
        })
    }

    pub(crate) fn scenario(&self) -> Scenario {
        Scenario {
            capacity: self.capacity,
            producers: self.producers,
            consumers: self.consumers,
            items: self.items,
            produce_ms: self.produce_ms.0.clone(),
            consume_ms: self.consume_ms.0.clone(),
            seed: self.seed,
            time_scale: self.time_scale,
            fail: self.fail_producer,
            ..Scenario::default()
        }
    }
}

/// A range as it is typed: `100..300`.
#[derive(Clone)]
struct Millis(Range<u64>);

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

fn failure(text: &str) -> Result<Failure, &'static str> {
    let (producer, item) = pair(text, "@").ok_or("expected two whole numbers, as in 1@3")?;
    Ok(Failure { producer, item })
}

fn pair<A: FromStr, B: FromStr>(text: &str, separator: &str) -> Option<(A, B)> {
    let (left, right) = text.split_once(separator)?;
    Some((left.trim().parse().ok()?, right.trim().parse().ok()?))
}
