//! The operations that the scenario needs from a channel.

use bounded_buffer::{
    BoundedBuffer, Consumer, PopError, Producer, PushError, Stats, TryPopError, TryPushError, bounded,
};

use crate::item::Item;

/// A kind of bounded channel: the types of its two ends, and how to open it.
///
/// Implemented for [`BoundedBuffer<Item>`], and in `peers.rs` for `std::sync::mpsc::sync_channel` and `crossbeam_channel`.
pub trait Channel: 'static {
    /// The name of the channel in the report.
    const NAME: &'static str;
    /// The end that producers hold.
    type Push: PushEnd;
    /// The end that consumers hold.
    type Pop: PopEnd;
    /// Opens a channel with `capacity` slots.
    fn open(capacity: usize) -> (Self::Push, Self::Pop);
}

/// The end that producers hold. Dropping the last one closes the channel.
///
/// The runner first attempts an operation without waiting and calls the waiting operation only if that fails. This shows
/// which operations wait, and for how long.
pub trait PushEnd: Clone + Send + 'static {
    /// Pushes an item if a slot is free.
    ///
    /// # Errors
    ///
    /// Returns the item if no slot is free or the channel is closed.
    fn try_push(&self, item: Item) -> Result<(), TryPushError<Item>>;

    /// Pushes an item, blocking while no slot is free.
    ///
    /// # Errors
    ///
    /// Returns the item if the channel is closed.
    fn push(&self, item: Item) -> Result<(), PushError<Item>>;

    /// Closes the channel although other producers still hold an end. A channel without this operation does nothing here and
    /// closes when the last end is dropped.
    fn close(&self) {}
}

/// The end that consumers hold.
pub trait PopEnd: Sized + Send + 'static {
    /// Pops an item if there is one.
    ///
    /// # Errors
    ///
    /// Reports whether the channel is empty, or closed and drained.
    fn try_pop(&self) -> Result<Item, TryPopError>;

    /// Pops an item, blocking while the channel is empty.
    ///
    /// # Errors
    ///
    /// Fails if the channel is closed and drained.
    fn pop(&self) -> Result<Item, PopError>;

    /// Creates an end for another consumer. Returns `None` if the channel supports only one consumer.
    fn try_clone(&self) -> Option<Self>;

    /// Returns the channel's own counters, if it has any.
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

    fn try_clone(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn stats(&self) -> Option<Stats> {
        Some(self.buffer().stats())
    }
}
