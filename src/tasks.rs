//! How a task waits: steps 7 to 9 of the argument on [`BoundedBuffer`].
//!
//! A thread that cannot act waits on the condition variable. A task stores its waker in the list of its side and returns
//! `Pending`. Everything else is common to both: the count of waiters, the changes of `state.rs`, and `release`.

use std::marker::PhantomData;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use crate::buffer::{BoundedBuffer, Condition, Guard, ignore_panic};
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
    registration: Registration,
    condition: PhantomData<C>,
}

/// The place of a task in the list of its side.
#[derive(Default)]
struct Registration {
    /// Set while the task is registered.
    key: Option<Key>,
    waiting_since: Option<Instant>,
}

impl<B: HasBuffer, C: Condition> TaskWait<B, C> {
    pub(crate) fn new(owner: B) -> Self {
        Self { owner, registration: Registration::default(), condition: PhantomData }
    }

    pub(crate) fn buffer(&self) -> &BoundedBuffer<B::Item> {
        self.owner.buffer()
    }

    /// Runs an operation that waits: the counterpart of `wait_then_act` for a task. Makes the change if the condition holds or the
    /// buffer is closed. Otherwise registers the task, in the critical section that found the condition false.
    #[inline]
    pub(crate) fn poll<R>(&mut self, context: &Context<'_>, change: impl FnOnce(&mut State<B::Item>) -> R) -> Poll<R> {
        let mut cloned = None;
        let mut state = self.owner.buffer().lock();
        if !C::is_over(&state) {
            state = ready!(Self::wait(&self.owner, &mut self.registration, state, context, &mut cloned));
        }
        let own = self.registration.end::<C, _>(&mut state);
        let result = change(&mut state);
        self.owner.buffer().release(state);
        if own.is_some() || cloned.is_some() {
            ignore_panic(|| drop((own, cloned))); // after the unlock: a waker is user code
        }
        Poll::Ready(result)
    }

    /// Step 7: the task waits, and is counted. If the wait is over after all, returns with the lock held, and leaves the waker that
    /// was not needed in `cloned`.
    ///
    /// The waker is cloned, and memory for it is allocated, while the lock is not held. Then the condition is checked again. The
    /// lock is dropped without `release`: nothing was changed, or this is the waiter of step 5 that cannot act.
    #[cold]
    fn wait<'a>(
        owner: &'a B,
        registration: &mut Registration,
        mut state: Guard<'a, B::Item>,
        context: &Context<'_>,
        cloned: &mut Option<Waker>,
    ) -> Poll<Guard<'a, B::Item>> {
        if C::tasks(&mut state).waits_with(registration.key.as_ref(), context.waker()) {
            return Poll::Pending;
        }
        drop(state);
        let mut waker = context.waker().clone();
        let mut room = Vec::new();
        loop {
            state = owner.buffer().lock();
            if C::is_over(&state) {
                *cloned = Some(waker);
                return Poll::Ready(state);
            }
            let tasks = C::tasks(&mut state);
            let freed = tasks.move_into(room);
            let slots = tasks.slots();
            let result = registration.begin::<C, _>(&mut state, waker);
            drop(state);
            drop(freed);
            match result {
                Ok(replaced) => {
                    ignore_panic(|| drop(replaced)); // after the unlock: a waker is user code
                    return Poll::Pending;
                }
                Err(NoRoom(own)) => {
                    waker = own;
                    room = WakerList::allocate_more_than(slots);
                }
            }
        }
    }
}

impl Registration {
    /// The task waits with this waker. Returns the waker that was replaced.
    fn begin<C: Condition, T>(&mut self, state: &mut State<T>, waker: Waker) -> Result<Option<Waker>, NoRoom> {
        let is_new = self.key.is_none();
        let replaced = C::tasks(state).wait(&mut self.key, waker)?;
        if replaced.is_none() {
            C::side(state).waiting += 1;
            // A task that is not new was woken, and another took the item or the slot.
            state.wasted_wakeups += u64::from(!is_new);
        }
        self.waiting_since.get_or_insert_with(Instant::now);
        Ok(replaced)
    }

    /// The task is no longer registered. Returns its waker, if it was not woken.
    #[inline]
    fn end<C: Condition, T>(&mut self, state: &mut State<T>) -> Option<Waker> {
        let key = self.key.take()?;
        let waits = C::waits(state);
        waits.count += 1;
        waits.time += self.waiting_since.take().map_or(Duration::ZERO, |begin| begin.elapsed());
        let waker = C::tasks(state).remove(key);
        C::side(state).waiting -= u32::from(waker.is_some());
        waker
    }
}

/// Step 8: a future that is dropped while it waits leaves no trace, and one that was woken passes the wake-up on by `release`.
impl<B: HasBuffer, C: Condition> Drop for TaskWait<B, C> {
    fn drop(&mut self) {
        if self.registration.key.is_some() {
            let mut state = self.owner.buffer().lock();
            let waker = self.registration.end::<C, _>(&mut state);
            self.owner.buffer().release(state);
            ignore_panic(|| drop(waker)); // after the unlock: a waker is user code
        }
    }
}
