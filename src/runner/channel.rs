//! What a channel must be able to do to run the scenario.

use super::item::Item;
use crate::{BoundedBuffer, Consumer, PopError, Producer, PushError, Stats, TryPopError, TryPushError, bounded};

/// A bounded channel, named by a type: its two ends, and how to open it.
///
/// Implemented for [`BoundedBuffer<Item>`]. `examples/producer_consumer/peers.rs` has the adapters for
/// `std::sync::mpsc::sync_channel` and `crossbeam_channel`.
pub trait Channel: 'static {
    /// What the report calls it.
    const NAME: &'static str;
    /// What producers hold.
    type Push: PushEnd;
    /// What consumers hold.
    type Pop: PopEnd;
    /// A new channel of `capacity` slots.
    fn open(capacity: usize) -> (Self::Push, Self::Pop);
}

/// The end that producers hold. The channel is closed when the last one is dropped.
///
/// A waiting operation is split in two, so that the runner knows which of them wait, and for how long: an attempt, and if that
/// finds no slot, the operation that waits.
pub trait PushEnd: Clone + Send + 'static {
    /// Pushes if a slot is free.
    ///
    /// # Errors
    ///
    /// With the item, if there is no slot or the channel is closed.
    fn try_push(&self, item: Item) -> Result<(), TryPushError<Item>>;

    /// Pushes, and waits while no slot is free.
    ///
    /// # Errors
    ///
    /// With the item, if the channel is closed.
    fn push(&self, item: Item) -> Result<(), PushError<Item>>;

    /// Closes the channel at once, though other producers still hold an end. A channel that cannot do that does nothing; it
    /// closes when they are done.
    fn close(&self) {}
}

/// The end that consumers hold.
pub trait PopEnd: Sized + Send + 'static {
    /// Pops if there is an item.
    ///
    /// # Errors
    ///
    /// If there is none, and whether one can still come.
    fn try_pop(&self) -> Result<Item, TryPopError>;

    /// Pops, and waits while there is no item.
    ///
    /// # Errors
    ///
    /// If the channel is closed and drained.
    fn pop(&self) -> Result<Item, PopError>;

    /// Another end for another consumer; `None` if the channel admits one consumer only.
    fn another(&self) -> Option<Self>;

    /// The channel's own counters, if it keeps them.
    fn stats(&self) -> Option<Stats> {
        None
    }
}

impl Channel for BoundedBuffer<Item> {
    const NAME: &'static str = "bounded-buffer";
    type Push = Producer<Item>;
    type Pop = Consumer<Item>;

    fn open(capacity: usize) -> (Producer<Item>, Consumer<Item>) {
        bounded(capacity)
    }
}

impl PushEnd for Producer<Item> {
    fn try_push(&self, item: Item) -> Result<(), TryPushError<Item>> {
        self.try_push(item)
    }

    fn push(&self, item: Item) -> Result<(), PushError<Item>> {
        self.push(item)
    }

    fn close(&self) {
        self.close();
    }
}

impl PopEnd for Consumer<Item> {
    fn try_pop(&self) -> Result<Item, TryPopError> {
        self.try_pop()
    }

    fn pop(&self) -> Result<Item, PopError> {
        self.pop()
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn stats(&self) -> Option<Stats> {
        Some(self.buffer().stats())
    }
}
