//! The events of a run, the functions that receive them, and one that stores them.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

/// A thread of a run. Producers and consumers are numbered from 1; a number is not reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Worker {
    /// A thread that pushes.
    Producer(usize),
    /// A thread that pops.
    Consumer(usize),
    /// The thread that closes the buffer: the one in [`Run::join`](crate::Run::join), or the one that ends the run early.
    Runner,
}

impl fmt::Display for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Producer(id) => write!(f, "Producer {id}"),
            Self::Consumer(id) => write!(f, "Consumer {id}"),
            Self::Runner => f.write_str("Runner"),
        }
    }
}

/// One action of one thread, with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When the action ended.
    pub at: Instant,
    /// The thread that acted.
    pub worker: Worker,
    /// What it did.
    pub action: Action,
}

/// What a [`Worker`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The thread started.
    Began,
    /// The thread found the buffer full (a producer) or empty (a consumer) and starts to wait.
    WaitBegan,
    /// The wait is over: the thread pushed or popped an item, or the buffer was closed.
    WaitEnded,
    /// The buffer accepted an item of this producer.
    Pushed {
        /// The item's number among those of its producer, from 0.
        sequence: u64,
        /// The item's value.
        value: u32,
    },
    /// This consumer removed an item.
    Popped {
        /// The producer that pushed the item.
        producer: usize,
        /// The item's number among those of its producer, from 0.
        sequence: u64,
        /// The item's value.
        value: u32,
    },
    /// The thread panicked; the message is in the [`Report`](crate::Report).
    Failed,
    /// The thread finished its work.
    Ended,
    /// The [`Runner`](Worker::Runner) closed the buffer.
    Closed,
}

/// Receives every [`Event`] of a run, in the thread that caused it, immediately after it happened.
///
/// Many threads call an observer concurrently, and the time it takes delays the calling thread. A push can be reported after
/// the pop of the same item, because the consumer may run before the producer returns from its push.
///
/// ```
/// use scenario::{Action, Event, Scenario};
///
/// let print = |event: &Event| {
///     if let Action::Popped { value, .. } = event.action {
///         println!("{} consumed: {value}", event.worker);
///     }
/// };
/// let scenario = Scenario { time_scale: 0.0, ..Scenario::default() };
/// assert!(scenario.start(vec![Box::new(print)])?.join().verdict.holds());
/// # Ok::<(), scenario::StartError>(())
/// ```
pub type Observer = Box<dyn Fn(&Event) + Send + Sync>;

/// Stores every [`Event`] of a run in memory, about 48 bytes each.
///
/// ```
/// use scenario::{Action, Recorder, Scenario};
///
/// let recorder = Recorder::default();
/// let scenario = Scenario { time_scale: 0.0, ..Scenario::default() };
/// let report = scenario.start(vec![recorder.observer()])?.join();
/// let pushed = recorder.events().iter().filter(|event| matches!(event.action, Action::Pushed { .. })).count();
/// assert_eq!(pushed as u64, report.pushed);
/// # Ok::<(), scenario::StartError>(())
/// ```
#[derive(Debug, Default)]
pub struct Recorder(Arc<Mutex<Vec<Event>>>);

impl Recorder {
    /// Returns the observer that stores the events here.
    #[must_use]
    pub fn observer(&self) -> Observer {
        let events = self.0.clone();
        Box::new(move |event| events.lock().push(*event))
    }

    /// Returns the events so far, ordered by time. The events of one thread keep the order in which they happened.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events = self.0.lock().clone();
        // Another thread can lock between the moment a thread reads the clock and its own `lock`. The sort is stable.
        events.sort_by_key(|event| event.at);
        events
    }
}
