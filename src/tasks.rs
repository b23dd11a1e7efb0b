//! How a task waits: steps 7 to 9 of the argument in `buffer.rs`.
//!
//! A thread that cannot act waits on the condition variable. A task stores its waker in the list of its side and
//! returns `Pending`. Everything else is common to both: the count of waiters, the changes of `state.rs`, and
//! `release`.

use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use crate::buffer::{BoundedBuffer, Guard};
use crate::state::State;
use crate::wake::ignore_panic;
use crate::wakers::{Key, NoRoom, Unused, WakerList};

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
pub(crate) struct TaskWait<B: HasBuffer, const SIDE: usize> {
    owner: B,
    registration: Registration<SIDE>,
}

/// The place of a task in the list of its side.
#[derive(Default)]
struct Registration<const SIDE: usize> {
    /// Set while the task is registered.
    key: Option<Key>,
    waiting_since: Option<Instant>,
    /// Whether to keep a waker for the next wait.
    is_repeated: bool,
    next_waker: Option<Waker>,
}

impl<B: HasBuffer, const SIDE: usize> TaskWait<B, SIDE> {
    pub(crate) fn new(owner: B) -> Self {
        Self { owner, registration: Registration::default() }
    }

    /// For a stream or a sink, which waits again and again. It keeps a waker, so that only the first wait locks twice.
    #[cfg(feature = "futures")]
    pub(crate) fn repeated(owner: B) -> Self {
        Self { owner, registration: Registration { is_repeated: true, ..Registration::default() } }
    }

    #[cfg(feature = "futures")]
    pub(crate) fn owner(&self) -> &B {
        &self.owner
    }

    pub(crate) fn buffer(&self) -> &BoundedBuffer<B::Item> {
        self.owner.buffer()
    }

    /// Runs an operation that waits: the counterpart of `wait_then_act` for a task. Makes the change if the condition
    /// holds or the buffer is closed. Otherwise registers the task, in the critical section that found the condition
    /// false.
    #[inline]
    pub(crate) fn poll<R>(&mut self, context: &Context<'_>, change: impl FnOnce(&mut State<B::Item>) -> R) -> Poll<R> {
        let buffer = self.owner.buffer();
        let mut state = buffer.lock();
        if self.registration.key.is_some() || !state.is_over(SIDE) {
            return self.registration.poll(buffer, state, context, change);
        }
        let result = change(&mut state);
        buffer.release(state);
        Poll::Ready(result)
    }
}

impl<const SIDE: usize> Registration<SIDE> {
    /// A poll of a task that is registered, or has to wait.
    #[cold]
    fn poll<'a, T, R>(
        &mut self,
        buffer: &'a BoundedBuffer<T>,
        mut state: Guard<'a, T>,
        context: &Context<'_>,
        change: impl FnOnce(&mut State<T>) -> R,
    ) -> Poll<R> {
        let mut unused = Unused::default();
        if !state.is_over(SIDE) {
            state = ready!(self.wait(buffer, state, context, &mut unused));
        }
        let removed = self.end(buffer, &mut state);
        let result = change(&mut state);
        buffer.release(state);
        if removed.waker.is_some() || unused.waker.is_some() {
            ignore_panic(|| drop((removed, unused))); // after the unlock: a waker is user code
        }
        Poll::Ready(result)
    }

    /// Step 7: the task waits, and is counted. If the wait is over after all, returns with the lock held, and leaves what
    /// was not needed in `unused`.
    ///
    /// The waker is cloned, and memory for it is allocated, while the lock is not held. Then the condition is checked
    /// again. The lock is dropped without `release`: nothing was changed, or this is the waiter of step 5 that cannot
    /// act.
    #[cold]
    fn wait<'a, T>(
        &mut self,
        buffer: &'a BoundedBuffer<T>,
        mut state: Guard<'a, T>,
        context: &Context<'_>,
        unused: &mut Unused,
    ) -> Poll<Guard<'a, T>> {
        if state.tasks[SIDE].waits_with(self.key.as_ref(), context.waker()) {
            return Poll::Pending;
        }
        let mut own = self.next_waker.take_if(|next| next.will_wake(context.waker()));
        let mut room = None;
        loop {
            if let Some(waker) = own.take() {
                let unneeded = room.take().map(|room| state.tasks[SIDE].add(room));
                let chunks = state.tasks[SIDE].chunks();
                let result = self.begin(&mut state, waker);
                drop(state);
                drop(unneeded);
                match result {
                    Ok(replaced) => {
                        if self.is_repeated || replaced.is_some() {
                            self.keep_next(replaced, context);
                        }
                        return Poll::Pending;
                    }
                    Err(NoRoom(waker)) => own = Some(waker),
                }
                room = Some(WakerList::allocate(chunks));
            } else {
                drop(state);
                own = Some(context.waker().clone());
            }
            state = buffer.lock();
            if state.is_over(SIDE) {
                *unused = Unused { waker: own, _room: room };
                return Poll::Ready(state);
            }
        }
    }

    /// Drops a waker that was replaced, and clones one for the next wait. Without the lock: a waker is user code.
    fn keep_next(&mut self, replaced: Option<Waker>, context: &Context<'_>) {
        let next = self.is_repeated.then(|| context.waker().clone());
        let unfit = std::mem::replace(&mut self.next_waker, next);
        ignore_panic(|| drop((replaced, unfit)));
    }

    /// The task waits with this waker. Returns the waker that was replaced.
    fn begin<T>(&mut self, state: &mut State<T>, waker: Waker) -> Result<Option<Waker>, NoRoom> {
        let is_new = self.key.is_none();
        let replaced = state.tasks[SIDE].wait(&mut self.key, waker)?;
        if replaced.is_none() {
            if let Some(side) = state.sides.get_mut(SIDE) {
                side.waiting += 1;
            }
            // A task that is not new was woken, and another took the item or the slot.
            state.wasted_wakeups += u64::from(!is_new);
            self.waiting_since.get_or_insert_with(Instant::now);
        }
        Ok(replaced)
    }

    /// The task is no longer registered. Returns what to drop after the unlock.
    ///
    /// Here and in `begin` the clock is read under the lock. Read without it, two worker threads with four tasks on each
    /// side of 5 slots had 0.7 of the throughput near, 0.6 far (AMD EPYC, tokio; likely because they took the lock
    /// from each other more often).
    #[inline]
    fn end<T>(&mut self, buffer: &BoundedBuffer<T>, state: &mut State<T>) -> Unused {
        let Some(key) = self.key.take() else { return Unused::default() };
        buffer.add_wait_time(SIDE, self.waiting_since.take());
        state.waits[SIDE] += 1;
        let removed = state.tasks[SIDE].remove(key);
        if let Some(side) = state.sides.get_mut(SIDE) {
            side.waiting -= u32::from(removed.waker.is_some());
        }
        removed
    }
}

/// Step 8: a future that is dropped while it waits leaves no trace, and one that was woken passes the wake-up on by
/// `release`.
impl<B: HasBuffer, const SIDE: usize> Drop for TaskWait<B, SIDE> {
    fn drop(&mut self) {
        if self.registration.key.is_some() {
            let mut state = self.owner.buffer().lock();
            let removed = self.registration.end(self.owner.buffer(), &mut state);
            self.owner.buffer().release(state);
            ignore_panic(|| drop(removed)); // after the unlock: a waker is user code
        }
        if let Some(next) = self.registration.next_waker.take() {
            ignore_panic(|| drop(next));
        }
    }
}
