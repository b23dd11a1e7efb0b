//! The reference with one bug: a dropped future stays counted.
//!
//! The list of this reference is its count of waiting tasks. The dropped future stays in it, so the next push calls the
//! waker of a future that is gone. The task behind it in the list hangs although the buffer has an item. In the shipped
//! buffer `Registration::end` (`src/tasks.rs`) removes the waker and corrects the count in one critical section: step 8.
//! crossfire had a bug with this effect: a send succeeded, but its waker stayed registered and took another send's wake-up
//! ([crossfire, 23](https://github.com/frostyplanet/crossfire-rs/pull/23)).

use crate::reference_tasks::{Buffer, ReferenceTasks};

pub(crate) enum Bug {}

impl ReferenceTasks for Buffer<Bug> {
    fn cancel(&self, _number: usize) {
        let state = self.state.lock();
        // BUG: the list counts a task that is gone. The next wake-up goes to it.
        self.release(state);
    }
}
