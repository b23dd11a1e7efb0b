//! The reference with one bug: a waker called under the lock re-enters.
//!
//! A waker is user code. Some executors poll the task in `wake` itself, so the call can reach the buffer again; here the
//! waker calls `try_pop`. It waits for the lock that its own thread holds. In the shipped buffer `release_and_wake`
//! (`src/buffer.rs`) takes the waker out under the lock and calls it after the unlock: step 7. It also clones and drops
//! wakers without the lock (`TaskWait` in `src/tasks.rs`). tokio dropped a replaced waker under its lock ([tokio,
//! 5429](https://github.com/tokio-rs/tokio/issues/5429)). A report on an executor that polls in `wake` names h2, which wakes
//! under its lock, as the canonical deadlock ([ngx-rust, 294](https://github.com/nginx/ngx-rust/issues/294)).

use bounded_buffer_model::MutexGuard;

use crate::reference_tasks::{Buffer, ReferenceTasks, State};

pub(crate) enum Bug {}

impl ReferenceTasks for Buffer<Bug> {
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
        if let Some((_, waker)) = task {
            // BUG: the waker is user code. If it uses the buffer, it waits for the lock that this thread holds.
            waker.wake();
        }
        drop(state);
    }
}
