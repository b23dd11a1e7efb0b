//! The operations that the models use, of the reference, each bug, the control and the shipped buffer.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use bounded_buffer::{BoundedBuffer, Consumer, PopTimeoutError, Producer, TryPopError, WaitStrategy, bounded};

/// Creates a queue. It is closed when `producers` producers have left; 0 disables that.
pub type New = fn(capacity: usize, producers: usize) -> Box<dyn Queue>;

/// A bounded buffer. The two references have the operations of their models, the shipped buffer has all.
pub trait Queue: Send + Sync {
    fn push(&self, item: Item) -> Result<(), Fail>;
    fn push_many(&self, _items: VecDeque<Item>) -> Result<(), Fail> {
        panic!("{NOT_HERE}")
    }
    fn pop(&self, deadline: Option<Instant>) -> Result<Item, Fail>;
    /// Waits for at least one item. Returns none if the queue is closed and drained.
    fn pop_many(&self, _max: usize) -> Vec<Item> {
        panic!("{NOT_HERE}")
    }
    fn try_pop(&self) -> Result<Item, Fail>;
    /// Pops from a task.
    fn pop_async(&self) -> PopFuture<'_> {
        panic!("{NOT_HERE}")
    }
    /// Removes and drops all items.
    fn clear(&self) {
        panic!("{NOT_HERE}")
    }
    fn close(&self) {
        panic!("{NOT_HERE}")
    }
    /// Called once by each producer, after its last push.
    fn leave(&self) {
        panic!("{NOT_HERE}")
    }
}

/// The future of a pop, of any buffer.
pub type PopFuture<'a> = Pin<Box<dyn Future<Output = Result<Item, Fail>> + Send + 'a>>;

const NOT_HERE: &str = "this reference lacks the operation; its bugs need other models";

/// Why an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fail {
    /// There was no item, or none before the deadline.
    Empty,
    Closed,
}

/// A number. One model adds a function that runs when the item is dropped.
pub struct Item {
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

/// No thread switches while it holds this lock, so std's mutex suffices and adds no step.
#[allow(clippy::disallowed_types, reason = "not part of what the model checks")]
type Handles = std::sync::Mutex<Vec<Producer<Item>>>;

/// The buffer of this repository.
pub const SHIPPED: New = |capacity, producers| Box::new(Shipped::new(capacity, producers));

/// The same, with its default wait strategy: a thread spins on the length and yields before it waits.
pub const SPINNING: New = |capacity, _| {
    Box::new(Shipped::Alone(Box::new(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Adaptive))))
};

/// The shipped buffer, with its handles if they are to close it.
enum Shipped {
    Alone(Box<BoundedBuffer<Item>>),
    WithHandles(Consumer<Item>, Handles),
}

impl Shipped {
    fn new(capacity: usize, producers: usize) -> Self {
        if producers == 0 {
            return Self::Alone(Box::new(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Park)));
        }
        let (producer, consumer) = bounded(capacity);
        Self::WithHandles(consumer, Handles::new(vec![producer; producers]))
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
        _ = self.buffer().pop_many(&mut items, max); // an error leaves `items` empty
        items
    }

    fn try_pop(&self) -> Result<Item, Fail> {
        self.buffer().try_pop().map_err(|error| match error {
            TryPopError::Empty => Fail::Empty,
            TryPopError::Closed => Fail::Closed,
        })
    }

    fn pop_async(&self) -> PopFuture<'_> {
        let pop = self.buffer().pop_async();
        Box::pin(async { pop.await.map_err(|_| Fail::Closed) })
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
            drop(producer); // after the lock above is released
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
