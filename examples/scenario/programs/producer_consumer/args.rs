//! The flags, and the scenario that they describe.

use std::path::PathBuf;

use clap::Parser;
use scenario::{Failure, Scenario};

use support::cli::{Millis, pair};

/// The documented producer-consumer scenario on a bounded buffer, in real time.
///
/// Producers push random items, with a delay after each; consumers pop them, with
/// a delay after each. When all producers are done, the buffer is closed and the
/// consumers drain it. A report follows. Ctrl-C, SIGTERM and, with --live, q close
/// the buffer early. A second Ctrl-C after half a second ends the program without
/// a report. With --live, the last picture stays until q.
///
/// Exit status: 0 each accepted item arrived once and in order; 1 one did not, or
/// the output could not be written; 2 bad input; 130 closed by Ctrl-C or q.
#[derive(Parser)]
#[command(name = "producer_consumer", verbatim_doc_comment)]
pub(crate) struct Args {
    /// Number of threads that push
    #[arg(long, value_name = "N", default_value_t = Scenario::default().producers)]
    producers: usize,

    /// Number of threads that pop
    #[arg(long, value_name = "N", default_value_t = Scenario::default().consumers)]
    consumers: usize,

    /// Number of slots of the buffer
    #[arg(long, value_name = "N", default_value_t = Scenario::default().capacity)]
    capacity: usize,

    /// Number of items that each producer pushes
    /// [default: 10; with --live, 1000000]
    #[arg(long, value_name = "N", verbatim_doc_comment)]
    items: Option<u64>,

    /// Delay of a producer after each item, in ms: from A to below B
    #[arg(long, value_name = "A..B", default_value_t = Millis(Scenario::default().produce_ms))]
    produce_ms: Millis,

    /// Delay of a consumer after each item, in ms: from A to below B
    #[arg(long, value_name = "A..B", default_value_t = Millis(Scenario::default().consume_ms))]
    consume_ms: Millis,

    /// Repeats the values and delays of the run with this seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Multiplies each delay; 0 means no delay
    #[arg(long, value_name = "X", default_value_t = Scenario::default().time_scale, allow_negative_numbers = true)]
    time_scale: f64,

    /// Length of a phase in ms: first the consumers are slow, then the
    /// producers, and so on; 0 means none [default: 0; with --live, 6000]
    #[arg(long, value_name = "N", verbatim_doc_comment)]
    phase_ms: Option<u64>,

    /// Makes producer N panic at its item ITEM; both count from 1
    #[arg(long, value_name = "N@ITEM", value_parser = failure)]
    fail_producer: Option<Failure>,

    /// Shows slots and threads during the run, if stdout is a terminal
    #[arg(long, conflicts_with = "quiet")]
    pub(crate) live: bool,

    /// Draws threads, wake-ups and occupancy over time, as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) timeline: Option<PathBuf>,

    /// Prints the report, but no line for each item
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// With the documented delays, hours. A limit, because the events of a run are kept: without delays, they fill about 300 MB.
const LIVE_ITEMS: u64 = 1_000_000;

/// So long that a reader sees a full and an empty buffer.
const LIVE_PHASE_MS: u64 = 6000;

impl Args {
    /// With the view, the default is a long run, which has phases.
    pub(crate) fn scenario(&self, has_view: bool) -> Scenario {
        let (items, phase_ms) = if has_view { (LIVE_ITEMS, LIVE_PHASE_MS) } else { (Scenario::default().items, 0) };
        Scenario {
            capacity: self.capacity,
            producers: self.producers,
            consumers: self.consumers,
            items: self.items.unwrap_or(items),
            produce_ms: self.produce_ms.0.clone(),
            consume_ms: self.consume_ms.0.clone(),
            seed: self.seed,
            time_scale: self.time_scale,
            phase_ms: self.phase_ms.unwrap_or(phase_ms),
            fail: self.fail_producer,
        }
    }
}

fn failure(text: &str) -> Result<Failure, &'static str> {
    let (producer, item) = pair(text, "@").ok_or("expected two whole numbers, as in 1@3")?;
    Ok(Failure { producer, item })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(flags: &str, has_view: bool) -> Scenario {
        Args::parse_from(["producer_consumer"].into_iter().chain(flags.split_whitespace())).scenario(has_view)
    }

    #[test]
    fn flags_set_the_scenario() {
        let flags = "--producers 3 --consumers 2 --capacity 4 --items 6 --produce-ms 1..2 --consume-ms 0..1 --seed 11 \
                     --time-scale 0.5 --phase-ms 9 --fail-producer 2@3";
        let expected = Scenario {
            producers: 3,
            consumers: 2,
            capacity: 4,
            items: 6,
            produce_ms: 1..2,
            consume_ms: 0..1,
            seed: Some(11),
            time_scale: 0.5,
            phase_ms: 9,
            fail: Some(Failure { producer: 2, item: 3 }),
        };
        assert_eq!(scenario(flags, true), expected);
    }

    #[test]
    fn the_default_is_the_documented_scenario_and_with_the_view_a_long_one_with_phases() {
        assert_eq!(scenario("", false), Scenario::default());
        let long = Scenario { items: LIVE_ITEMS, phase_ms: LIVE_PHASE_MS, ..Scenario::default() };
        assert_eq!(scenario("", true), long);
    }
}
