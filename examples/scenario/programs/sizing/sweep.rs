//! The mean of many virtual runs with one capacity and number of consumers, and the search for the smallest sufficient
//! capacity.

use scenario::virtual_run::{self, Outcome};
use scenario::{Scenario, TimeInBuffer};

/// The results for a capacity and a number of consumers.
pub(crate) struct Point {
    pub(crate) capacity: usize,
    pub(crate) consumers: usize,
    /// Items per second of the whole run, including its beginning and its end.
    pub(crate) rate: Estimate,
    /// The fraction of their time that producers and consumers wait.
    pub(crate) producers_blocked: Estimate,
    pub(crate) consumers_blocked: Estimate,
    pub(crate) in_buffer: TimeInBuffer,
}

/// A mean over the runs, with half of its 95 % interval.
#[derive(Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    pub(crate) half: f64,
}

impl Estimate {
    fn of(outcomes: &[Outcome], value: impl Fn(&Outcome) -> f64) -> Self {
        let values: Vec<f64> = outcomes.iter().map(value).collect();
        #[allow(clippy::cast_precision_loss, reason = "a number of runs")]
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self { mean, half: 1.96 * (variance / count).sqrt() }
    }
}

/// Number of runs for each point, with the seeds from 1 on. Each point has the same seeds, so that points differ less by chance.
pub(crate) const RUNS: u64 = 20;

impl Point {
    pub(crate) fn new(scenario: &Scenario, consumers: usize, capacity: usize) -> Self {
        let scenario = Scenario { consumers, capacity, ..scenario.clone() };
        let outcomes: Vec<_> = (1..=RUNS).map(|seed| virtual_run::run(&scenario, seed)).collect();
        let in_buffer = outcomes.iter().flat_map(|outcome| &outcome.in_buffer).copied().collect();
        Self {
            capacity,
            consumers,
            rate: Estimate::of(&outcomes, rate),
            producers_blocked: Estimate::of(&outcomes, |outcome| outcome.producers.blocked_fraction()),
            consumers_blocked: Estimate::of(&outcomes, |outcome| outcome.consumers.blocked_fraction()),
            in_buffer: TimeInBuffer::of(in_buffer).expect("there are items"),
        }
    }
}

/// Returns the point with the smallest sufficient capacity, or `None` if no capacity that was tried is sufficient. The points
/// are ordered by capacity. A binary search covers the gap below the first sufficient one.
pub(crate) fn smallest(scenario: &Scenario, points: &[Point], is_enough: impl Fn(&Point) -> bool) -> Option<Point> {
    let first = points.iter().position(&is_enough)?;
    let consumers = points[first].consumers;
    let mut low = first.checked_sub(1).map_or(0, |last| points[last].capacity);
    let mut high = points[first].capacity;
    while low + 1 < high {
        let middle = low.midpoint(high);
        if is_enough(&Point::new(scenario, consumers, middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(Point::new(scenario, consumers, high))
}

/// Returns the items per second.
#[allow(clippy::cast_precision_loss, reason = "a rate for display")]
fn rate(outcome: &Outcome) -> f64 {
    outcome.in_buffer.len() as f64 / outcome.elapsed.as_secs_f64()
}
