//! Futures that one thread creates, polls by hand and drops, next to operations that do not wait, compared with a model.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Wake, Waker};

use bounded_buffer::{BoundedBuffer, TryPopError, TryPushError};

mod model;

use model::{Model, Outcome, Task};

const SLOTS: usize = 6;
const WAKERS: usize = 2;

/// A step of a sequence. A slot holds one future at a time.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    Create(usize, Kind),
    Poll(usize, usize),
    Cancel(usize),
    TryPush,
    TryPushMany(usize),
    ForcePush,
    TryPop,
    TryPopMany(usize),
    Drain,
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Push,
    PushMany(usize),
    Pop,
    PopMany(usize),
    Closed,
}

impl Operation {
    /// Any two bytes are an operation, so that a fuzzer can use its input as it is.
    pub fn decode([kind, argument]: [u8; 2]) -> Self {
        let (slot, count) = (usize::from(argument) % SLOTS, usize::from(argument) / SLOTS % 5);
        match kind % 32 {
            0..3 => Self::Create(slot, Kind::Push),
            3 => Self::Create(slot, Kind::PushMany(count)),
            4..7 => Self::Create(slot, Kind::Pop),
            7 => Self::Create(slot, Kind::PopMany(count.max(1))),
            8..18 => Self::Poll(slot, count % WAKERS),
            18..22 => Self::Cancel(slot),
            22..24 => Self::TryPush,
            24 => Self::TryPushMany(count),
            25 => Self::ForcePush,
            26..28 => Self::TryPop,
            28 => Self::TryPopMany(count.max(1)),
            29 => Self::Drain,
            30 => Self::Create(slot, Kind::Closed),
            _ if argument > 200 => Self::Close,
            _ => Self::TryPop,
        }
    }
}

/// Counts how often a waker was called.
#[derive(Default)]
struct Calls(AtomicU32);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed); // Relaxed: one thread
    }
}

/// An input of the fuzz target: the first byte is the capacity, each pair of bytes after it an operation.
pub fn compare_input(input: &[u8]) {
    let [capacity, operations @ ..] = input else { return };
    let operations = operations.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
    compare(usize::from(capacity % 4) + 1, operations.map(Operation::decode));
}

/// Applies the operations to a buffer and to the model, and compares them after each.
pub fn compare(capacity: usize, operations: impl IntoIterator<Item = Operation>) {
    let buffer = BoundedBuffer::new(capacity);
    let mut pair = Pair::new(&buffer);
    for operation in operations {
        pair.apply(operation);
        pair.check();
    }
    pair.finish();
}

/// The buffer with its futures, and the state that both must have.
struct Pair<'a> {
    buffer: &'a BoundedBuffer<u32>,
    futures: [Option<Pin<Box<dyn Future<Output = Outcome> + 'a>>>; SLOTS],
    calls: [[Arc<Calls>; WAKERS]; SLOTS],
    model: Model,
}

impl<'a> Pair<'a> {
    fn new(buffer: &'a BoundedBuffer<u32>) -> Self {
        Self {
            buffer,
            futures: [const { None }; SLOTS],
            calls: Default::default(),
            model: Model::new(buffer.capacity()),
        }
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Create(slot, kind) if !self.model.has_future(slot) => self.create(slot, kind),
            Operation::Poll(slot, waker) if self.model.has_future(slot) => self.poll(slot, waker),
            Operation::Cancel(slot) if self.model.has_future(slot) => {
                self.futures[slot] = None;
                self.model.end(slot);
            }
            Operation::Create(..) | Operation::Poll(..) | Operation::Cancel(_) => {}
            Operation::TryPush => {
                let item = self.model.item();
                let expected = match self.model.accept(&mut VecDeque::from([item])) {
                    _ if self.model.closed => Err(TryPushError::Closed(item)),
                    0 => Err(TryPushError::Full(item)),
                    _ => Ok(()),
                };
                assert_eq!(self.buffer.try_push(item), expected);
            }
            Operation::TryPushMany(count) => {
                let mut items: VecDeque<_> = (0..count).map(|_| self.model.item()).collect();
                let mut rest = items.clone();
                let accepted = self.model.accept(&mut rest);
                assert_eq!(self.buffer.try_push_many(&mut items).unwrap_or(0), accepted);
                assert_eq!(items, rest);
            }
            Operation::ForcePush => {
                let item = self.model.item();
                let evicts = !self.model.closed && self.model.queue.len() == self.buffer.capacity();
                let evicted = if evicts { self.model.queue.pop_front() } else { None };
                self.model.accept(&mut VecDeque::from([item]));
                assert_eq!(self.buffer.force_push(item).unwrap_or(None), evicted);
            }
            Operation::TryPop => {
                let expected = self.model.take(1).first().copied();
                let nothing = if self.model.closed { TryPopError::Closed } else { TryPopError::Empty };
                assert_eq!(self.buffer.try_pop(), expected.ok_or(nothing));
            }
            Operation::TryPopMany(max) => {
                let mut taken = Vec::new();
                assert_eq!(self.buffer.try_pop_many(&mut taken, max).unwrap_or(0), taken.len());
                assert_eq!(taken, self.model.take(max));
            }
            Operation::Drain => assert_eq!(self.buffer.drain(), self.model.take(usize::MAX)),
            Operation::Close => {
                assert_eq!(self.buffer.close(), !self.model.closed);
                self.model.closed = true;
            }
        }
        self.model.release();
    }

    fn create(&mut self, slot: usize, kind: Kind) {
        let buffer = self.buffer;
        let mut batch = self.model.create(slot, kind);
        self.futures[slot] = Some(match kind {
            Kind::Push => Box::pin(async move {
                Outcome::Pushed(buffer.push_async(batch[0]).await.map(|()| 1).map_err(|error| vec![error.0]))
            }),
            Kind::PushMany(_) => Box::pin(async move {
                let result = buffer.push_many_async(&mut batch).await;
                Outcome::Pushed(result.map_err(|_| batch.into()))
            }),
            Kind::Pop => Box::pin(async { Outcome::Popped(buffer.pop_async().await.ok().map(|item| vec![item])) }),
            Kind::PopMany(max) => Box::pin(async move {
                let mut taken = vec![u32::MAX];
                let result = buffer.pop_many_async(&mut taken, max).await;
                assert_eq!(taken.remove(0), u32::MAX, "a batch is appended");
                Outcome::Popped(result.ok().map(|_| taken))
            }),
            Kind::Closed => Box::pin(async {
                buffer.closed().await;
                Outcome::Closed
            }),
        });
    }

    fn poll(&mut self, slot: usize, waker: usize) {
        let expected = self.model.poll(slot, waker);
        let future = self.futures[slot].as_mut().expect("the model has a future");
        let waker = Waker::from(self.calls[slot][waker].clone());
        assert_eq!(future.as_mut().poll(&mut Context::from_waker(&waker)), expected);
        if expected.is_ready() {
            self.futures[slot] = None;
            self.model.end(slot);
        }
    }

    /// Compares all observable state, after each operation.
    fn check(&self) {
        let stats = self.buffer.stats();
        assert_eq!((self.buffer.len(), self.buffer.is_closed()), (self.model.queue.len(), self.model.closed));
        assert_eq!(
            [stats.waiting_producers, stats.waiting_consumers],
            [self.model.registered(0), self.model.registered(1)]
        );
        assert_eq!([stats.push_waits, stats.pop_waits], self.model.waits[..2]);
        assert_eq!((stats.notifications, stats.wasted_wakeups), (self.model.notifications, self.model.wasted));
        for (slot, wakers) in self.calls.iter().enumerate() {
            for (number, calls) in wakers.iter().enumerate() {
                let expected = self.model.calls[slot][number];
                assert_eq!(calls.0.load(Ordering::Relaxed), expected, "calls of waker {number} of future {slot}");
                let stored = usize::from(self.model.task(slot) == Task::Waits(number));
                assert_eq!(Arc::strong_count(calls), 1 + stored, "clones of waker {number} of future {slot}");
            }
        }
    }

    /// Drops all futures. No task is counted afterwards.
    fn finish(mut self) {
        for slot in 0..SLOTS {
            self.apply(Operation::Cancel(slot));
            self.check();
        }
        assert_eq!(self.buffer.drain(), Vec::from(self.model.queue));
    }
}
