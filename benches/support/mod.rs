//! One interface to every channel that is measured, what is measured on it, and the proof that it does what it should.
//!
//! `peers/` has an adapter for each, `workload.rs` the runs, `sanity.rs` the proof.

#![allow(dead_code, unused_imports, reason = "each bench takes what it needs")]
#![allow(clippy::disallowed_types, reason = "peers are measured, not modelled")]

pub(crate) mod criterion_setup;
pub(crate) mod peers;
pub(crate) mod processor;
pub(crate) mod sanity;
pub(crate) mod statistics;
pub(crate) mod work;
pub(crate) mod workload;

/// A bounded channel for items of type `T`, named by a type.
///
/// Whether several consumers may share it is said by its receiver's type: only one that is `Clone` can be given to several, so
/// a std channel in a workload of several consumers does not compile.
pub(crate) trait Channel<T> {
    type Sender: Sender<T> + Clone + 'static;
    type Receiver: Receiver<T> + 'static;
    fn open(capacity: usize) -> (Self::Sender, Self::Receiver);
}

pub(crate) trait Sender<T>: Send {
    /// Waits while the channel is full.
    fn push(&self, item: T);
}

pub(crate) trait Receiver<T>: Send {
    /// Waits while the channel is empty.
    fn pop(&self) -> T;
}

/// What travels: told apart, so that the sanity check can follow each.
pub(crate) trait Item: Send + 'static {
    /// How the tables call it.
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

/// A cache line's worth.
impl Item for [u64; 8] {
    const NAME: &'static str = "64 B";
    fn new(id: u64) -> Self {
        [id; 8]
    }
    fn id(&self) -> u64 {
        self[7]
    }
}
