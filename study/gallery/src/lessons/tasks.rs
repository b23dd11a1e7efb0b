//! A buffer whose consumers are tasks: a task that finds no item stores its waker, and a push calls it.

use std::future::poll_fn;
use std::task::{Poll, Waker};

use bounded_buffer_model::{Mutex, task};

use crate::lessons::{Lesson, State};

pub(crate) struct Buffer {
    state: Mutex<State>,
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::default()) }
    }

    fn poll_pop(&self, waker: &Waker) -> Poll<Option<u32>> {
        let mut state = self.state.lock();
        if state.items.is_empty() {
            state.wakers.push_back(waker.clone());
            return Poll::Pending;
        }
        Poll::Ready(state.items.pop_front())
    }
}

impl Lesson for Buffer {
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
