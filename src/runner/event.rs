//! What happens during a run, for those who want to see it.

use std::fmt;
use std::time::Instant;

/// A thread of a run. Producers and consumers are each numbered from 1; a number is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Worker {
    /// One that pushes.
    Producer(usize),
    /// One that pops.
    Consumer(usize),
    /// Whoever started the run, waits for its end, and closes the channel.
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

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// To whom.
    pub worker: Worker,
    /// What.
    pub action: Action,
}

/// What can happen to a [`Worker`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Its thread runs.
    Began,
    /// It found the channel full (a producer) or empty (a consumer) and starts to wait.
    WaitBegan,
    /// It waits no longer: it could act, or the channel was closed.
    WaitEnded,
    /// Its item was accepted.
    Pushed {
        /// The item's number among those of its producer, from 0.
        sequence: u64,
        /// The item.
        value: u32,
    },
    /// It took an item.
    Popped {
        /// Who pushed the item.
        producer: usize,
        /// The item's number among those of its producer, from 0.
        sequence: u64,
        /// The item.
        value: u32,
    },
    /// It woke others by what it did just before: one `notify_one`, or the `notify_all` of a close. (Told of a
    /// [`BoundedBuffer`](crate::BoundedBuffer) only; other channels wake in secret.)
    Notified,
    /// It panicked; the [`Report`](super::Report) tells the message.
    Failed,
    /// Its work is done.
    Ended,
    /// The channel was closed. (The [`Runner`](Worker::Runner) only.)
    Closed,
}

/// Who is told of every [`Event`], in the thread to which it happens, as soon as it has happened.
///
/// An observer is called by many threads at once. What it does takes the worker's time. That an item was pushed may be told
/// after it was popped: the consumer can be faster than the producer's way back from its push.
///
/// Closures that take an `&Event` are observers. `()` sees nothing, and a run with it costs nothing more; a pair tells
/// both, an `Option` may be none:
///
/// ```
/// use bounded_buffer::runner::{Action, Event, Scenario};
///
/// let print = |event: &Event| {
///     if let Action::Popped { value, .. } = event.action {
///         println!("{} consumed: {value}", event.worker);
///     }
/// };
/// let scenario = Scenario { time_scale: 0.0, ..Scenario::default() };
/// assert!(scenario.start(print)?.join().verdict.holds());
/// # Ok::<(), bounded_buffer::runner::StartError>(())
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Is told of an event.
    fn event(&self, event: &Event);

    /// Does it want to be told at all? If not, nobody looks at the clock for it.
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
