//! Futures that one thread creates, polls by hand and drops, next to operations that do not wait, compared with a model.
//!
//! The model states which tasks wait, which are woken, and how often each waker was called. Used by the test
//! `task_sequences.rs` and by the fuzz target `tasks`.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use bounded_buffer::{BoundedBuffer, TryPopError, TryPushError};

const SLOTS: usize = 6;
const WAKERS: usize = 2;

/// An item of a sequence. A slot holds one future at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
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

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Push,
    PushMany(usize),
    Pop,
    PopMany(usize),
}

impl Operation {
    /// Any two bytes are an operation, so that a fuzzer can use its input as it is.
    pub(crate) fn decode([kind, argument]: [u8; 2]) -> Self {
        let (slot, count) = (usize::from(argument) % SLOTS, usize::from(argument) / SLOTS % 5);
        match kind % 32 {
            0..3 => Self::Create(slot, Kind::Push),
            3 => Self::Create(slot, Kind::PushMany(count)),
            4..7 => Self::Create(slot, Kind::Pop),
            7 => Self::Create(slot, Kind::PopMany(count)),
            8..18 => Self::Poll(slot, count % WAKERS),
            18..22 => Self::Cancel(slot),
            22..24 => Self::TryPush,
            24 => Self::TryPushMany(count),
            25 => Self::ForcePush,
            26..28 => Self::TryPop,
            28 => Self::TryPopMany(count),
            29 | 30 => Self::Drain,
            _ if argument > 200 => Self::Close,
            _ => Self::TryPop,
        }
    }
}

/// What a future returned: the accepted number, or the items that it took.
#[derive(Debug, PartialEq)]
enum Outcome {
    Pushed(Result<usize, Vec<u32>>),
    Popped(Option<Vec<u32>>),
}

#[derive(Default)]
struct Calls(AtomicU32);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed); // Relaxed: one thread
    }
}

/// The expected state of a future.
struct Expected {
    kind: Kind,
    /// What a push has still to push.
    items: VecDeque<u32>,
    accepted: usize,
    task: Task,
}

#[derive(Clone, Copy, PartialEq)]
enum Task {
    /// Not registered: not polled, or between two waits.
    Outside,
    /// With this waker.
    Waits(usize),
    Woken,
    /// Woken by a close, which ends the registration.
    Ended,
}

pub(crate) struct Pair<'a> {
    buffer: &'a BoundedBuffer<u32>,
    futures: [Option<Pin<Box<dyn Future<Output = Outcome> + 'a>>>; SLOTS],
    calls: [[Arc<Calls>; WAKERS]; SLOTS],
    expected: [Option<Expected>; SLOTS],
    expected_calls: [[u32; WAKERS]; SLOTS],
    queue: VecDeque<u32>,
    /// The slots of the waiting tasks of each side, oldest first: producers, consumers.
    waiting: [VecDeque<usize>; 2],
    closed: bool,
    next: u32,
    waits: [u64; 2],
    notifications: u64,
    wasted: u64,
}

impl<'a> Pair<'a> {
    pub(crate) fn new(buffer: &'a BoundedBuffer<u32>) -> Self {
        Self {
            buffer,
            futures: [const { None }; SLOTS],
            calls: Default::default(),
            expected: [const { None }; SLOTS],
            expected_calls: Default::default(),
            queue: VecDeque::new(),
            waiting: Default::default(),
            closed: false,
            next: 0,
            waits: [0; 2],
            notifications: 0,
            wasted: 0,
        }
    }

    pub(crate) fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Create(slot, kind) if self.expected[slot].is_none() => self.create(slot, kind),
            Operation::Poll(slot, waker) if self.expected[slot].is_some() => self.poll(slot, waker),
            Operation::Cancel(slot) if self.expected[slot].is_some() => {
                self.futures[slot] = None;
                self.unregister(slot);
                self.expected[slot] = None;
            }
            Operation::Create(..) | Operation::Poll(..) | Operation::Cancel(_) => {}
            Operation::TryPush => {
                let item = self.item();
                let expected = match self.accept(&mut VecDeque::from([item])) {
                    _ if self.closed => Err(TryPushError::Closed(item)),
                    0 => Err(TryPushError::Full(item)),
                    _ => Ok(()),
                };
                assert_eq!(self.buffer.try_push(item), expected);
            }
            Operation::TryPushMany(count) => {
                let mut items: VecDeque<_> = (0..count).map(|_| self.item()).collect();
                let mut rest = items.clone();
                let accepted = self.accept(&mut rest);
                assert_eq!(self.buffer.try_push_many(&mut items).unwrap_or(0), accepted);
                assert_eq!(items, rest);
            }
            Operation::ForcePush => {
                let item = self.item();
                let evicts = !self.closed && self.queue.len() == self.buffer.capacity();
                let evicted = if evicts { self.queue.pop_front() } else { None };
                self.accept(&mut VecDeque::from([item]));
                assert_eq!(self.buffer.force_push(item).unwrap_or(None), evicted);
            }
            Operation::TryPop => {
                let expected = self.take(1).first().copied();
                let nothing = if self.closed { TryPopError::Closed } else { TryPopError::Empty };
                assert_eq!(self.buffer.try_pop(), expected.ok_or(nothing));
            }
            Operation::TryPopMany(max) => {
                let mut taken = Vec::new();
                assert_eq!(self.buffer.try_pop_many(&mut taken, max).unwrap_or(0), taken.len());
                assert_eq!(taken, self.take(max));
            }
            Operation::Drain => assert_eq!(self.buffer.drain(), self.take(usize::MAX)),
            Operation::Close => {
                assert_eq!(self.buffer.close(), !self.closed);
                self.closed = true;
            }
        }
        self.release();
    }

    fn create(&mut self, slot: usize, kind: Kind) {
        let buffer = self.buffer;
        let count = if let Kind::PushMany(count) = kind { count } else { 1 };
        let items: VecDeque<_> = (0..count).map(|_| self.item()).collect();
        let mut batch = items.clone();
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
                let mut taken = Vec::new();
                Outcome::Popped(buffer.pop_many_async(&mut taken, max).await.ok().map(|_| taken))
            }),
        });
        self.expected[slot] = Some(Expected { kind, items, accepted: 0, task: Task::Outside });
    }

    fn poll(&mut self, slot: usize, waker: usize) {
        let expected = self.expect_poll(slot, waker);
        let future = self.futures[slot].as_mut().expect("the model has a future");
        let waker = Waker::from(self.calls[slot][waker].clone());
        assert_eq!(future.as_mut().poll(&mut Context::from_waker(&waker)), expected);
        if expected.is_ready() {
            (self.futures[slot], self.expected[slot]) = (None, None);
        }
    }

    fn expect_poll(&mut self, slot: usize, waker: usize) -> Poll<Outcome> {
        let kind = self.future(slot).kind;
        match kind {
            Kind::PushMany(0) => return Poll::Ready(Outcome::Pushed(Ok(0))),
            Kind::PopMany(0) => return Poll::Ready(Outcome::Popped(Some(Vec::new()))),
            _ => {}
        }
        let side = self.side(slot);
        while self.closed || self.work(side) > 0 {
            self.unregister(slot);
            if let Kind::Push | Kind::PushMany(_) = kind {
                let mut items = std::mem::take(&mut self.future(slot).items);
                let count = self.accept(&mut items);
                self.release();
                let future = self.future(slot);
                future.accepted += count;
                if items.is_empty() {
                    return Poll::Ready(Outcome::Pushed(Ok(future.accepted)));
                }
                if self.closed {
                    return Poll::Ready(Outcome::Pushed(Err(items.into())));
                }
                self.future(slot).items = items;
            } else {
                let max = if let Kind::PopMany(max) = kind { max } else { 1 };
                if let Kind::PopMany(_) = kind {
                    self.release(); // the first attempt finds too little room in the vector, which ends the wait
                }
                let taken = self.take(max);
                self.release();
                return Poll::Ready(Outcome::Popped(Some(taken).filter(|taken| !taken.is_empty())));
            }
        }
        if !matches!(self.task(slot), Task::Waits(_)) {
            self.wasted += u64::from(self.task(slot) == Task::Woken);
            self.waiting[side].push_back(slot);
        }
        self.future(slot).task = Task::Waits(waker);
        Poll::Pending
    }

    /// The end of a wait.
    fn unregister(&mut self, slot: usize) {
        let side = self.side(slot);
        self.waiting[side].retain(|&other| other != slot);
        self.waits[side] += u64::from(self.task(slot) != Task::Outside);
        self.future(slot).task = Task::Outside;
    }

    /// A woken task covers one item or slot. The oldest tasks are woken for the others.
    fn release(&mut self) {
        for side in [1, 0] {
            if self.closed {
                if self.waiting[side].is_empty() {
                    continue;
                }
                self.notifications += 1;
                for slot in 0..SLOTS {
                    let of_side = self.expected[slot].is_some() && self.side(slot) == side;
                    if of_side && self.task(slot) != Task::Outside {
                        self.call(slot);
                        self.future(slot).task = Task::Ended;
                    }
                }
                self.waiting[side].clear();
            }
            while !self.waiting[side].is_empty() && self.work(side) > self.woken(side) {
                let slot = self.waiting[side].pop_front().expect("it is not empty");
                self.notifications += 1;
                self.call(slot);
                self.future(slot).task = Task::Woken;
            }
        }
    }

    fn call(&mut self, slot: usize) {
        if let Task::Waits(waker) = self.task(slot) {
            self.expected_calls[slot][waker] += 1;
        }
    }

    fn accept(&mut self, items: &mut VecDeque<u32>) -> usize {
        let free = if self.closed { 0 } else { self.work(0) };
        let count = free.min(items.len());
        self.queue.extend(items.drain(..count));
        count
    }

    fn take(&mut self, max: usize) -> Vec<u32> {
        self.queue.drain(..max.min(self.queue.len())).collect()
    }

    fn item(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// The free slots or the items.
    fn work(&self, side: usize) -> usize {
        if side == 0 { self.buffer.capacity() - self.queue.len() } else { self.queue.len() }
    }

    fn side(&self, slot: usize) -> usize {
        let kind = self.expected[slot].as_ref().expect("a future of the model").kind;
        usize::from(matches!(kind, Kind::Pop | Kind::PopMany(_)))
    }

    fn task(&self, slot: usize) -> Task {
        self.expected[slot].as_ref().map_or(Task::Outside, |expected| expected.task)
    }

    fn future(&mut self, slot: usize) -> &mut Expected {
        self.expected[slot].as_mut().expect("a future of the model")
    }

    fn woken(&self, side: usize) -> usize {
        (0..SLOTS).filter(|&slot| self.task(slot) == Task::Woken && self.side(slot) == side).count()
    }

    fn registered(&self, side: usize) -> usize {
        self.waiting[side].len() + self.woken(side)
    }

    /// Compares all observable state. To be called after each operation.
    pub(crate) fn check(&self) {
        let stats = self.buffer.stats();
        assert_eq!((self.buffer.len(), self.buffer.is_closed()), (self.queue.len(), self.closed));
        assert_eq!([stats.waiting_producers, stats.waiting_consumers], [self.registered(0), self.registered(1)]);
        assert_eq!([stats.push_waits, stats.pop_waits], self.waits);
        assert_eq!((stats.notifications, stats.futile_wakeups), (self.notifications, self.wasted));
        for (slot, wakers) in self.calls.iter().enumerate() {
            for (number, calls) in wakers.iter().enumerate() {
                let expected = self.expected_calls[slot][number];
                assert_eq!(calls.0.load(Ordering::Relaxed), expected, "calls of waker {number} of future {slot}");
                let stored = usize::from(self.task(slot) == Task::Waits(number));
                assert_eq!(Arc::strong_count(calls), 1 + stored, "clones of waker {number} of future {slot}");
            }
        }
    }

    /// Drops all futures. No task is counted afterwards.
    pub(crate) fn finish(mut self) {
        for slot in 0..SLOTS {
            self.apply(Operation::Cancel(slot));
            self.check();
        }
        assert_eq!(self.buffer.drain(), Vec::from(self.queue));
    }
}
