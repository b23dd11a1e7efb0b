//! The flags, and the scenario that they describe.

use std::collections::BTreeSet;
use std::ops::Range;

use clap::Parser;
use scenario::Scenario;

use support::cli::Millis;

/// How many slots and how many consumers a scenario needs.
///
/// Runs the producer-consumer scenario in virtual time for each capacity and each
/// number of consumers. Recommends the fewest consumers, and for them the fewest
/// slots, with which producers wait less than the limit.
///
/// Exit status: 0 done; 1 the output could not be written; 2 bad input.
#[derive(Parser)]
#[command(name = "sizing", verbatim_doc_comment)]
pub(crate) struct Args {
    /// Number of threads that push
    #[arg(long, value_name = "N", default_value_t = Scenario::default().producers)]
    producers: usize,

    /// Numbers of threads that pop [default: around the load that the delays give]
    #[arg(long, value_name = "N,..", value_delimiter = ',')]
    consumers: Vec<usize>,

    /// Numbers of slots
    #[arg(long, value_name = "N,..", value_delimiter = ',', default_value = "1,2,3,5,8,13,21,34,55")]
    capacity: Vec<usize>,

    /// Items that each producer pushes in a virtual run
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=MAX_ITEMS))]
    items: u64,

    /// Delay of a producer after each item, in ms: from A to below B
    #[arg(long, value_name = "A..B", default_value_t = Millis(Scenario::default().produce_ms))]
    produce_ms: Millis,

    /// Delay of a consumer after each item, in ms: from A to below B
    #[arg(long, value_name = "A..B", default_value_t = Millis(Scenario::default().consume_ms))]
    consume_ms: Millis,

    /// Limit of the time that producers wait, in percent
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = percentage, allow_negative_numbers = true)]
    pub(crate) blocked: f64,
}

/// A time is kept for each item of a point.
const MAX_ITEMS: u64 = 100_000;

/// A day. A longer delay is more likely a typing error.
const MAX_MS: u64 = 24 * 60 * 60 * 1000;

/// How many more consumers than the load are tried by default.
const MORE_CONSUMERS: usize = 2;

impl Args {
    /// Returns what all points have in common, or the error in one line.
    pub(crate) fn scenario(&self) -> Result<Scenario, String> {
        let scenario = Scenario {
            producers: self.producers,
            items: self.items,
            produce_ms: self.produce_ms.0.clone(),
            consume_ms: self.consume_ms.0.clone(),
            ..Scenario::default()
        };
        let with_capacity = |&capacity| Scenario { capacity, ..scenario.clone() };
        let with_consumers = |&consumers| Scenario { consumers, ..scenario.clone() };
        let points = self.capacity.iter().map(with_capacity).chain(self.consumers.iter().map(with_consumers));
        for point in std::iter::once(scenario.clone()).chain(points) {
            point.validate()?;
        }
        let longest = scenario.produce_ms.end.max(scenario.consume_ms.end);
        if longest > MAX_MS {
            return Err(format!("a delay must be at most a day, {MAX_MS} ms, not {longest}"));
        }
        if longest == 1 {
            return Err("without delays there is nothing to size; see `cargo bench`".to_owned());
        }
        Ok(scenario)
    }

    /// Returns the numbers of consumers to try, in order.
    pub(crate) fn consumers(&self, scenario: &Scenario) -> BTreeSet<usize> {
        if self.consumers.is_empty() {
            consumers_around_load(scenario)
        } else {
            self.consumers.iter().copied().collect()
        }
    }

    /// Returns the capacities to try, in order.
    pub(crate) fn capacities(&self) -> BTreeSet<usize> {
        self.capacity.iter().copied().collect()
    }
}

/// Returns numbers of consumers from too few to enough. The load is the average number of busy consumers if no producer waits.
fn consumers_around_load(scenario: &Scenario) -> BTreeSet<usize> {
    let twice_the_mean = |range: &Range<u64>| u128::from(range.start) + u128::from(range.end) - 1;
    let work = twice_the_mean(&scenario.consume_ms) * scenario.producers as u128;
    let load = work / twice_the_mean(&scenario.produce_ms).max(1);
    let few = usize::try_from(load).unwrap_or(usize::MAX).clamp(1, Scenario::MAX_THREADS - 1 - MORE_CONSUMERS);
    (few..=few + 1 + MORE_CONSUMERS).collect()
}

/// Parses a number above 0, up to 100.
fn percentage(text: &str) -> Result<f64, &'static str> {
    let number = text.parse().ok().filter(|number| *number > 0.0 && *number <= 100.0);
    number.ok_or("expected a number above 0, up to 100")
}
