//! The events of a run, and the trait that receives them.

use std::fmt;
use std::time::Instant;

/// A thread of a run. Producers and consumers are numbered from 1; a number is not reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Worker {
    /// A thread that pushes.
    Producer(usize),
    /// A thread that pops.
    Consumer(usize),
    /// The thread that closes the channel: the one in [`Run::join`](crate::Run::join), or the one that ends the run early.
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
    /// The thread found the channel full (a producer) or empty (a consumer) and starts to wait.
    WaitBegan,
    /// The wait is over: the thread pushed or popped an item, or the channel was closed.
    WaitEnded,
    /// The channel accepted an item of this producer.
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
    /// The [`Runner`](Worker::Runner) closed the channel.
    Closed,
}

/// Receives every [`Event`] of a run, in the thread that caused it, immediately after it happened.
///
/// Many threads call an observer concurrently, and the time it takes delays the calling thread. A push can be reported after
/// the pop of the same item, because the consumer may run before the producer returns from its push.
///
/// Closures that take an `&Event` are observers. With `()` a run reads no clock for events and costs nothing more. A pair
/// forwards each event to both of its parts, and an `Option` may be empty:
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
/// assert!(scenario.start(print)?.join().verdict.holds());
/// # Ok::<(), scenario::StartError>(())
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Receives an event.
    fn event(&self, event: &Event);

    /// Returns whether this observer uses events. If not, the run creates none.
    fn is_active(&self) -> bool {
        true
    }
}

impl Observer for () {
    fn event(&self, _event: &Event) {}

    fn is_active(&self) -> bool {
        false
    }
}

impl<F: Fn(&Event) + Send + Sync + 'static> Observer for F {
    fn event(&self, event: &Event) {
        self(event);
    }
}

impl<O: Observer> Observer for Option<O> {
    fn event(&self, event: &Event) {
        if let Some(observer) = self {
            observer.event(event);
        }
    }

    fn is_active(&self) -> bool {
        self.as_ref().is_some_and(O::is_active)
    }
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    fn event(&self, event: &Event) {
        self.0.event(event);
        self.1.event(event);
    }

    fn is_active(&self) -> bool {
        self.0.is_active() || self.1.is_active()
    }
}
