//! What the benchmarks measure: one interface to each channel, the runs, and a check that each channel delivers its items.

#![allow(clippy::disallowed_types, reason = "peers are measured, not modelled")]

pub mod peers;
pub mod processor;
pub mod sanity;
pub mod work;
pub mod workload;

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// A bounded channel for items of type `T`, named by a type.
pub trait Channel<T>: 'static {
    type Sender: Clone + Send + 'static;
    type Receiver: Send + 'static;
    /// Both ends, with a receiver for each consumer; `None` if the channel cannot have so many.
    fn open(capacity: usize, consumers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)>;
    /// The same for one consumer.
    fn pair(capacity: usize) -> (Self::Sender, Self::Receiver) {
        let (sender, mut receivers) = Self::open(capacity, 1).expect("each channel can have one receiver");
        (sender, receivers.remove(0))
    }
    /// Blocks while the channel is full.
    fn push(sender: &Self::Sender, item: T);
    /// Blocks while the channel is empty.
    fn pop(receiver: &Self::Receiver) -> T;
}

/// An item with a number, so that its consumer reads all of it.
pub trait Item: Send + 'static {
    /// Its name in the tables.
    const NAME: &'static str;
    fn new(id: u64) -> Self;
    fn id(&self) -> u64;
}

impl Item for u64 {
    const NAME: &'static str = "8 B";
    fn new(id: u64) -> Self {
        id
    }
    fn id(&self) -> u64 {
        *self
    }
}

/// As large as a cache line.
impl Item for [u64; 8] {
    const NAME: &'static str = "64 B";
    fn new(id: u64) -> Self {
        [id; 8]
    }
    fn id(&self) -> u64 {
        self[7]
    }
}

/// Ends the program with a message if `what` is not done after a minute, far longer than a run takes. Dropping the result ends the
/// watch.
#[must_use]
pub fn watch(what: String) -> Sender<()> {
    const LIMIT: Duration = Duration::from_mins(1);
    let (alive, watched) = channel::<()>();
    thread::spawn(move || {
        if watched.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            eprintln!("error: {what} hangs: not done after {LIMIT:?}");
            std::process::exit(1);
        }
    });
    alive
}
