//! One interface to each measured channel, the runs, and a check that each channel delivers its items.
//!
//! `peers/` has an adapter for each, `workload.rs` the runs, `sanity.rs` the check.

#![allow(dead_code, unused_imports, reason = "each bench uses a part")]
#![allow(clippy::disallowed_types, reason = "peers are measured, not modelled")]

pub(crate) mod criterion_setup;
pub(crate) mod peers;
pub(crate) mod processor;
pub(crate) mod sanity;
pub(crate) mod work;
pub(crate) mod workload;

/// A bounded channel for items of type `T`, named by a type.
///
/// Several consumers need a receiver that is `Clone`, so a workload of several consumers does not compile with std's channel.
pub(crate) trait Channel<T> {
    type Sender: Sender<T> + Clone + 'static;
    type Receiver: Receiver<T> + 'static;
    fn open(capacity: usize) -> (Self::Sender, Self::Receiver);
}

pub(crate) trait Sender<T>: Send {
    /// Blocks while the channel is full.
    fn push(&self, item: T);
}

pub(crate) trait Receiver<T>: Send {
    /// Blocks while the channel is empty.
    fn pop(&self) -> T;
}

/// An item with a number, so that the sanity check can follow each.
pub(crate) trait Item: Send + 'static {
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
