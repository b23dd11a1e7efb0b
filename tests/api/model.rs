//! All operations, in random order, compared with a `VecDeque`, a flag and four counters.
//!
//! There is one thread, so an operation that would wait cannot be called. The variant that does not wait is called instead,
//! and must fail. A sequence that failed once is kept in `proptest-regressions/` and runs first from then on.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bounded_buffer::{
    BoundedBuffer, PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError, WaitStrategy,
};
use proptest::prelude::*;

use test_support::{Counted, Ledger, watched};

const NOW: Duration = Duration::ZERO;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Push,
    TryPush,
    PushTimeout,
    PushDeadline,
    ForcePush,
    PushMany(u32),
    TryPushMany(u32),
    Pop,
    TryPop,
    PopTimeout,
    PopDeadline,
    PopMany(usize),
    TryPopMany(usize),
    PopManyTimeout(usize),
    PopManyDeadline(usize),
    PopBatch(usize),
    Iter(usize),
    TryIter(usize),
    Drain,
    Close,
    CloseAndDrain,
}

/// Pushes and pops are equally likely; closing is rare.
fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    prop_oneof![
        8 => prop_oneof![Just(Push), Just(TryPush), Just(PushTimeout), Just(PushDeadline), Just(ForcePush)],
        6 => (0..8_u32).prop_flat_map(|count| prop_oneof![Just(PushMany(count)), Just(TryPushMany(count))]),
        5 => prop_oneof![Just(Pop), Just(TryPop), Just(PopTimeout), Just(PopDeadline)],
        8 => (0..8_usize).prop_flat_map(|max| prop_oneof![
            Just(PopMany(max)), Just(TryPopMany(max)), Just(PopManyTimeout(max)), Just(PopManyDeadline(max)),
            Just(PopBatch(max)), Just(Iter(max)), Just(TryIter(max)),
        ]),
        1 => prop_oneof![3 => Just(Drain), 1 => Just(Close), 1 => Just(CloseAndDrain)],
    ]
}

/// The buffer and its model.
struct Pair {
    buffer: BoundedBuffer<Counted>,
    ledger: Ledger,
    queue: VecDeque<u32>,
    closed: bool,
    next: u32,
    popped: u64,
    evicted: u64,
    high_water: usize,
}

impl Pair {
    fn new(capacity: usize, strategy: WaitStrategy) -> Self {
        Self {
            buffer: BoundedBuffer::with_wait_strategy(capacity, strategy),
            ledger: Ledger::default(),
            queue: VecDeque::new(),
            closed: false,
            next: 0,
            popped: 0,
            evicted: 0,
            high_water: 0,
        }
    }

    fn room(&self) -> usize {
        self.buffer.capacity() - self.queue.len()
    }

    fn item(&mut self) -> Counted {
        self.next += 1;
        self.ledger.item(self.next - 1)
    }

    fn apply(&mut self, operation: Operation) {
        use Operation::*;
        // An operation that would wait is replaced.
        let stuck_push = !self.closed && self.room() == 0;
        let stuck_pop = !self.closed && self.queue.is_empty();
        match operation {
            Push if stuck_push => self.push_one(PushTimeout),
            Push | TryPush | PushTimeout | PushDeadline => self.push_one(operation),
            ForcePush => self.force_push(),
            PushMany(count) if !self.closed && self.room() < count as usize => self.push_batch(count, false),
            PushMany(count) => self.push_batch(count, true),
            TryPushMany(count) => self.push_batch(count, false),
            Pop if stuck_pop => self.pop_one(PopTimeout),
            Pop | TryPop | PopTimeout | PopDeadline => self.pop_one(operation),
            PopMany(max) | PopBatch(max) if stuck_pop => self.pop_batch(PopManyTimeout(max), max),
            PopMany(max) | TryPopMany(max) | PopManyTimeout(max) | PopManyDeadline(max) | PopBatch(max) => {
                self.pop_batch(operation, max);
            }
            Iter(max) if !self.closed && max > self.queue.len() => self.iterate(max, false),
            Iter(max) => self.iterate(max, true),
            TryIter(max) => self.iterate(max, false),
            Drain => self.drain(false),
            Close => {
                assert_eq!(self.buffer.close(), !self.closed);
                self.closed = true;
            }
            CloseAndDrain => self.drain(true),
        }
    }

    fn push_one(&mut self, operation: Operation) {
        let item = self.item();
        let id = item.id;
        let full = self.room() == 0;
        let refused = match operation {
            Operation::Push => self.buffer.push(item).err().map(|PushError(item)| (true, item)),
            Operation::TryPush => self.buffer.try_push(item).err().map(|error| match error {
                TryPushError::Full(item) => (false, item),
                TryPushError::Closed(item) => (true, item),
            }),
            _ => match operation {
                Operation::PushTimeout => self.buffer.push_timeout(item, NOW),
                _ => self.buffer.push_deadline(item, Instant::now()),
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
        let evicted = self.buffer.force_push(item);
        if self.closed {
            assert_eq!(evicted.unwrap_err().into_inner().id, id);
            return;
        }
        let expected = if self.room() == 0 { self.queue.pop_front() } else { None };
        self.evicted += u64::from(expected.is_some());
        assert_eq!(evicted.unwrap().map(|item| item.id), expected);
        self.queue.push_back(id);
    }

    fn push_batch(&mut self, count: u32, all: bool) {
        let mut items: VecDeque<_> = (0..count).map(|_| self.item()).collect();
        let ids: Vec<_> = items.iter().map(|item| item.id).collect();
        let fit = if self.closed { 0 } else { self.room().min(ids.len()) };
        let result = if all {
            self.buffer.push_many(&mut items).map_err(|PushError(())| TryPushError::Closed(()))
        } else {
            self.buffer.try_push_many(&mut items)
        };
        let expected = match (count, self.closed, fit) {
            (0, ..) => Ok(0),
            (_, true, _) => Err(TryPushError::Closed(())),
            (_, _, 0) => Err(TryPushError::Full(())),
            _ => Ok(fit),
        };
        assert_eq!(result, expected);
        assert!(items.iter().map(|item| item.id).eq(ids[fit..].iter().copied()), "the unsent items stay, in order");
        self.queue.extend(&ids[..fit]);
    }

    fn pop_one(&mut self, operation: Operation) {
        let result = match operation {
            Operation::Pop => self.buffer.pop().map_err(TryPopError::from),
            Operation::TryPop => self.buffer.try_pop(),
            Operation::PopTimeout => self.buffer.pop_timeout(NOW).map_err(without_timeout),
            _ => self.buffer.pop_deadline(Instant::now()).map_err(without_timeout),
        };
        let expected = self.take(1).pop().ok_or_else(|| self.why_nothing());
        assert_eq!(result.map(|item| item.id), expected);
    }

    fn pop_batch(&mut self, operation: Operation, max: usize) {
        let mut items = vec![self.ledger.item(u32::MAX)];
        let into = &mut items;
        let result = match operation {
            Operation::PopMany(_) => self.buffer.pop_many(into, max).map_err(TryPopError::from),
            Operation::TryPopMany(_) => self.buffer.try_pop_many(into, max),
            Operation::PopManyTimeout(_) => self.buffer.pop_many_timeout(into, max, NOW).map_err(without_timeout),
            Operation::PopManyDeadline(_) => {
                self.buffer.pop_many_deadline(into, max, Instant::now()).map_err(without_timeout)
            }
            _ => self.buffer.pop_batch(into, max, NOW).map_err(TryPopError::from),
        };
        let expected = self.take(max);
        let nothing = expected.is_empty() && max > 0;
        assert_eq!(result, if nothing { Err(self.why_nothing()) } else { Ok(expected.len()) });
        assert_eq!(items.remove(0).id, u32::MAX, "a batch is appended");
        assert!(items.iter().map(|item| item.id).eq(expected));
    }

    fn iterate(&mut self, max: usize, waiting: bool) {
        let items: Vec<_> =
            if waiting { self.buffer.iter().take(max).collect() } else { self.buffer.try_iter().take(max).collect() };
        assert!(items.iter().map(|item| item.id).eq(self.take(max)));
    }

    fn drain(&mut self, close: bool) {
        let items = if close { self.buffer.close_and_drain() } else { self.buffer.drain() };
        self.closed |= close;
        assert!(items.iter().map(|item| item.id).eq(self.take(usize::MAX)));
    }

    /// Pops from the model.
    fn take(&mut self, max: usize) -> Vec<u32> {
        let count = max.min(self.queue.len());
        self.popped += count as u64;
        self.queue.drain(..count).collect()
    }

    fn why_nothing(&self) -> TryPopError {
        if self.closed { TryPopError::Closed } else { TryPopError::Empty }
    }

    /// Compares all observable state, after each operation.
    fn check(&mut self) {
        let len = self.queue.len();
        self.high_water = self.high_water.max(len);
        let buffer = &self.buffer;
        assert_eq!((buffer.len(), buffer.remaining()), (len, self.room()));
        assert_eq!(
            (buffer.is_empty(), buffer.is_full(), buffer.is_closed()),
            (len == 0, self.room() == 0, self.closed)
        );
        assert_eq!(self.ledger.live(), len, "no item leaks");
        let stats = buffer.stats();
        assert_eq!((stats.popped, stats.evicted, stats.high_water), (self.popped, self.evicted, self.high_water));
        assert_eq!(stats.pushed, self.popped + self.evicted + len as u64);
        assert_eq!((stats.notifications, stats.wasted_wakeups), (0, 0), "no thread waited");
        assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
    }
}

/// The error of `try_pop` that corresponds to this error of a pop with a time-out of zero.
fn without_timeout(error: PopTimeoutError) -> TryPopError {
    match error {
        PopTimeoutError::Timeout => TryPopError::Empty,
        PopTimeoutError::Closed => TryPopError::from(PopError),
    }
}

#[test]
fn random_sequences_of_operations_agree_with_a_plain_queue() {
    watched(|| {
        any_sequence();
    });
}

proptest! {
    fn any_sequence(
        capacity in prop_oneof![4 => 1..=4_usize, 1 => 5..=20_usize],
        strategy in prop_oneof![Just(WaitStrategy::Park), Just(WaitStrategy::Adaptive)],
        operations in prop::collection::vec(operation(), 1..80),
    ) {
        let mut pair = Pair::new(capacity, strategy);
        for operation in operations {
            pair.apply(operation);
            pair.check();
        }
        let Pair { buffer, ledger, queue, .. } = pair;
        assert!(buffer.drain().iter().map(|item| item.id).eq(queue), "the remaining items are in order");
        drop(buffer);
        assert_eq!(ledger.live(), 0);
    }
}
