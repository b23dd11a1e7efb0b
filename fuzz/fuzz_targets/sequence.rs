//! A sequence of operations on one thread, compared with a `VecDeque`, a close flag and counters.
//!
//! An operation that would block is replaced by its timed version with a time-out of zero.
//!
//! ```text
//! cargo +nightly fuzz run sequence fuzz/corpus/sequence fuzz/seeds/sequence
//! ```

#![no_main]

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use arbitrary::Arbitrary;
use bounded_buffer::{
    BoundedBuffer, Consumer, PopTimeoutError, Producer, PushTimeoutError, TryPopError, TryPushError, WaitStrategy,
    bounded_with,
};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    capacity: u8,
    park: bool,
    operations: Vec<Operation>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Operation {
    Push,
    TryPush,
    PushTimeout,
    PushDeadline,
    ForcePush,
    PushMany(u8),
    TryPushMany(u8),
    Pop,
    TryPop,
    PopTimeout,
    PopDeadline,
    PopMany(u8),
    TryPopMany(u8),
    PopManyTimeout(u8),
    PopManyDeadline(u8),
    PopBatch(u8),
    Iter(u8),
    IterMany { max: u8, take: u8 },
    TryIter(u8),
    Drain,
    Close,
    CloseAndDrain,
    CloneProducer,
    CloneConsumer,
    DropProducer,
    DropConsumer,
}

/// An item that counts the live items.
struct Item {
    id: u32,
    live: Rc<Cell<usize>>,
}

impl Drop for Item {
    fn drop(&mut self) {
        self.live.set(self.live.get() - 1);
    }
}

/// The buffer, and the state that it must have.
struct Pair {
    producers: Vec<Producer<Item>>,
    consumers: Vec<Consumer<Item>>,
    live: Rc<Cell<usize>>,
    next: u32,
    capacity: usize,
    queue: VecDeque<u32>,
    closed: bool,
    popped: u64,
    evicted: u64,
    high_water: usize,
}

fn ids<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<u32> {
    items.into_iter().map(|item| item.id).collect()
}

impl Pair {
    fn new(capacity: usize, strategy: WaitStrategy) -> Self {
        let (producer, consumer) = bounded_with(capacity, strategy);
        Self {
            producers: vec![producer],
            consumers: vec![consumer],
            live: Rc::default(),
            next: 0,
            capacity,
            queue: VecDeque::new(),
            closed: false,
            popped: 0,
            evicted: 0,
            high_water: 0,
        }
    }

    fn item(&mut self) -> Item {
        self.live.set(self.live.get() + 1);
        self.next += 1;
        Item { id: self.next, live: self.live.clone() }
    }

    fn free(&self) -> usize {
        self.capacity - self.queue.len()
    }

    /// Any handle gives the buffer; `None` once all were dropped.
    fn with_buffer<R>(&self, act: impl FnOnce(&BoundedBuffer<Item>) -> R) -> Option<R> {
        match (self.producers.last(), self.consumers.last()) {
            (Some(producer), _) => Some(act(producer.buffer())),
            (None, Some(consumer)) => Some(act(consumer.buffer())),
            (None, None) => None,
        }
    }

    /// Removes the next items from the model.
    fn take(&mut self, max: usize) -> Vec<u32> {
        let count = max.min(self.queue.len());
        self.popped += count as u64;
        self.queue.drain(..count).collect()
    }

    fn apply(&mut self, operation: Operation) {
        use Operation::*;
        match operation {
            Push | TryPush | PushTimeout | PushDeadline | ForcePush if self.producers.is_empty() => {}
            Push | TryPush | PushTimeout | PushDeadline => self.push(operation),
            ForcePush => self.force_push(),
            PushMany(_) | TryPushMany(_) if self.producers.is_empty() => {}
            PushMany(count) => self.push_many(count.into(), self.closed || usize::from(count) <= self.free()),
            TryPushMany(count) => self.push_many(count.into(), false),
            CloneProducer => self.producers.extend(self.producers.last().cloned()),
            CloneConsumer => self.consumers.extend(self.consumers.last().cloned()),
            DropProducer => {
                if self.producers.pop().is_some() && self.producers.is_empty() {
                    self.closed = true;
                }
            }
            DropConsumer => {
                if self.consumers.pop().is_some() && self.consumers.is_empty() {
                    self.closed = true;
                    self.take(usize::MAX); // dropped, counted as popped
                }
            }
            Close => {
                if let Some(first) = self.with_buffer(BoundedBuffer::close) {
                    assert_eq!(first, !self.closed);
                    self.closed = true;
                }
            }
            _ if self.consumers.is_empty() => {}
            Pop | TryPop | PopTimeout | PopDeadline => self.pop(operation),
            PopMany(max) | TryPopMany(max) | PopManyTimeout(max) | PopManyDeadline(max) | PopBatch(max) => {
                self.pop_many(operation, max.into());
            }
            Iter(count) => {
                let count = self.without_blocking(count.into());
                let items: Vec<_> = self.consumers[0].iter().take(count).collect();
                assert_eq!(ids(&items), self.take(count));
            }
            IterMany { max, take } => self.iter_many(max.max(1).into(), take.into()),
            TryIter(count) => {
                let items: Vec<_> = self.consumers[0].try_iter().take(count.into()).collect();
                assert_eq!(ids(&items), self.take(count.into()));
            }
            Drain => {
                let items = self.consumers[0].drain();
                assert_eq!(ids(&items), self.take(usize::MAX));
            }
            CloseAndDrain => {
                let items = self.consumers[0].buffer().close_and_drain();
                self.closed = true;
                assert_eq!(ids(&items), self.take(usize::MAX));
            }
        }
    }

    /// The number of items that an iterator yields before it would block.
    fn without_blocking(&self, count: usize) -> usize {
        if self.closed { count } else { count.min(self.queue.len()) }
    }

    fn push(&mut self, operation: Operation) {
        let item = self.item();
        let id = item.id;
        let full = self.free() == 0;
        let producer = &self.producers[0];
        // Whether the buffer was closed, and the returned item.
        let refused = match operation {
            Operation::Push if self.closed || !full => {
                producer.push(item).err().map(|error| (true, error.into_inner()))
            }
            Operation::TryPush => producer.try_push(item).err().map(|error| match error {
                TryPushError::Full(item) => (false, item),
                TryPushError::Closed(item) => (true, item),
            }),
            _ => match operation {
                Operation::PushDeadline => producer.push_deadline(item, Instant::now()),
                _ => producer.push_timeout(item, Duration::ZERO),
            }
            .err()
            .map(|error| match error {
                PushTimeoutError::Timeout(item) => (false, item),
                PushTimeoutError::Closed(item) => (true, item),
            }),
        };
        let refused = refused.map(|(closed, item)| (closed, item.id));
        assert_eq!(refused, (self.closed || full).then_some((self.closed, id)));
        if refused.is_none() {
            self.queue.push_back(id);
        }
    }

    fn force_push(&mut self) {
        let item = self.item();
        let id = item.id;
        match self.producers[0].force_push(item) {
            Err(refused) => assert_eq!((refused.into_inner().id, true), (id, self.closed)),
            Ok(evicted) => {
                assert!(!self.closed);
                let expected = if self.free() == 0 { self.queue.pop_front() } else { None };
                self.evicted += u64::from(expected.is_some());
                assert_eq!(evicted.map(|item| item.id), expected);
                self.queue.push_back(id);
            }
        }
    }

    fn push_many(&mut self, count: usize, all: bool) {
        let mut items: VecDeque<_> = (0..count).map(|_| self.item()).collect();
        let offered = ids(&items);
        let fitting = if self.closed { 0 } else { self.free().min(count) };
        let producer = &self.producers[0];
        let result = if all {
            producer.push_many(&mut items).map_err(|_| TryPushError::Closed(()))
        } else {
            producer.try_push_many(&mut items)
        };
        let expected = match (count, self.closed, fitting) {
            (0, ..) => Ok(0),
            (_, true, _) => Err(TryPushError::Closed(())),
            (_, _, 0) => Err(TryPushError::Full(())),
            _ => Ok(fitting),
        };
        assert_eq!(result, expected);
        assert_eq!(ids(&items), offered[fitting..]);
        self.queue.extend(&offered[..fitting]);
    }

    fn why_nothing(&self) -> TryPopError {
        if self.closed { TryPopError::Closed } else { TryPopError::Empty }
    }

    fn pop(&mut self, operation: Operation) {
        let blocks = !self.closed && self.queue.is_empty();
        let consumer = &self.consumers[0];
        let result = match operation {
            Operation::Pop if !blocks => consumer.pop().map_err(TryPopError::from),
            Operation::TryPop => consumer.try_pop(),
            Operation::PopDeadline => consumer.pop_deadline(Instant::now()).map_err(without_timeout),
            _ => consumer.pop_timeout(Duration::ZERO).map_err(without_timeout),
        };
        let expected = self.take(1).pop().ok_or_else(|| self.why_nothing());
        assert_eq!(result.map(|item| item.id), expected);
    }

    fn pop_many(&mut self, operation: Operation, max: usize) {
        let blocks = !self.closed && self.queue.is_empty();
        let (mut items, consumer) = (Vec::new(), &self.consumers[0]);
        let into = &mut items;
        let result = match operation {
            Operation::PopMany(_) if !blocks => consumer.pop_many(into, max).map_err(TryPopError::from),
            Operation::PopBatch(_) if !blocks => {
                consumer.pop_batch(into, max, Duration::ZERO).map_err(TryPopError::from)
            }
            Operation::TryPopMany(_) => consumer.try_pop_many(into, max),
            Operation::PopManyDeadline(_) => {
                consumer.pop_many_deadline(into, max, Instant::now()).map_err(without_timeout)
            }
            _ => consumer.pop_many_timeout(into, max, Duration::ZERO).map_err(without_timeout),
        };
        let expected = self.take(max);
        let nothing = expected.is_empty() && max > 0;
        assert_eq!(result, if nothing { Err(self.why_nothing()) } else { Ok(expected.len()) });
        assert_eq!(ids(&items), expected);
    }

    /// Takes items from the iterator, then the ones that it holds, then drops it.
    fn iter_many(&mut self, max: usize, count: usize) {
        let count = self.without_blocking(count);
        let mut iterator = self.consumers[0].iter_many(max);
        let items: Vec<_> = iterator.by_ref().take(count).collect();
        // The iterator takes the items in batches; `count` items need the batches up to the last of them.
        let remaining = iterator.into_remaining();
        let taken = ids(items.iter().chain(&remaining));
        assert_eq!(taken, self.take(count.next_multiple_of(max)));
        assert_eq!(items.len(), count.min(taken.len()));
    }

    /// Compares the observable state.
    fn check(&mut self) {
        let len = self.queue.len();
        self.high_water = self.high_water.max(len);
        assert_eq!(self.live.get(), len, "live items");
        self.with_buffer(|buffer| {
            assert_eq!((buffer.len(), buffer.remaining(), buffer.capacity()), (len, self.free(), self.capacity));
            assert_eq!(
                (buffer.is_empty(), buffer.is_full(), buffer.is_closed()),
                (len == 0, self.free() == 0, self.closed)
            );
            let stats = buffer.stats();
            assert_eq!((stats.popped, stats.evicted, stats.high_water), (self.popped, self.evicted, self.high_water));
            assert_eq!(stats.pushed, self.popped + self.evicted + len as u64);
            assert_eq!((stats.notifications, stats.wasted_wakeups), (0, 0));
            assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
        });
    }
}

/// A zero time-out that expires corresponds to a failed attempt.
fn without_timeout(error: PopTimeoutError) -> TryPopError {
    match error {
        PopTimeoutError::Timeout => TryPopError::Empty,
        PopTimeoutError::Closed => TryPopError::Closed,
    }
}

fuzz_target!(|input: Input| {
    let strategy = if input.park { WaitStrategy::Park } else { WaitStrategy::Adaptive };
    let mut pair = Pair::new(usize::from(input.capacity % 12) + 1, strategy);
    for operation in input.operations {
        pair.apply(operation);
        pair.check();
    }
    let live = pair.live.clone();
    drop(pair);
    assert_eq!(live.get(), 0, "dropping the buffer drops its items");
});
