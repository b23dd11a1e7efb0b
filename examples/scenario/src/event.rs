//! The events of a run, and what they say about one thread.

use std::fmt;
use std::time::{Duration, Instant};

/// A thread of a run. Producers and consumers are numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worker {
    /// A thread that pushes.
    Producer(usize),
    /// A thread that pops.
    Consumer(usize),
    /// The thread in [`Run::execute`](crate::Run::execute), which closes the buffer if no other thread does.
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
    /// The thread panicked.
    Failed,
    /// The thread finished its work.
    Ended,
    /// The buffer was closed, perhaps by a thread that is no [`Worker`]. Observed when the producers have ended.
    Closed,
}

/// What one thread has done, computed from its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadReport {
    /// Number of items that it pushed or popped.
    pub items: u64,
    /// How often it waited because the buffer was full (a producer) or empty (a consumer).
    pub blocked: u64,
    /// Total time of the waits that have ended.
    pub blocked_time: Duration,
    pub state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Working,
    /// On a full buffer (a producer) or an empty one (a consumer), since this time.
    Blocked(Instant),
    Ended,
    Failed,
}

impl ThreadReport {
    /// Adds the next event of this thread.
    pub fn record(&mut self, event: &Event) {
        match event.action {
            Action::WaitBegan => {
                self.blocked += 1;
                self.state = State::Blocked(event.at);
            }
            Action::WaitEnded => {
                if let State::Blocked(since) = self.state {
                    self.blocked_time += event.at - since;
                }
                self.state = State::Working;
            }
            Action::Pushed { .. } | Action::Popped { .. } => self.items += 1,
            Action::Ended => self.state = State::Ended,
            Action::Failed => self.state = State::Failed,
            Action::Began | Action::Closed => {}
        }
    }
}
