//! A sequence of operations on the handles of a buffer, compared with a `VecDeque`, a close flag and counters.
//!
//! There is one thread, so an operation that would wait cannot be called. Its timed version is called instead with a time-out of
//! zero, and must fail.

#![allow(clippy::enum_glob_use, reason = "the operations are the words of this file")]

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bounded_buffer::{
    Consumer, Observer, PopTimeoutError, Producer, PushTimeoutError, Stats, TryPopError, TryPushError, WaitStrategy,
    WeakConsumer, WeakProducer, bounded_with,
};
use test_support::{Counted, Ledger};

const NOW: Duration = Duration::ZERO;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    Push(How),
    ForcePush,
    PushMany(How, usize),
    Pop(How),
    PopMany(How, usize),
    PopBatch(How, usize),
    Iter(usize),
    IterMany { max: usize, take: usize },
    TryIter(usize),
    Drain,
    Close,
    CloseAndDrain,
    CloneProducer,
    CloneConsumer,
    UpgradeProducer,
    UpgradeConsumer,
    DropProducer,
    DropConsumer,
}

/// How an operation waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    Wait,
    Try,
    Timeout,
    Deadline,
}

impl Operation {
    /// Any two bytes are an operation. Pushes and pops are equally likely; closing is rare, and so is dropping a handle.
    pub fn decode([kind, argument]: [u8; 2]) -> Self {
        use Operation::*;
        const EACH: [How; 4] = [How::Wait, How::Try, How::Timeout, How::Deadline];
        let (count, take) = (usize::from(argument % 16), usize::from(argument / 16));
        let how = |begin, share| EACH[usize::from((kind - begin) / share)];
        match kind {
            0..56 => Push(how(0, 14)),
            56..70 => ForcePush,
            70..97 => PushMany(How::Wait, count),
            97..116 => PushMany(How::Try, count),
            116..120 => PushMany(How::Timeout, count),
            120..124 => PushMany(How::Deadline, count),
            124..168 => Pop(how(124, 11)),
            168..200 => PopMany(how(168, 8), count.max(1)),
            200..205 => PopBatch(How::Wait, count.max(1)),
            205..208 => PopBatch(How::Timeout, count.max(1)),
            208..216 => Iter(count),
            216..224 => IterMany { max: count.max(1), take },
            224..232 => TryIter(count),
            232..235 => CloneProducer,
            235..237 => UpgradeProducer,
            237..240 => CloneConsumer,
            240..242 => UpgradeConsumer,
            242..244 => DropProducer,
            244..246 => DropConsumer,
            246..252 => Drain,
            252..254 => Close,
            254.. => CloseAndDrain,
        }
    }

    /// Each kind of operation, those on batches with each of these counts.
    pub fn all(counts: std::ops::RangeInclusive<u8>) -> Vec<Self> {
        let mut all = Vec::new();
        for count in counts {
            for operation in (0..=u8::MAX).map(|kind| Self::decode([kind, count << 4 | count])) {
                if !all.contains(&operation) {
                    all.push(operation);
                }
            }
        }
        all
    }
}

/// An input of the fuzz target: the first byte is the capacity and the strategy, each pair of bytes after it an operation.
pub fn compare_input(input: &[u8]) {
    let [first, operations @ ..] = input else { return };
    let strategy = if *first < 128 { WaitStrategy::Park } else { WaitStrategy::Adaptive };
    let operations = operations.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
    compare(usize::from(first % 12) + 1, strategy, operations.map(Operation::decode));
}

/// Applies the operations to a buffer and to the model, and compares them after each.
pub fn compare(capacity: usize, strategy: WaitStrategy, operations: impl IntoIterator<Item = Operation>) {
    let mut pair = Pair::new(capacity, strategy);
    pair.check();
    for operation in operations {
        pair.apply(operation);
        pair.check();
    }
    pair.apply(Operation::Drain); // the remaining items are in order
    let Pair { producers, consumers, ledger, .. } = pair;
    drop((producers, consumers));
    assert_eq!(ledger.live(), 0, "no item leaks");
}

/// An item whose drop uses its buffer. It would wait for the lock forever if the buffer dropped it while holding the lock.
#[derive(Debug)]
struct Item {
    id: u32,
    buffer: Observer<Item>,
    _counted: Counted,
}

impl Drop for Item {
    fn drop(&mut self) {
        _ = self.buffer.len();
    }
}

/// The handles of a buffer, and the state that it must have.
struct Pair {
    producers: Vec<Producer<Item>>,
    consumers: Vec<Consumer<Item>>,
    weak_producer: WeakProducer<Item>,
    weak_consumer: WeakConsumer<Item>,
    observer: Observer<Item>,
    ledger: Ledger,
    next: u32,
    capacity: usize,
    queue: VecDeque<u32>,
    closed: bool,
    /// `check` computes `pushed` from the others, and takes the times of the waits from the buffer.
    stats: Stats,
}

impl Pair {
    fn new(capacity: usize, strategy: WaitStrategy) -> Self {
        let (producer, consumer) = bounded_with(capacity, strategy);
        Self {
            weak_producer: producer.downgrade(),
            weak_consumer: consumer.downgrade(),
            observer: producer.observer(),
            producers: vec![producer],
            consumers: vec![consumer],
            ledger: Ledger::default(),
            next: 0,
            capacity,
            queue: VecDeque::new(),
            closed: false,
            stats: Stats::default(),
        }
    }

    /// Does nothing if all handles that have the operation were dropped.
    fn apply(&mut self, operation: Operation) {
        use Operation::*;
        match operation {
            CloneProducer => self.producers.extend(self.producers.last().cloned()),
            CloneConsumer => self.consumers.extend(self.consumers.last().cloned()),
            UpgradeProducer => {
                let upgraded = self.weak_producer.upgrade();
                assert_eq!(upgraded.is_some(), !self.producers.is_empty());
                self.producers.extend(upgraded);
            }
            UpgradeConsumer => {
                let upgraded = self.weak_consumer.upgrade();
                assert_eq!(upgraded.is_some(), !self.consumers.is_empty());
                self.consumers.extend(upgraded);
            }
            DropProducer => {
                self.closed |= self.producers.pop().is_some() && self.producers.is_empty();
            }
            DropConsumer => {
                if self.consumers.pop().is_some() && self.consumers.is_empty() {
                    self.closed = true;
                    self.stats.dropped += self.queue.len() as u64;
                    self.queue.clear();
                }
            }
            Close => {
                let by_producer = || self.producers.last().map(Producer::close);
                if let Some(closes) = self.consumers.last().map(Consumer::close).or_else(by_producer) {
                    assert_eq!(closes, !self.closed);
                    self.closed = true;
                }
            }
            Push(_) | ForcePush | PushMany(..) if self.producers.is_empty() => {}
            Push(how) => self.push_one(how),
            ForcePush => self.force_push(),
            PushMany(how, count) => self.push_batch(how, count),
            _ if self.consumers.is_empty() => {}
            Pop(how) => self.pop_one(how),
            PopMany(how, max) => self.pop_batch(how, max, false),
            PopBatch(how, max) => self.pop_batch(how, max, true),
            Iter(count) => {
                let count = self.without_waiting(count);
                let items: Vec<_> = self.consumers[0].iter().take(count).collect();
                assert_eq!(ids(&items), self.take(count));
            }
            IterMany { max, take } => self.iter_many(max, take),
            TryIter(count) => {
                let items: Vec<_> = self.consumers[0].try_iter().take(count).collect();
                assert_eq!(ids(&items), self.take(count));
            }
            Drain => {
                let items = self.consumers[0].drain();
                assert_eq!(ids(&items), self.take(usize::MAX));
            }
            CloseAndDrain => {
                let by_consumer = || self.consumers[0].close_and_drain();
                let items = self.producers.last().map_or_else(by_consumer, Producer::close_and_drain);
                self.closed = true;
                assert_eq!(ids(&items), self.take(usize::MAX));
            }
        }
    }

    fn push_one(&mut self, how: How) {
        let item = self.item();
        let id = item.id;
        let full = self.free() == 0;
        let producer = &self.producers[0];
        let result = match how {
            How::Wait if self.closed || !full => producer.push(item).map_err(TryPushError::from),
            How::Try => producer.try_push(item),
            How::Deadline => producer.push_deadline(item, past()).map_err(full_or_closed),
            _ => producer.push_timeout(item, NOW).map_err(full_or_closed),
        };
        let refused = result.err().map(|error| (error.is_closed(), error.into_inner().id));
        assert_eq!(refused, (self.closed || full).then_some((self.closed, id)));
        self.stats.push_waits += u64::from(full && !self.closed && how != How::Try);
        if refused.is_none() {
            self.queue.push_back(id);
        }
    }

    fn force_push(&mut self) {
        let item = self.item();
        let id = item.id;
        let evicted = self.producers[0].force_push(item);
        if self.closed {
            assert_eq!(evicted.unwrap_err().into_inner().id, id);
            return;
        }
        let expected = if self.free() == 0 { self.queue.pop_front() } else { None };
        self.stats.evicted += u64::from(expected.is_some());
        assert_eq!(evicted.unwrap().map(|item| item.id), expected);
        self.queue.push_back(id);
    }

    fn push_batch(&mut self, how: How, count: usize) {
        let mut batch: Vec<_> = (0..count).map(|_| self.item()).collect();
        let offered = ids(&batch);
        let mut items: VecDeque<_> = batch.drain(count / 2..).collect();
        batch.into_iter().rev().for_each(|item| items.push_front(item)); // wraps around in the deque
        let fit = if self.closed { 0 } else { self.free().min(count) };
        let producer = &self.producers[0];
        let waits = how != How::Try && !self.closed && fit < count;
        let result = match how {
            How::Wait if !waits => producer.push_many(&mut items).map_err(TryPushError::from),
            How::Try => producer.try_push_many(&mut items),
            How::Deadline => producer.push_many_deadline(&mut items, past()).map_err(full_or_closed),
            _ => producer.push_many_timeout(&mut items, NOW).map_err(full_or_closed),
        };
        let expected = match (count, self.closed, fit) {
            (0, ..) => Ok(0),
            (_, true, _) => Err(TryPushError::Closed(())),
            _ if fit == 0 || waits => Err(TryPushError::Full(())),
            _ => Ok(fit),
        };
        assert_eq!(result, expected);
        assert_eq!(ids(&items), offered[fit..], "the unsent items stay, in order");
        self.stats.push_waits += u64::from(waits);
        self.queue.extend(&offered[..fit]);
    }

    fn pop_one(&mut self, how: How) {
        let waits = how != How::Try && !self.closed && self.queue.is_empty();
        let consumer = &self.consumers[0];
        let result = match how {
            How::Wait if !waits => consumer.pop().map_err(TryPopError::from),
            How::Try => consumer.try_pop(),
            How::Deadline => consumer.pop_deadline(past()).map_err(empty_or_closed),
            _ => consumer.pop_timeout(NOW).map_err(empty_or_closed),
        };
        let expected = self.take(1).pop().ok_or_else(|| self.why_nothing());
        assert_eq!(result.map(|item| item.id), expected);
        self.stats.pop_waits += u64::from(waits);
    }

    fn pop_batch(&mut self, how: How, max: usize, lingers: bool) {
        let would_wait = !self.closed && self.queue.is_empty();
        let mut items = vec![self.item_with(u32::MAX)];
        let (into, consumer) = (&mut items, &self.consumers[0]);
        let result = match how {
            How::Wait if !would_wait && lingers => consumer.pop_batch(into, max, NOW).map_err(TryPopError::from),
            _ if lingers => consumer.pop_batch_timeout(into, max, NOW, NOW).map_err(empty_or_closed),
            How::Wait if !would_wait => consumer.pop_many(into, max).map_err(TryPopError::from),
            How::Try => consumer.try_pop_many(into, max),
            How::Deadline => consumer.pop_many_deadline(into, max, past()).map_err(empty_or_closed),
            _ => consumer.pop_many_timeout(into, max, NOW).map_err(empty_or_closed),
        };
        let expected = self.take(max);
        let nothing = expected.is_empty();
        let waits = if lingers { !self.closed && expected.len() < max } else { would_wait && how != How::Try };
        self.stats.pop_waits += u64::from(waits);
        assert_eq!(result, if nothing { Err(self.why_nothing()) } else { Ok(expected.len()) });
        assert_eq!(items.remove(0).id, u32::MAX, "a batch is appended");
        assert_eq!(ids(&items), expected);
    }

    /// Takes items from the iterator, then the ones that it holds.
    fn iter_many(&mut self, max: usize, count: usize) {
        let count = self.without_waiting(count);
        let mut iterator = self.consumers[0].iter_many(max);
        let items: Vec<_> = iterator.by_ref().take(count).collect();
        let remaining = iterator.into_remaining();
        let taken = ids(items.iter().chain(&remaining));
        // The iterator takes the items in batches, up to the one with item number `count`.
        assert_eq!(taken, self.take(count.next_multiple_of(max)));
        assert_eq!(items.len(), count.min(taken.len()));
    }

    fn item(&mut self) -> Item {
        self.next += 1;
        self.item_with(self.next)
    }

    fn item_with(&self, id: u32) -> Item {
        Item { id, buffer: self.observer.clone(), _counted: self.ledger.item(id) }
    }

    fn free(&self) -> usize {
        self.capacity - self.queue.len()
    }

    /// The number of items that an iterator yields before it would wait.
    fn without_waiting(&self, count: usize) -> usize {
        if self.closed { count } else { count.min(self.queue.len()) }
    }

    /// Pops from the model.
    fn take(&mut self, max: usize) -> Vec<u32> {
        let count = max.min(self.queue.len());
        self.stats.popped += count as u64;
        self.queue.drain(..count).collect()
    }

    fn why_nothing(&self) -> TryPopError {
        if self.closed { TryPopError::Closed } else { TryPopError::Empty }
    }

    /// Compares all observable state, after each operation.
    fn check(&mut self) {
        let (len, free) = (self.queue.len(), self.free());
        assert_eq!(self.ledger.live(), len, "no item leaks");
        let buffer = &self.observer;
        assert_eq!((buffer.producers(), buffer.consumers()), (self.producers.len(), self.consumers.len()));
        assert_eq!((buffer.len(), buffer.remaining(), buffer.capacity()), (len, free, self.capacity));
        assert_eq!((buffer.is_empty(), buffer.is_full(), buffer.is_closed()), (len == 0, free == 0, self.closed));
        let stats = buffer.stats();
        assert!(stats.push_waits > 0 || stats.push_wait_time.is_zero());
        assert!(stats.pop_waits > 0 || stats.pop_wait_time.is_zero());
        let expected = &mut self.stats;
        expected.high_water = expected.high_water.max(len);
        expected.pushed = expected.popped + expected.evicted + expected.dropped + len as u64;
        (expected.push_wait_time, expected.pop_wait_time) = (stats.push_wait_time, stats.pop_wait_time);
        assert_eq!(stats, *expected, "no thread has waited, so nothing is notified");
    }
}

fn ids<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<u32> {
    items.into_iter().map(|item| item.id).collect()
}

/// A deadline in the past: a second ago, if the clock reaches back that far.
fn past() -> Instant {
    let now = Instant::now();
    now.checked_sub(Duration::from_secs(1)).unwrap_or(now)
}

/// The error of `try_push` that corresponds to this error of a push with a time-out of zero.
fn full_or_closed<T>(error: PushTimeoutError<T>) -> TryPushError<T> {
    match error {
        PushTimeoutError::Timeout(item) => TryPushError::Full(item),
        PushTimeoutError::Closed(item) => TryPushError::Closed(item),
    }
}

/// The same for a pop.
fn empty_or_closed(error: PopTimeoutError) -> TryPopError {
    match error {
        PopTimeoutError::Timeout => TryPopError::Empty,
        PopTimeoutError::Closed => TryPopError::Closed,
    }
}
