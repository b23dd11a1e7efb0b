//! How a task waits: steps 7 to 9 of the argument on [`BoundedBuffer`].
//!
//! A thread that cannot act waits on the condition variable. A task stores its waker in the list of its side and returns
//! `Pending`. Everything else is common to both: the count of waiters, the changes of `state.rs`, and `release`.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::buffer::{BoundedBuffer, Condition};
use crate::state::State;
use crate::wakers::{Key, NoRoom, WakerList};

/// A buffer, or a handle that keeps one.
pub(crate) trait HasBuffer {
    type Item;
    fn buffer(&self) -> &BoundedBuffer<Self::Item>;
}

impl<T> HasBuffer for &BoundedBuffer<T> {
    type Item = T;
    fn buffer(&self) -> &BoundedBuffer<T> {
        self
    }
}

/// The waits of one task, one after the other. Each future, stream and sink has one. Dropping it ends the wait.
pub(crate) struct TaskWait<B: HasBuffer, C: Condition> {
    owner: B,
    /// Set while the task is registered.
    key: Option<Key>,
    waiting_since: Option<Instant>,
    condition: PhantomData<C>,
}

impl<B: HasBuffer, C: Condition> TaskWait<B, C> {
    pub(crate) fn new(owner: B) -> Self {
        Self { owner, key: None, waiting_since: None, condition: PhantomData }
    }

    pub(crate) fn buffer(&self) -> &BoundedBuffer<B::Item> {
        self.owner.buffer()
    }

    /// Runs an operation that waits: the counterpart of `wait_then_act` for a task. Makes the change if the condition holds or the
    /// buffer is closed. Otherwise registers the task, in the critical section that found the condition false.
    ///
    /// The waker is cloned, and memory for it is allocated, while the lock is not held. Then the condition is checked again.
    pub(crate) fn poll<R>(&mut self, context: &Context<'_>, change: impl FnOnce(&mut State<B::Item>) -> R) -> Poll<R> {
        let mut cloned = None;
        let mut room = None;
        loop {
            let mut state = self.owner.buffer().lock();
            if C::is_over(&state) {
                let replaced = Self::end(&mut self.key, &mut self.waiting_since, &mut state);
                let result = change(&mut state);
                self.owner.buffer().release(state);
                drop(replaced); // after the unlock: a waker is user code
                return Poll::Ready(result);
            }
            // From here on without `release`: nothing was changed, or this is the waiter of step 5 that cannot act.
            let tasks = C::tasks(&mut state);
            if tasks.waits_with(self.key.as_ref(), context.waker()) {
                return Poll::Pending;
            }
            let Some(waker) = cloned.take() else {
                drop(state);
                cloned = Some(context.waker().clone());
                continue;
            };
            let freed = room.take().map(|room| tasks.move_into(room));
            let slots = tasks.slots();
            let result = Self::register(&mut self.key, &mut state, waker);
            drop(state);
            drop(freed);
            match result {
                Ok(replaced) => {
                    drop(replaced); // after the unlock, as above
                    self.waiting_since.get_or_insert_with(Instant::now);
                    return Poll::Pending;
                }
                Err(NoRoom(waker)) => {
                    cloned = Some(waker);
                    room = Some(WakerList::allocate_more_than(slots));
                }
            }
        }
    }

    /// Step 7: the task waits with this waker, and is counted. Returns the waker that was replaced.
    fn register(key: &mut Option<Key>, state: &mut State<B::Item>, waker: Waker) -> Result<Option<Waker>, NoRoom> {
        let is_new = key.is_none();
        let replaced = C::tasks(state).wait(key, waker)?;
        if is_new {
            C::side(state).waiting += 1;
        } else if replaced.is_none() {
            state.wasted_wakeups += 1; // the task was woken, and another took the item or the slot
        }
        Ok(replaced)
    }

    /// The task is no longer registered. Returns its waker, if it was not woken.
    fn end(key: &mut Option<Key>, since: &mut Option<Instant>, state: &mut State<B::Item>) -> Option<Waker> {
        let key = key.take()?;
        let waits = C::waits(state);
        waits.count += 1;
        waits.time += since.take().map_or(Duration::ZERO, |begin| begin.elapsed());
        if C::tasks(state).registered() == 0 {
            return None; // `close` has emptied the list: step 6
        }
        C::side(state).waiting -= 1;
        C::tasks(state).remove(key)
    }
}

/// Step 8: a future that is dropped while it waits leaves no trace, and one that was woken passes the wake-up on by `release`.
impl<B: HasBuffer, C: Condition> Drop for TaskWait<B, C> {
    fn drop(&mut self) {
        if self.key.is_some() {
            let mut state = self.owner.buffer().lock();
            let waker = Self::end(&mut self.key, &mut self.waiting_since, &mut state);
            self.owner.buffer().release(state);
            drop(waker); // after the unlock: a waker is user code
        }
    }
}

/// Wakes a task. A panic of its waker ends here: the operation that wakes has succeeded, and others may have to be woken.
pub(crate) fn wake(waker: Waker) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
        std::mem::forget(payload); // its destructor may panic, too
    }
}
