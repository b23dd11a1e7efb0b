//! The result of a run: displayed as a table, serialized as JSON.

use std::fmt;
use std::time::Duration;

use bounded_buffer::Stats;
use hdrhistogram::Histogram;
use serde::Serialize;

use crate::event::Worker;
use crate::log::{ConsumerLog, ThreadReport, as_millis, new_histogram};
use crate::scenario::Scenario;
use crate::verdict::Verdict;

/// The result of a run. `Display` gives a table of up to 80 columns; serialized times are in milliseconds (`_ms`).
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Name of the channel.
    pub channel: &'static str,
    /// The scenario, with the seed that was used.
    pub scenario: Scenario,
    /// Time from before the first thread started until the last one ended.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
    /// Whether the run was closed before the producers were done.
    pub closed_early: bool,
    /// Number of items that the channel accepted.
    pub pushed: u64,
    /// Number of items that consumers popped.
    pub popped: u64,
    /// Popped items per second of the whole run.
    pub items_per_second: f64,
    /// The producers, by number.
    pub producers: Vec<ThreadReport>,
    /// The consumers, by number.
    pub consumers: Vec<ThreadReport>,
    /// How long items were in the channel; `None` if none was popped.
    pub time_in_buffer: Option<TimeInBuffer>,
    /// The channel's own counters; `None` if it has none.
    pub counters: Option<Counters>,
    /// Whether each accepted item was popped exactly once and in order.
    pub verdict: Verdict,
}

/// Distribution of the time from the push of an item to its pop, to three significant digits. A producer's wait for a slot
/// does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TimeInBuffer {
    /// The shortest time.
    #[serde(rename = "min_ms", serialize_with = "as_millis")]
    pub min: Duration,
    /// The median.
    #[serde(rename = "median_ms", serialize_with = "as_millis")]
    pub median: Duration,
    /// The 99th percentile.
    #[serde(rename = "p99_ms", serialize_with = "as_millis")]
    pub p99: Duration,
    /// The longest time.
    #[serde(rename = "max_ms", serialize_with = "as_millis")]
    pub max: Duration,
}

/// Counters of the channel itself, as in [`Stats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// The largest number of items in the channel.
    pub high_water: usize,
    /// Number of pushes that parked.
    pub push_waits: u64,
    /// Number of pops that parked.
    pub pop_waits: u64,
    /// Total time that pushes were parked.
    #[serde(rename = "push_wait_ms", serialize_with = "as_millis")]
    pub push_wait_time: Duration,
    /// Total time that pops were parked.
    #[serde(rename = "pop_wait_ms", serialize_with = "as_millis")]
    pub pop_wait_time: Duration,
    /// Number of notifications sent.
    pub notifications: u64,
    /// Number of wasted wake-ups: the woken thread found nothing to do and parked again.
    pub wasted_wakeups: u64,
}

impl From<Stats> for Counters {
    fn from(stats: Stats) -> Self {
        Self {
            high_water: stats.high_water,
            push_waits: stats.push_waits,
            pop_waits: stats.pop_waits,
            push_wait_time: stats.push_wait_time,
            pop_wait_time: stats.pop_wait_time,
            notifications: stats.notifications,
            wasted_wakeups: stats.wasted_wakeups,
        }
    }
}

impl TimeInBuffer {
    fn new(nanos: &Histogram<u64>) -> Option<Self> {
        let quantile = |q| Duration::from_nanos(nanos.value_at_quantile(q));
        (!nanos.is_empty()).then(|| Self {
            min: Duration::from_nanos(nanos.min()),
            median: quantile(0.5),
            p99: quantile(0.99),
            max: Duration::from_nanos(nanos.max()),
        })
    }
}

impl Report {
    pub(crate) fn new(
        channel: &'static str,
        scenario: Scenario,
        elapsed: Duration,
        closed_early: bool,
        producers: Vec<ThreadReport>,
        logs: Vec<ConsumerLog>,
        stats: Option<Stats>,
    ) -> Self {
        let accepted: Vec<_> = producers.iter().map(|producer| producer.items).collect();
        let mut times = new_histogram();
        let (mut consumers, mut tallies) = (Vec::new(), Vec::new());
        for log in logs {
            times.add(log.times).expect("the histogram grows as needed");
            consumers.push(log.report);
            tallies.push(log.tally);
        }
        let popped = consumers.iter().map(|consumer| consumer.items).sum();
        #[allow(clippy::cast_precision_loss, reason = "a rate for display")]
        let items_per_second = popped as f64 / elapsed.as_secs_f64();
        Self {
            channel,
            scenario,
            elapsed,
            closed_early,
            pushed: accepted.iter().sum(),
            popped,
            items_per_second,
            producers,
            consumers,
            time_in_buffer: TimeInBuffer::new(&times),
            counters: stats.map(Counters::from),
            verdict: Verdict::of(&accepted, &tallies),
        }
    }

    /// Returns each thread with its report, producers first.
    fn threads(&self) -> impl Iterator<Item = (Worker, &ThreadReport)> {
        let producers = self.producers.iter().map(|thread| (Worker::Producer(thread.id), thread));
        producers.chain(self.consumers.iter().map(|thread| (Worker::Consumer(thread.id), thread)))
    }
}

/// Formats a time with its unit, to one decimal place.
fn short(time: Duration) -> String {
    if time.is_zero() { "0".to_owned() } else { format!("{time:.1?}") }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, scenario, elapsed, pushed, popped, items_per_second, verdict, .. } = self;
        write!(f, "{channel}, capacity {}", scenario.capacity)?;
        if let Some(seed) = scenario.seed {
            write!(f, ", seed {seed}")?;
        }
        writeln!(f, "\n{pushed} items pushed, {popped} popped in {elapsed:.2?}: {items_per_second:.1} items/s")?;
        if self.closed_early {
            writeln!(f, "closed before the producers were done")?;
        }
        self.fmt_threads(f)?;
        match self.time_in_buffer {
            None => writeln!(f, "\nTime in buffer  no item was popped")?,
            Some(TimeInBuffer { min, median, p99, max }) => {
                let [min, median, p99, max] = [min, median, p99, max].map(short);
                writeln!(f, "\nTime in buffer  min {min}, median {median}, p99 {p99}, max {max}")?;
            }
        }
        self.fmt_counters(f)?;
        write!(f, "Verdict         {verdict}")
    }
}

impl Report {
    fn fmt_threads(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<16}{:>12}{:>12}{:>14}", "", "items", "blocked", "total time")?;
        for (worker, thread) in self.threads() {
            let (name, blocked_time) = (worker.to_string(), short(thread.blocked_time));
            writeln!(f, "{name:<16}{:>12}{:>12}{blocked_time:>14}", thread.items, thread.blocked)?;
        }
        for (worker, thread) in self.threads() {
            if let Some(failure) = &thread.failure {
                writeln!(f, "{worker} failed: {failure}")?;
            }
        }
        Ok(())
    }

    fn fmt_counters(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(counters) = self.counters else {
            return writeln!(f, "Counters        none: this channel does not count");
        };
        let Counters { high_water, push_waits, push_wait_time, pop_waits, pop_wait_time, .. } = counters;
        writeln!(f, "High water      {high_water} of {}", self.scenario.capacity)?;
        writeln!(f, "Pushes parked   {push_waits}, for {} in total", short(push_wait_time))?;
        writeln!(f, "Pops parked     {pop_waits}, for {} in total", short(pop_wait_time))?;
        writeln!(f, "Wake-ups        {} sent, {} wasted", counters.notifications, counters.wasted_wakeups)
    }
}
