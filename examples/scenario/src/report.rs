//! The result of a run, computed from its events, and displayed as a table.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, Instant};

use bounded_buffer::Stats;

use crate::event::{Action, Event, State, ThreadReport, Worker};
use crate::scenario::Scenario;
use crate::verdict::Verdict;

/// The result of a run. `Display` gives a table of up to 80 columns.
#[derive(Clone, Debug)]
pub struct Report {
    /// The scenario, with the seed that was used.
    pub scenario: Scenario,
    /// All events, ordered by time. The events of one thread have the order in which they happened.
    pub events: Vec<Event>,
    /// Time from before the first thread started until the last one ended.
    pub elapsed: Duration,
    /// Whether the run was closed before the producers were done.
    pub closed_early: bool,
    /// Number of items that the buffer accepted.
    pub pushed: u64,
    /// Number of items that consumers popped.
    pub popped: u64,
    /// The work of each producer and each consumer.
    pub threads: BTreeMap<Worker, ThreadReport>,
    /// How long items were in the buffer; `None` if none was popped.
    pub time_in_buffer: Option<TimeInBuffer>,
    /// The buffer's own counters.
    pub counters: Stats,
    /// Whether each accepted item was popped exactly once and in order.
    pub verdict: Verdict,
}

/// Distribution of the time from the push of an item to its pop. A producer's wait for a slot does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeInBuffer {
    pub min: Duration,
    pub median: Duration,
    pub p99: Duration,
    pub max: Duration,
}

impl TimeInBuffer {
    /// Returns the distribution of these times, or `None` if there is none.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let (min, max) = (*times.first()?, *times.last()?);
        // The smallest time that so many percent do not exceed.
        let quantile = |percent: usize| times[(times.len() * percent).div_ceil(100) - 1];
        Some(Self { min, median: quantile(50), p99: quantile(99), max })
    }
}

/// Returns how long each popped item was in the buffer.
///
/// The times are those at which the push and the pop returned. A pop that is reported before the push counts as 0: the item was in
/// the buffer for less time than the return from the push takes.
fn times_in_buffer(events: &[Event]) -> Vec<Duration> {
    let mut pushed: HashMap<(usize, u64), Instant> = HashMap::new();
    for event in events {
        if let (Worker::Producer(id), Action::Pushed { sequence, .. }) = (event.worker, event.action) {
            pushed.insert((id, sequence), event.at);
        }
    }
    let time = |event: &Event| match event.action {
        Action::Popped { producer, sequence, .. } => {
            Some(event.at.saturating_duration_since(*pushed.get(&(producer, sequence))?))
        }
        _ => None,
    };
    events.iter().filter_map(time).collect()
}

/// Formats a time with its unit, to one decimal place.
#[must_use]
pub fn short(time: Duration) -> String {
    if time.is_zero() { "0".to_owned() } else { format!("{time:.1?}") }
}

impl Report {
    pub(crate) fn new(
        scenario: Scenario,
        events: Vec<Event>,
        elapsed: Duration,
        closed_early: bool,
        counters: Stats,
    ) -> Self {
        let mut threads: BTreeMap<Worker, ThreadReport> = BTreeMap::new();
        for event in events.iter().filter(|event| event.worker != Worker::Runner) {
            threads.entry(event.worker).or_default().record(event);
        }
        let items = |is_producer| {
            let of_side = threads.iter().filter(|(worker, _)| matches!(worker, Worker::Producer(_)) == is_producer);
            of_side.map(|(_, thread)| thread.items).sum()
        };
        Self {
            scenario,
            elapsed,
            closed_early,
            pushed: items(true),
            popped: items(false),
            time_in_buffer: TimeInBuffer::of(times_in_buffer(&events)),
            counters,
            verdict: Verdict::of(&events),
            threads,
            events,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, elapsed, pushed, popped, counters, .. } = self;
        #[allow(clippy::cast_precision_loss, reason = "a rate for display")]
        let items_per_second = *popped as f64 / elapsed.as_secs_f64();
        write!(f, "bounded-buffer, capacity {}", scenario.capacity)?;
        if let Some(seed) = scenario.seed {
            write!(f, ", seed {seed}")?;
        }
        writeln!(f, "\n{pushed} items pushed, {popped} popped in {elapsed:.2?}: {items_per_second:.1} items/s")?;
        if self.closed_early {
            writeln!(f, "closed before the producers were done")?;
        }
        writeln!(f, "\n{:<16}{:>12}{:>12}{:>14}", "", "items", "blocked", "total time")?;
        for (worker, thread) in &self.threads {
            let (name, blocked_time) = (worker.to_string(), short(thread.blocked_time));
            writeln!(f, "{name:<16}{:>12}{:>12}{blocked_time:>14}", thread.items, thread.blocked)?;
        }
        for (worker, thread) in &self.threads {
            if thread.state == State::Failed {
                writeln!(f, "{worker} failed after {} items", thread.items)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_for_a_slot_is_no_time_in_the_buffer() {
        let begin = Instant::now();
        let event = |second, worker, action| Event { at: begin + Duration::from_secs(second), worker, action };
        let value = 42;
        let (producer, consumer) = (Worker::Producer(1), Worker::Consumer(1));
        let times = times_in_buffer(&[
            event(0, producer, Action::WaitBegan),
            event(10, producer, Action::WaitEnded),
            event(10, producer, Action::Pushed { sequence: 0, value }),
            event(13, consumer, Action::Popped { producer: 1, sequence: 0, value }),
            event(20, consumer, Action::Popped { producer: 1, sequence: 1, value }),
            event(21, producer, Action::Pushed { sequence: 1, value }),
        ]);
        assert_eq!(times, [Duration::from_secs(3), Duration::ZERO]);
    }

    #[test]
    fn a_quantile_is_one_of_the_times() {
        let times = |range: std::ops::RangeInclusive<u64>| TimeInBuffer::of(range.map(Duration::from_secs).collect());
        let [one, two, fifty, ninety_nine, hundred] = [1, 2, 50, 99, 100].map(Duration::from_secs);
        assert_eq!(times(1..=100), Some(TimeInBuffer { min: one, median: fifty, p99: ninety_nine, max: hundred }));
        assert_eq!(times(1..=2), Some(TimeInBuffer { min: one, median: one, p99: two, max: two }));
        assert_eq!(TimeInBuffer::of(Vec::new()), None);
    }
}
