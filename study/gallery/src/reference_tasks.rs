//! The reference with tasks: a textbook bounded buffer (one mutex, two condition variables) whose consumers are threads or tasks.
//! A task that finds no item stores its waker in a list, and a release that leaves an item wakes the oldest of them, or else a
//! thread. A future that is dropped leaves the list, and releases.
//!
//! Unlike the shipped buffer it prefers tasks to threads, and wakes a waiter in each release, without a pending flag. As in
//! [`reference`](super::reference), the code is the provided functions of a trait, of which a bug overrides one.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bounded_buffer_model::{Condvar, Mutex, MutexGuard, task};

use crate::queue::{self, Fail, Item, Queue};

pub(crate) struct Parts {
    pub(crate) state: Mutex<State>,
    pub(crate) not_full: Condvar,
    pub(crate) not_empty: Condvar,
    pub(crate) capacity: usize,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) items: VecDeque<Item>,
    /// The tasks that wait, oldest first. Each has a number.
    pub(crate) tasks: VecDeque<(usize, Waker)>,
    next_number: usize,
}

pub(crate) trait ReferenceTasks: Deref<Target = Parts> + Send + Sync {
    fn push(&self, item: Item) -> Result<(), Fail> {
        let mut state = self.state.lock();
        while state.items.len() == self.capacity {
            self.not_full.wait(&mut state);
        }
        state.items.push_back(item);
        self.release(state);
        Ok(())
    }

    /// Ignores the deadline.
    fn pop(&self, _deadline: Option<Instant>) -> Result<Item, Fail> {
        let mut state = self.state.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                self.release(state);
                return Ok(item);
            }
            self.not_empty.wait(&mut state);
        }
    }

    fn try_pop(&self) -> Result<Item, Fail> {
        let mut state = self.state.lock();
        let item = state.items.pop_front().ok_or(Fail::Empty);
        self.release(state);
        item
    }

    /// Wakes one waiter of each side that can act, and unlocks. The waker is user code, so it is called after the unlock.
    fn release(&self, mut state: MutexGuard<'_, State>) {
        let mut task = None;
        if !state.items.is_empty() {
            task = state.tasks.pop_front();
            if task.is_none() {
                self.not_empty.notify_one();
            }
        }
        if state.items.len() < self.capacity {
            self.not_full.notify_one();
        }
        drop(state);
        if let Some((_, waker)) = task {
            waker.wake();
        }
    }
    /// Stores the waker of a task that found no item, and unlocks. `number` is the task's in the list, once it has waited. The
    /// drop of a waker is user code, so it comes after the unlock.
    fn store_waker(&self, mut state: MutexGuard<'_, State>, number: &mut Option<usize>, waker: Waker) {
        let old = if let Some(at) = state.find(*number) {
            Some(std::mem::replace(&mut state.tasks[at].1, waker))
        } else {
            *number = Some(state.enqueue(waker));
            None
        };
        drop(state);
        drop(old);
    }

    /// Drops a future that has waited. If it was woken it passes the wake-up on: the release wakes another waiter if there is an
    /// item.
    fn cancel(&self, number: usize) {
        let mut state = self.state.lock();
        let waker = state.leave(Some(number));
        self.release(state);
        drop(waker);
    }
}

/// A buffer of the reference's code, or of a variant of it.
pub(crate) struct Buffer<Variant> {
    parts: Parts,
    variant: PhantomData<Variant>,
}

/// The reference itself.
pub(crate) enum Unchanged {}

impl ReferenceTasks for Buffer<Unchanged> {}

impl<Variant> Buffer<Variant> {
    pub(crate) fn new(capacity: usize, _producers: usize) -> Self {
        let not_full = Condvar::new();
        let not_empty = Condvar::new();
        let parts = Parts { state: Mutex::new(State::default()), not_full, not_empty, capacity };
        Self { parts, variant: PhantomData }
    }
}

impl<Variant> Deref for Buffer<Variant> {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// What the programs call.
impl<Variant> Queue for Buffer<Variant>
where
    Self: ReferenceTasks,
{
    fn push(&self, item: Item) -> Result<(), Fail> {
        ReferenceTasks::push(self, item)
    }
    fn pop(&self, deadline: Option<Instant>) -> Result<Item, Fail> {
        ReferenceTasks::pop(self, deadline)
    }
    fn try_pop(&self) -> Result<Item, Fail> {
        ReferenceTasks::try_pop(self)
    }
    fn pop_async(&self) -> queue::PopFuture<'_> {
        Box::pin(PopFuture { buffer: self, number: None })
    }
}

struct PopFuture<'a, B: ReferenceTasks> {
    buffer: &'a B,
    /// The number in the list, once the task has waited.
    number: Option<usize>,
}

impl<B: ReferenceTasks> Future for PopFuture<'_, B> {
    type Output = Result<Item, Fail>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone(); // user code, so without the lock
        let mut state = self.buffer.state.lock();
        if let Some(item) = state.items.pop_front() {
            let old = state.leave(self.number.take());
            self.buffer.release(state);
            drop(old);
            return Poll::Ready(Ok(item));
        }
        self.buffer.store_waker(state, &mut self.number, waker);
        Poll::Pending
    }
}

impl<B: ReferenceTasks> Drop for PopFuture<'_, B> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.buffer.cancel(number);
        }
    }
}

impl State {
    pub(crate) fn enqueue(&mut self, waker: Waker) -> usize {
        self.next_number += 1;
        self.tasks.push_back((self.next_number, waker));
        self.next_number
    }

    pub(crate) fn find(&self, number: Option<usize>) -> Option<usize> {
        self.tasks.iter().position(|&(of, _)| Some(of) == number)
    }

    /// Removes a task. Returns its waker, if it was not woken.
    pub(crate) fn leave(&mut self, number: Option<usize>) -> Option<Waker> {
        let at = self.find(number)?;
        self.tasks.remove(at).map(|(_, waker)| waker)
    }
}

/// The state as the timelines show it.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.items)?;
        let names = self.tasks.iter().map(|(_, waker)| task::thread_of(waker).unwrap_or("a waker".to_owned()));
        let names = names.collect::<Vec<_>>().join(", ");
        if names.is_empty() { Ok(()) } else { write!(f, "; waiting tasks: {names}") }
    }
}
