//! The reference with one bug: a stale waker is kept.
//!
//! A future can be polled with another waker each time: it moves to another task, or its executor makes a new waker. The
//! first task is woken but no longer polls. The waiting task is not woken. In the shipped buffer `TaskWait::wait`
//! (`src/tasks.rs`) compares the two wakers, and `Registration::begin` replaces the stored one in the critical section
//! that found no item: step 7. futures-intrusive had this bug ([futures-intrusive,
//! 18](https://github.com/Matthias247/futures-intrusive/issues/18)).

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bounded_buffer::sync::model::{Condvar, Mutex, MutexGuard, task};

use super::queue::{self, Fail, Item, Queue};

pub(crate) struct Buffer {
    state: Mutex<State>,
    not_full: Condvar,
    not_empty: Condvar,
    capacity: usize,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    /// The tasks that wait, oldest first. Each has a number.
    tasks: VecDeque<(usize, Waker)>,
    next_number: usize,
}

impl Buffer {
    pub(crate) fn new(capacity: usize, _producers: usize) -> Self {
        let not_full = Condvar::new();
        let not_empty = Condvar::new();
        Self { state: Mutex::new(State::default()), not_full, not_empty, capacity }
    }
}

impl Queue for Buffer {
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

    fn pop_async(&self) -> queue::PopFuture<'_> {
        Box::pin(PopFuture { buffer: self, number: None })
    }
}

impl Buffer {
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
}

struct PopFuture<'a> {
    buffer: &'a Buffer,
    /// The number in the list, once the task has waited.
    number: Option<usize>,
}

impl Future for PopFuture<'_> {
    type Output = Result<Item, Fail>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone(); // user code, as is the drop of the old one: both without the lock
        let mut state = self.buffer.state.lock();
        if let Some(item) = state.items.pop_front() {
            let old = state.leave(self.number.take());
            self.buffer.release(state);
            drop(old);
            return Poll::Ready(Ok(item));
        }
        let old = if state.find(self.number).is_some() {
            // BUG: the task that polls the future now is not woken. The future keeps the waker of an earlier poll.
            Some(waker)
        } else {
            self.number = Some(state.enqueue(waker));
            None
        };
        drop(state);
        drop(old);
        Poll::Pending
    }
}

/// A future that was woken passes the wake-up on: the release wakes another waiter if there is an item.
impl Drop for PopFuture<'_> {
    fn drop(&mut self) {
        if self.number.is_some() {
            let mut state = self.buffer.state.lock();
            let waker = state.leave(self.number);
            self.buffer.release(state);
            drop(waker);
        }
    }
}

impl State {
    fn enqueue(&mut self, waker: Waker) -> usize {
        self.next_number += 1;
        self.tasks.push_back((self.next_number, waker));
        self.next_number
    }

    fn find(&self, number: Option<usize>) -> Option<usize> {
        self.tasks.iter().position(|&(of, _)| Some(of) == number)
    }

    /// Removes a task. Returns its waker, if it was not woken.
    fn leave(&mut self, number: Option<usize>) -> Option<Waker> {
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
