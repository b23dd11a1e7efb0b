//! What the models ask of a bounded buffer: the reference, each bug, the control and the shipped one alike.

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use bounded_buffer::{BoundedBuffer, Consumer, PopTimeoutError, Producer, TryPopError, WaitStrategy, bounded};
use loom::sync::Mutex;

/// Makes one for so many producers: when all have left, it is closed. 0 if they are not counted.
pub(crate) type New = fn(capacity: usize, producers: usize) -> Box<dyn Queue>;

/// The operations.
pub(crate) trait Queue: Send + Sync {
    fn push(&self, item: Item) -> Result<(), Fail>;
    fn push_many(&self, items: VecDeque<Item>) -> Result<(), Fail>;
    fn pop(&self, deadline: Option<Instant>) -> Result<Item, Fail>;
    /// Waits for at least one item; none if it is closed and drained.
    fn pop_many(&self, max: usize) -> Vec<Item>;
    fn try_pop(&self) -> Result<Item, Fail>;
    /// Throws out what is there.
    fn clear(&self);
    fn close(&self);
    /// A producer is done.
    fn leave(&self);
}

/// Why an operation did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fail {
    /// Nothing was there, or came in time.
    Empty,
    Closed,
}

/// A number; one model wants something done when it is dropped.
pub(crate) struct Item {
    pub(crate) number: u32,
    pub(crate) on_drop: Option<Box<dyn FnOnce() + Send>>,
}

impl From<u32> for Item {
    fn from(number: u32) -> Self {
        Self { number, on_drop: None }
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        if let Some(on_drop) = self.on_drop.take() {
            on_drop();
        }
    }
}

/// The shipped buffer: by itself where nobody counts producers, else with the handles that close it.
pub(crate) enum Shipped {
    Alone(Box<BoundedBuffer<Item>>),
    WithHandles(Consumer<Item>, Mutex<Vec<Producer<Item>>>),
}

impl Shipped {
    pub(crate) fn new(capacity: usize, producers: usize) -> Self {
        if producers == 0 {
            return Self::Alone(Box::new(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Park)));
        }
        let (producer, consumer) = bounded(capacity);
        Self::WithHandles(consumer, Mutex::new(vec![producer; producers]))
    }

    fn buffer(&self) -> &BoundedBuffer<Item> {
        match self {
            Self::Alone(buffer) => buffer,
            Self::WithHandles(consumer, _) => consumer.buffer(),
        }
    }
}

impl Queue for Shipped {
    fn push(&self, item: Item) -> Result<(), Fail> {
        self.buffer().push(item).map_err(|_| Fail::Closed)
    }

    fn push_many(&self, mut items: VecDeque<Item>) -> Result<(), Fail> {
        self.buffer().push_many(&mut items).map(drop).map_err(|_| Fail::Closed)
    }

    fn pop(&self, deadline: Option<Instant>) -> Result<Item, Fail> {
        let Some(deadline) = deadline else {
            return self.buffer().pop().map_err(|_| Fail::Closed);
        };
        self.buffer().pop_deadline(deadline).map_err(|error| match error {
            PopTimeoutError::Timeout => Fail::Empty,
            PopTimeoutError::Closed => Fail::Closed,
        })
    }

    fn pop_many(&self, max: usize) -> Vec<Item> {
        let mut items = Vec::new();
        _ = self.buffer().pop_many(&mut items, max); // no items say enough
        items
    }

    fn try_pop(&self) -> Result<Item, Fail> {
        self.buffer().try_pop().map_err(|error| match error {
            TryPopError::Empty => Fail::Empty,
            TryPopError::Closed => Fail::Closed,
        })
    }

    fn clear(&self) {
        drop(self.buffer().drain());
    }

    fn close(&self) {
        self.buffer().close();
    }

    fn leave(&self) {
        if let Self::WithHandles(_, producers) = self {
            let producer = producers.lock().unwrap().pop();
            drop(producer); // now that the lock above is free
        }
    }
}

/// A side in the words of [`BoundedBuffer`]'s own state.
pub(crate) fn waiting(side: &str, waiting: usize, wakeup_pending: bool) -> String {
    match (waiting, wakeup_pending) {
        (0, false) => String::new(),
        (_, false) => format!("; {side}: {waiting} waiting"),
        (_, true) => format!("; {side}: {waiting} waiting, wake-up pending"),
    }
}
