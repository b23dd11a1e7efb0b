//! The reference with one bug: a cancelled future swallows a wake-up.
//!
//! The future was woken for an item and is dropped before it is polled again, for example because another branch of a
//! `select!` was ready. Its wake-up reaches no other waiter, so a consumer waits although the buffer has an item. In the
//! shipped buffer the destructor of `TaskWait` (`src/tasks.rs`) removes the task and calls `release`, which wakes another
//! waiter: step 8. A report on flume describes the symptom: a cancelled `recv_async` loses notifications ([iroh,
//! 2536](https://github.com/n0-computer/iroh/pull/2536)).

use crate::reference_tasks::{Buffer, ReferenceTasks};

pub(crate) enum Bug {}

impl ReferenceTasks for Buffer<Bug> {
    fn cancel(&self, number: usize) {
        let mut state = self.state.lock();
        let waker = state.leave(Some(number));
        // BUG: a future that was woken is cancelled with its wake-up. Another consumer waits although there is an item.
        drop(state);
        drop(waker);
    }
}
