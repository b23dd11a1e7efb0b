//! The buffers of the lessons, one idea each.

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Poll, Waker};
use std::time::Instant;

use bounded_buffer_model::{AtomicUsize, Condvar, Mutex, read_snapshot, task, yield_now};

use crate::lessons::{Buffer, Lesson, State};
use crate::textbook::{self, Textbook};

const SLOTS: usize = 2;

/// A ring behind a lock: an array, the slot of the oldest item, and the number of items. It is used by one thread, so it does
/// not wait.
pub(crate) struct RingBuffer {
    ring: Mutex<Ring>,
}

struct Ring {
    slots: [Option<u32>; SLOTS],
    oldest: usize,
    count: usize,
}

impl RingBuffer {
    pub(crate) fn new() -> Self {
        Self { ring: Mutex::new(Ring { slots: [None; SLOTS], oldest: 0, count: 0 }) }
    }
}

impl Lesson for RingBuffer {
    fn push(&self, item: u32) {
        let mut ring = self.ring.lock();
        let free = (ring.oldest + ring.count) % SLOTS;
        ring.slots[free] = Some(item);
        ring.count += 1;
    }

    fn pop(&self) -> Option<u32> {
        let mut ring = self.ring.lock();
        let oldest = ring.oldest;
        ring.oldest = (oldest + 1) % SLOTS;
        ring.count -= 1;
        ring.slots[oldest].take()
    }
}

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = (0..self.count).map(|place| self.slots[(self.oldest + place) % SLOTS].unwrap_or_default());
        f.debug_list().entries(items).finish()
    }
}

/// A buffer with a lock and a busy wait: a thread that cannot act releases the lock and tries again.
pub(crate) enum BusyWait {}

impl Lesson for Buffer<BusyWait> {
    fn push(&self, item: u32) {
        loop {
            let mut state = self.state.lock();
            if state.items.len() < self.capacity {
                state.items.push_back(item);
                return;
            }
            drop(state);
            yield_now();
        }
    }

    fn pop(&self) -> Option<u32> {
        loop {
            let mut state = self.state.lock();
            if !state.items.is_empty() {
                return state.items.pop_front();
            }
            drop(state);
            yield_now();
        }
    }
}

/// The third lesson is the reference of bugs 1 and 2.
impl Lesson for textbook::Buffer<textbook::Unchanged> {
    fn push(&self, item: u32) {
        Textbook::push(self, item.into());
    }
    fn pop(&self) -> Option<u32> {
        Textbook::pop(self).map(|item| item.number)
    }
}

/// The textbook buffer, but each side counts its waiting threads, and a thread notifies only if a thread waits.
pub(crate) enum Counted {}

impl Lesson for Buffer<Counted> {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        while state.items.len() == self.capacity {
            state.producers.waiting += 1;
            self.not_full.wait(&mut state);
            state.producers.waiting -= 1;
        }
        state.items.push_back(item);
        if state.consumers.waiting > 0 {
            self.not_empty.notify_one();
        }
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() {
            state.consumers.waiting += 1;
            self.not_empty.wait(&mut state);
            state.consumers.waiting -= 1;
        }
        let item = state.items.pop_front();
        if state.producers.waiting > 0 {
            self.not_full.notify_one();
        }
        item
    }
}

/// The buffer that counts its waiters, with a flag: at most one wake-up of the consumers is pending. Its program never fills it, so its
/// producers do not wait.
pub(crate) enum Pending {}

impl Lesson for Buffer<Pending> {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        state.items.push_back(item);
        if state.consumers.waiting > 0 && !state.consumers.wakeup_pending {
            state.consumers.wakeup_pending = true;
            self.not_empty.notify_one();
        }
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() {
            state.consumers.waiting += 1;
            self.not_empty.wait(&mut state);
            state.consumers.waiting -= 1;
            state.consumers.wakeup_pending = false;
        }
        state.items.pop_front()
    }
}

/// The buffer with the flag, for several consumers and for batches: a consumer that leaves an item wakes the next consumer.
pub(crate) enum Chained {}

impl Buffer<Chained> {
    pub(crate) fn push_many(&self, items: &[u32]) {
        let mut state = self.state.lock();
        state.items.extend(items);
        if state.consumers.should_wake() {
            self.not_empty.notify_one();
        }
    }
}

impl Lesson for Buffer<Chained> {
    fn push(&self, item: u32) {
        self.push_many(&[item]);
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() {
            state.consumers.waiting += 1;
            self.not_empty.wait(&mut state);
            state.consumers.returned();
        }
        let item = state.items.pop_front();
        if !state.items.is_empty() && state.consumers.should_wake() {
            self.not_empty.notify_one();
        }
        item
    }
}

/// The textbook buffer with a pop that has a deadline.
pub(crate) struct TimedBuffer {
    state: Mutex<State>,
    not_empty: Condvar,
    deadline: Instant,
}

impl TimedBuffer {
    pub(crate) fn new(deadline: Instant) -> Self {
        Self { state: Mutex::new(State::default()), not_empty: Condvar::new(), deadline }
    }
}

impl Lesson for TimedBuffer {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        state.items.push_back(item);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() {
            if self.not_empty.wait_until(&mut state, self.deadline).timed_out() {
                break;
            }
        }
        state.items.pop_front()
    }
}

/// The textbook buffer with a close flag: no item comes after it, and the items before it are delivered.
pub(crate) enum Closed {}

impl Buffer<Closed> {
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        self.not_empty.notify_all();
    }
}

impl Lesson for Buffer<Closed> {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        state.items.push_back(item);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() && !state.closed {
            self.not_empty.wait(&mut state);
        }
        state.items.pop_front()
    }
}

/// A buffer whose consumers are tasks: a task that finds no item stores its waker, and a push calls it.
pub(crate) enum Tasks {}

impl Buffer<Tasks> {
    fn poll_pop(&self, waker: &Waker) -> Poll<Option<u32>> {
        let mut state = self.state.lock();
        if state.items.is_empty() {
            state.wakers.push_back(waker.clone());
            return Poll::Pending;
        }
        Poll::Ready(state.items.pop_front())
    }
}

impl Lesson for Buffer<Tasks> {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        state.items.push_back(item);
        let waker = state.wakers.pop_front();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn pop(&self) -> Option<u32> {
        task::block_on(poll_fn(|context| self.poll_pop(context.waker())))
    }
}

/// The textbook buffer, but a consumer reads a snapshot of the length and yields before it waits.
pub(crate) struct SpinningBuffer {
    state: Mutex<State>,
    not_empty: Condvar,
    len_snapshot: AtomicUsize,
}

impl SpinningBuffer {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::default()), not_empty: Condvar::new(), len_snapshot: AtomicUsize::new(0) }
    }
}

impl Lesson for SpinningBuffer {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        state.items.push_back(item);
        self.len_snapshot.store(state.items.len(), Relaxed);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> Option<u32> {
        if read_snapshot(&self.len_snapshot) == 0 {
            yield_now(); // gives a producer time to push
        }
        let mut state = self.state.lock();
        while state.items.is_empty() {
            self.not_empty.wait(&mut state);
        }
        self.len_snapshot.store(state.items.len() - 1, Relaxed);
        state.items.pop_front()
    }
}
