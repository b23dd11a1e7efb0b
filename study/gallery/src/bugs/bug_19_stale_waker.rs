//! The reference with one bug: a stale waker is kept.
//!
//! A future can be polled with another waker each time: it moves to another task, or its executor makes a new waker. The
//! first task is woken but no longer polls. The waiting task is not woken. In the shipped buffer `Registration::wait`
//! (`src/tasks.rs`) compares the two wakers, and `Registration::begin` replaces the stored one in the critical section
//! that found no item: step 7. futures-intrusive had this bug ([futures-intrusive,
//! 18](https://github.com/Matthias247/futures-intrusive/issues/18)).

use std::task::Waker;

use bounded_buffer_model::MutexGuard;

use crate::reference_tasks::{Buffer, ReferenceTasks, State};

pub(crate) enum Bug {}

impl ReferenceTasks for Buffer<Bug> {
    fn store_waker(&self, mut state: MutexGuard<'_, State>, number: &mut Option<usize>, waker: Waker) {
        let old = if state.find(*number).is_some() {
            // BUG: the task that polls the future now is not woken. The future keeps the waker of an earlier poll.
            Some(waker)
        } else {
            *number = Some(state.enqueue(waker));
            None
        };
        drop(state);
        drop(old);
    }
}
