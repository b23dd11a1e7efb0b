//! The expected state of a buffer and of the futures on it: which tasks wait, which are woken, and how often each waker was
//! called.

use std::collections::VecDeque;
use std::task::Poll;

use super::{Kind, SLOTS, WAKERS};

/// What a future returned: the accepted number, or the items that it took.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Pushed(Result<usize, Vec<u32>>),
    Popped(Option<Vec<u32>>),
    Closed,
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
pub(super) enum Task {
    /// Not registered: not polled, or between two waits.
    Outside,
    /// With this waker.
    Waits(usize),
    Woken,
    /// Woken by a close, which ends the registration.
    Ended,
}

#[derive(Default)]
pub(super) struct Model {
    capacity: usize,
    pub(super) queue: VecDeque<u32>,
    pub(super) closed: bool,
    next: u32,
    futures: [Option<Expected>; SLOTS],
    /// How often each waker of each future was called.
    pub(super) calls: [[u32; WAKERS]; SLOTS],
    /// The slots of the waiting tasks of each side, oldest first: producers, consumers, those that wait for the
    /// close.
    waiting: [VecDeque<usize>; 3],
    pub(super) waits: [u64; 3],
    pub(super) notifications: u64,
    pub(super) wasted: u64,
}

impl Model {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, ..Self::default() }
    }

    pub(super) fn has_future(&self, slot: usize) -> bool {
        self.futures[slot].is_some()
    }

    /// Creates a future. Returns the items that it pushes.
    pub(super) fn create(&mut self, slot: usize, kind: Kind) -> VecDeque<u32> {
        let count = if let Kind::PushMany(count) = kind { count } else { 1 };
        let items: VecDeque<_> = (0..count).map(|_| self.item()).collect();
        self.futures[slot] = Some(Expected { kind, items: items.clone(), accepted: 0, task: Task::Outside });
        items
    }

    /// A future is dropped: it is ready, or cancelled.
    pub(super) fn end(&mut self, slot: usize) {
        self.unregister(slot);
        self.futures[slot] = None;
    }

    pub(super) fn poll(&mut self, slot: usize, waker: usize) -> Poll<Outcome> {
        let kind = self.future(slot).kind;
        if let Kind::PushMany(0) = kind {
            return Poll::Ready(Outcome::Pushed(Ok(0)));
        }
        let side = self.side(slot);
        while self.closed || self.work(side) > 0 {
            self.unregister(slot);
            if kind == Kind::Closed {
                return Poll::Ready(Outcome::Closed);
            }
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
    pub(super) fn release(&mut self) {
        for side in [2, 1, 0] {
            if self.closed {
                self.notifications += u64::from(side < 2 && !self.waiting[side].is_empty());
                for slot in 0..SLOTS {
                    let of_side = self.futures[slot].is_some() && self.side(slot) == side;
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
            self.calls[slot][waker] += 1;
        }
    }

    pub(super) fn accept(&mut self, items: &mut VecDeque<u32>) -> usize {
        let free = if self.closed { 0 } else { self.work(0) };
        let count = free.min(items.len());
        self.queue.extend(items.drain(..count));
        count
    }

    pub(super) fn take(&mut self, max: usize) -> Vec<u32> {
        self.queue.drain(..max.min(self.queue.len())).collect()
    }

    pub(super) fn item(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// The free slots or the items.
    fn work(&self, side: usize) -> usize {
        [self.capacity - self.queue.len(), self.queue.len(), 0][side]
    }

    fn side(&self, slot: usize) -> usize {
        match self.futures[slot].as_ref().expect("a future of the model").kind {
            Kind::Push | Kind::PushMany(_) => 0,
            Kind::Pop | Kind::PopMany(_) => 1,
            Kind::Closed => 2,
        }
    }

    pub(super) fn task(&self, slot: usize) -> Task {
        self.futures[slot].as_ref().map_or(Task::Outside, |expected| expected.task)
    }

    fn future(&mut self, slot: usize) -> &mut Expected {
        self.futures[slot].as_mut().expect("a future of the model")
    }

    fn woken(&self, side: usize) -> usize {
        (0..SLOTS).filter(|&slot| self.task(slot) == Task::Woken && self.side(slot) == side).count()
    }

    pub(super) fn registered(&self, side: usize) -> usize {
        self.waiting[side].len() + self.woken(side)
    }
}
