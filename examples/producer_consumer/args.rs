//! The command line, and the scenario that it describes.

use std::path::PathBuf;

use bounded_buffer::runner::{Failure, Scenario};
use clap::{Parser, ValueEnum};

use crate::cli::{Millis, pair};

/// The documented producer-consumer scenario on a bounded buffer, in real time.
///
/// Producers push random items and pause; consumers pop them and pause. When all
/// producers are done the buffer is closed, consumers drain it, and a report
/// follows. Ctrl-C (with --live, also q) closes it early; a second one ends the
/// program at once.
///
/// Exit status: 0 every accepted item arrived once and in order; 1 not so;
/// 2 bad input; 130 closed by Ctrl-C or q.
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

    /// What the items go through; std supports only one consumer
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Through::BoundedBuffer)]
    pub(crate) channel: Through,

    /// Makes producer N panic at its item ITEM; both count from 1
    #[arg(long, value_name = "N@ITEM", value_parser = failure)]
    fail_producer: Option<Failure>,

    /// Shows slots and threads as they go, not lines, if stdout is a terminal
    #[arg(long, conflicts_with_all = ["quiet", "json"])]
    pub(crate) live: bool,

    /// Draws what each thread did and how full the buffer was, as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) timeline: Option<PathBuf>,

    /// Writes the same for ui.perfetto.dev or chrome://tracing
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,

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

fn failure(text: &str) -> Result<Failure, &'static str> {
    let (producer, item) = pair(text, "@").ok_or("expected two whole numbers, as in 1@3")?;
    Ok(Failure { producer, item })
}
