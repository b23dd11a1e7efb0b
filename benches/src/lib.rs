//! What the benchmarks measure: one interface to each channel, the runs, and a check that each channel delivers its items.

#![allow(clippy::disallowed_types, reason = "peers are measured, not modelled")]

pub mod peers;
pub mod processor;
pub mod sanity;
pub mod watchdog;
pub mod work;
pub mod workload;

/// A bounded channel for items of type `T`, named by a type.
///
/// Several consumers need a receiver that is `Clone`, so a workload of several consumers does not compile with std's channel.
pub trait Channel<T>: 'static {
    type Sender: Clone + Send + 'static;
    type Receiver: Send + 'static;
    fn open(capacity: usize) -> (Self::Sender, Self::Receiver);
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

/// Whether `QUICK=1` is set: few and short measurements, to check that everything runs.
pub fn quick() -> bool {
    std::env::var_os("QUICK").is_some()
}
