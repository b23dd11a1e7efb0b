//! A virtual run compared with a real one of the same scenario and seed, and so with the same delays.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use scenario::virtual_run::{self, Spent};
use scenario::{Scenario, StartError};

use crate::sweep::rate;

/// The results of both, in the time of the scenario: the results of a real run are divided by the time scale.
pub(crate) struct Check {
    consumers: usize,
    capacity: usize,
    rate: Both,
    /// In percent of the producers' time.
    producers_blocked: Both,
    /// In milliseconds.
    p99_in_buffer: Both,
    /// Whether each item of the real run arrived once and in order.
    pub(crate) holds: bool,
}

struct Both {
    in_virtual: f64,
    in_real: f64,
}

/// Estimates how long the real run takes.
pub(crate) fn duration(scenario: &Scenario, seed: u64) -> Duration {
    virtual_run::run(scenario, seed, &mut new_histogram()).elapsed
}

/// Runs the scenario both ways.
pub(crate) fn check(scenario: &Scenario, seed: u64) -> Result<Check, StartError> {
    let scale = scenario.time_scale;
    let mut in_buffer = new_histogram();
    let outcome = virtual_run::run(scenario, seed, &mut in_buffer);
    let report = Scenario { seed: Some(seed), ..scenario.clone() }.run()?;

    // The nominal delays. That a real delay ends a little later is part of the difference.
    let spent = Spent {
        blocked: report.producers.iter().map(|producer| producer.blocked_time).sum(),
        delayed: outcome.producers.delayed,
    };
    let millis = |time: Duration| time.as_secs_f64() * 1000.0 / scale;
    let p99 = report.time_in_buffer.expect("there are items").p99;
    Ok(Check {
        consumers: scenario.consumers,
        capacity: scenario.capacity,
        rate: Both { in_virtual: rate(&outcome) * scale, in_real: report.items_per_second * scale },
        producers_blocked: Both {
            in_virtual: outcome.producers.blocked_fraction() * 100.0,
            in_real: spent.blocked_fraction() * 100.0,
        },
        p99_in_buffer: Both {
            in_virtual: millis(Duration::from_nanos(in_buffer.value_at_quantile(0.99))),
            in_real: millis(p99),
        },
        holds: report.verdict.holds(),
    })
}

fn new_histogram() -> Histogram<u64> {
    Histogram::new(3).expect("3 significant digits are supported")
}

pub(crate) const HEADING: [&str; 2] = [
    "                         items/s          producers wait, %      p99 in buffer, ms",
    "consumers  slots  virtual    real    diff  virtual  real   diff  virtual    real    diff",
];

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { consumers, capacity, rate, producers_blocked: blocked, p99_in_buffer: p99, .. } = self;
        write!(f, "{consumers:>9}{capacity:>7}")?;
        let percent = (rate.in_real / rate.in_virtual - 1.0) * 100.0;
        write!(f, "{:>9.2}{:>8.2}{percent:>+7.1}%", rate.in_virtual, rate.in_real)?;
        write!(f, "{:>9.1}{:>6.1}{:>+7.1}", blocked.in_virtual, blocked.in_real, blocked.in_real - blocked.in_virtual)?;
        write!(f, "{:>9.0}{:>8.0}{:>+8.0}", p99.in_virtual, p99.in_real, p99.in_real - p99.in_virtual)
    }
}
