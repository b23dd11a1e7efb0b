//! A virtual run compared with a real one of the same scenario and seed, and so with the same delays.

use scenario::virtual_run::{self, Spent};
use scenario::{Scenario, StartError, TimeInBuffer, new_histogram};

use crate::sweep::rate;

pub(crate) const HEADING: &str = "                         items/s          producers wait, %      p99 in buffer, ms
consumers  slots  virtual    real    diff  virtual  real   diff  virtual    real    diff";

/// Runs the scenario both ways. Returns a line for the table, and whether each item of the real run arrived once and in order.
///
/// Both results are in the time of the scenario: those of a real run are divided by the time scale.
pub(crate) fn check(scenario: &Scenario, seed: u64) -> Result<(String, bool), StartError> {
    let Scenario { consumers, capacity, time_scale, .. } = *scenario;
    let mut in_buffer = new_histogram();
    let outcome = virtual_run::run(scenario, seed, &mut in_buffer);
    let report = Scenario { seed: Some(seed), ..scenario.clone() }.run()?;

    let (rate, real_rate) = (rate(&outcome) * time_scale, report.items_per_second * time_scale);
    let percent = (real_rate / rate - 1.0) * 100.0;
    // The nominal delays. That a real delay ends a little later is part of the difference.
    let spent = Spent {
        blocked: report.producers.iter().map(|producer| producer.blocked_time).sum(),
        delayed: outcome.producers.delayed,
    };
    let [wait, real_wait] = [outcome.producers, spent].map(|spent| spent.blocked_fraction() * 100.0);
    let [p99, real_p99] = [TimeInBuffer::of(&in_buffer), report.time_in_buffer]
        .map(|times| times.expect("there are items").p99.as_secs_f64() * 1000.0 / time_scale);
    let line = format!(
        "{consumers:>9}{capacity:>7}{rate:>9.2}{real_rate:>8.2}{percent:>+7.1}%{wait:>9.1}{real_wait:>6.1}{:>+7.1}\
         {p99:>9.0}{real_p99:>8.0}{:>+8.0}",
        real_wait - wait,
        real_p99 - p99
    );
    Ok((line, report.verdict.holds()))
}
