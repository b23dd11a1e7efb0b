//! What became of a run: as a table to read, and as JSON.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Serialize, Serializer};

use super::event::Worker;
use super::scenario::Scenario;
use super::verdict::Verdict;
use super::worker::{ConsumerLog, new_histogram};
use crate::Stats;

/// What became of a run. Its `Display` is a table for 80 columns; serialized, times are in milliseconds and named so.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What the items went through.
    pub channel: &'static str,
    /// What was run, with the seed that was used.
    pub scenario: Scenario,
    /// From before the first thread was started until the last had ended.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
    /// Was the run closed before the producers were done?
    pub closed_early: bool,
    /// Items that the channel accepted.
    pub pushed: u64,
    /// Items that came out.
    pub popped: u64,
    /// Items that came out, per second of the whole run.
    pub items_per_second: f64,
    /// Each producer, by number.
    pub producers: Vec<ThreadReport>,
    /// Each consumer, by number.
    pub consumers: Vec<ThreadReport>,
    /// How long items were in the channel; `None` if none came out.
    pub time_in_buffer: Option<TimeInBuffer>,
    /// What the channel itself has counted; `None` if it does not count.
    pub counters: Option<Counters>,
    /// Is it all right?
    pub verdict: Verdict,
}

/// What one thread did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ThreadReport {
    /// Its number among the producers, or among the consumers, from 1.
    pub id: usize,
    /// Items that it pushed or popped.
    pub items: u64,
    /// How often it found the channel full (a producer) or empty (a consumer) and had to wait.
    pub blocked: u64,
    /// How long it waited then, in sum.
    #[serde(rename = "blocked_ms", serialize_with = "as_millis")]
    pub blocked_time: Duration,
    /// The message with which it panicked, if it did.
    pub failure: Option<String>,
}

/// How long items were in the channel, from their push to their pop, to three significant digits. A wait for a slot is not
/// part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TimeInBuffer {
    /// The shortest.
    #[serde(rename = "min_ms", serialize_with = "as_millis")]
    pub min: Duration,
    /// Half of the items were no longer there.
    #[serde(rename = "median_ms", serialize_with = "as_millis")]
    pub median: Duration,
    /// 99 of 100 items were no longer there.
    #[serde(rename = "p99_ms", serialize_with = "as_millis")]
    pub p99: Duration,
    /// The longest.
    #[serde(rename = "max_ms", serialize_with = "as_millis")]
    pub max: Duration,
}

/// What a channel has counted by itself; the same as in [`Stats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counters {
    /// The most items that were ever in it at once.
    pub high_water: usize,
    /// Pushes that slept.
    pub push_waits: u64,
    /// Pops that slept.
    pub pop_waits: u64,
    /// How long pushes slept, in sum.
    #[serde(rename = "push_wait_ms", serialize_with = "as_millis")]
    pub push_wait_time: Duration,
    /// How long pops slept, in sum.
    #[serde(rename = "pop_wait_ms", serialize_with = "as_millis")]
    pub pop_wait_time: Duration,
    /// Wake-ups sent.
    pub notifications: u64,
    /// Wake-ups after which there was nothing to do.
    pub futile_wakeups: u64,
}

fn as_millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    #[allow(clippy::cast_precision_loss, reason = "exact for the first hundred days")]
    let nanos = time.as_nanos() as f64;
    serializer.serialize_f64(nanos / 1e6)
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
            futile_wakeups: stats.futile_wakeups,
        }
    }
}

impl ThreadReport {
    pub(crate) fn new(id: usize) -> Self {
        Self { id, items: 0, blocked: 0, blocked_time: Duration::ZERO, failure: None }
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
            times.add(log.times).expect("it grows to take any number");
            consumers.push(log.report);
            tallies.push(log.tally);
        }
        let popped = consumers.iter().map(|consumer| consumer.items).sum();
        #[allow(clippy::cast_precision_loss, reason = "a rate, to be read")]
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

    /// Every thread with what it did, producers first.
    fn threads(&self) -> impl Iterator<Item = (Worker, &ThreadReport)> {
        let producers = self.producers.iter().map(|thread| (Worker::Producer(thread.id), thread));
        producers.chain(self.consumers.iter().map(|thread| (Worker::Consumer(thread.id), thread)))
    }
}

/// A time with its unit, in few characters.
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

        writeln!(f, "\n{:<16}{:>12}{:>12}{:>14}", "", "items", "blocked", "for")?;
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
            None => writeln!(f, "\nTime in buffer  no item came out")?,
            Some(TimeInBuffer { min, median, p99, max }) => {
                writeln!(
                    f,
                    "\nTime in buffer  min {}, median {}, p99 {}, max {}",
                    short(min),
                    short(median),
                    short(p99),
                    short(max)
                )?;
            }
        }
        match self.counters {
            None => writeln!(f, "High water      not counted by this channel, nor who slept")?,
            Some(counters) => {
                let Counters { push_waits, push_wait_time, pop_waits, pop_wait_time, .. } = counters;
                writeln!(f, "High water      {} of {}", counters.high_water, scenario.capacity)?;
                writeln!(f, "Pushes slept    {push_waits}, for {}", short(push_wait_time))?;
                writeln!(f, "Pops slept      {pop_waits}, for {}", short(pop_wait_time))?;
                writeln!(f, "Wake-ups        {} sent, {} futile", counters.notifications, counters.futile_wakeups)?;
            }
        }
        write!(f, "Verdict         {verdict}")
    }
}
