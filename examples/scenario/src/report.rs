//! The result of a run: displayed as a table, serialized as JSON.

use std::fmt;
use std::time::Duration;

use bounded_buffer::Stats;
use hdrhistogram::Histogram;
use serde::{Serialize, Serializer};

use crate::event::Worker;
use crate::scenario::Scenario;
use crate::verdict::Verdict;

/// The result of a run. `Display` gives a table of up to 80 columns; serialized times are in milliseconds (`_ms`).
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scenario, with the seed that was used.
    pub scenario: Scenario,
    /// Time from before the first thread started until the last one ended.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
    /// Whether the run was closed before the producers were done.
    pub closed_early: bool,
    /// Number of items that the buffer accepted.
    pub pushed: u64,
    /// Number of items that consumers popped.
    pub popped: u64,
    /// Popped items per second of the whole run.
    pub items_per_second: f64,
    /// The producers, by number.
    pub producers: Vec<ThreadReport>,
    /// The consumers, by number.
    pub consumers: Vec<ThreadReport>,
    /// How long items were in the buffer; `None` if none was popped.
    pub time_in_buffer: Option<TimeInBuffer>,
    /// The buffer's own counters.
    #[serde(serialize_with = "Counters::serialize")]
    pub counters: Stats,
    /// Whether each accepted item was popped exactly once and in order.
    pub verdict: Verdict,
}

/// The work of one thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ThreadReport {
    /// Number among the producers, or among the consumers, from 1.
    pub id: usize,
    /// Number of items that it pushed or popped.
    pub items: u64,
    /// How often it waited because the buffer was full (a producer) or empty (a consumer).
    pub blocked: u64,
    /// Total time of these waits.
    #[serde(rename = "blocked_ms", serialize_with = "as_millis")]
    pub blocked_time: Duration,
    /// The message of its panic, if it panicked.
    pub failure: Option<String>,
}

/// Distribution of the time from the push of an item to its pop, to three significant digits. A producer's wait for a slot
/// does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TimeInBuffer {
    #[serde(rename = "min_ms", serialize_with = "as_millis")]
    pub min: Duration,
    #[serde(rename = "median_ms", serialize_with = "as_millis")]
    pub median: Duration,
    #[serde(rename = "p99_ms", serialize_with = "as_millis")]
    pub p99: Duration,
    #[serde(rename = "max_ms", serialize_with = "as_millis")]
    pub max: Duration,
}

/// The counters that are serialized. Those that the report has itself are left out.
#[derive(Serialize)]
#[serde(remote = "Stats")]
struct Counters {
    high_water: usize,
    push_waits: u64,
    pop_waits: u64,
    #[serde(rename = "push_wait_ms", serialize_with = "as_millis")]
    push_wait_time: Duration,
    #[serde(rename = "pop_wait_ms", serialize_with = "as_millis")]
    pop_wait_time: Duration,
    notifications: u64,
    wasted_wakeups: u64,
}

/// Serializes a time as milliseconds.
fn as_millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    #[allow(clippy::cast_precision_loss, reason = "exact for the first hundred days")]
    let nanos = time.as_nanos() as f64;
    serializer.serialize_f64(nanos / 1e6)
}

/// Creates a histogram of three significant digits that grows as needed.
#[must_use]
pub fn new_histogram() -> Histogram<u64> {
    Histogram::new(3).expect("3 significant digits are supported")
}

impl TimeInBuffer {
    /// Returns the distribution of these times in nanoseconds, or `None` if there is none.
    #[must_use]
    pub fn of(nanos: &Histogram<u64>) -> Option<Self> {
        let quantile = |q| Duration::from_nanos(nanos.value_at_quantile(q));
        (!nanos.is_empty()).then(|| Self {
            min: Duration::from_nanos(nanos.min()),
            median: quantile(0.5),
            p99: quantile(0.99),
            max: Duration::from_nanos(nanos.max()),
        })
    }
}

/// Formats a time with its unit, to one decimal place.
#[must_use]
pub fn short(time: Duration) -> String {
    if time.is_zero() { "0".to_owned() } else { format!("{time:.1?}") }
}

impl Report {
    /// Returns each thread with its report, producers first.
    pub fn threads(&self) -> impl Iterator<Item = (Worker, &ThreadReport)> {
        let producers = self.producers.iter().map(|thread| (Worker::Producer(thread.id), thread));
        producers.chain(self.consumers.iter().map(|thread| (Worker::Consumer(thread.id), thread)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, elapsed, pushed, popped, items_per_second, counters, .. } = self;
        write!(f, "bounded-buffer, capacity {}", scenario.capacity)?;
        if let Some(seed) = scenario.seed {
            write!(f, ", seed {seed}")?;
        }
        writeln!(f, "\n{pushed} items pushed, {popped} popped in {elapsed:.2?}: {items_per_second:.1} items/s")?;
        if self.closed_early {
            writeln!(f, "closed before the producers were done")?;
        }
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
        match self.time_in_buffer {
            None => writeln!(f, "\nTime in buffer  no item was popped")?,
            Some(TimeInBuffer { min, median, p99, max }) => {
                let [min, median, p99, max] = [min, median, p99, max].map(short);
                writeln!(f, "\nTime in buffer  min {min}, median {median}, p99 {p99}, max {max}")?;
            }
        }
        let Stats { high_water, push_waits, push_wait_time, pop_waits, pop_wait_time, .. } = *counters;
        writeln!(f, "High water      {high_water} of {}", scenario.capacity)?;
        writeln!(f, "Pushes parked   {push_waits}, for {} in total", short(push_wait_time))?;
        writeln!(f, "Pops parked     {pop_waits}, for {} in total", short(pop_wait_time))?;
        writeln!(f, "Wake-ups        {} sent, {} wasted", counters.notifications, counters.wasted_wakeups)?;
        write!(f, "Verdict         {}", self.verdict)
    }
}
