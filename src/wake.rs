//! Calls the wakers of tasks. A waker is user code: it may panic, and it may use this buffer or another one.

#![allow(clippy::missing_const_for_thread_local, reason = "the macro of the checkers takes no const block")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

use crate::sync::thread_local;

thread_local! {
    /// The wakers that this thread has to call and has not called yet, of any buffer. `None` while it calls none.
    static UNCALLED: RefCell<Option<VecDeque<Waker>>> = RefCell::new(None);
}

/// Calls each of the wakers. If this thread is calling one already, leaves them to the outermost call.
///
/// A waker may drop or poll a future in the call, and that may wake the next task. If each of these calls ran inside
/// the one before, a long row of waiting tasks would overflow the stack. So at most one waker of this crate runs on a
/// thread at a time.
pub(crate) fn call(wakers: impl IntoIterator<Item = Waker>) {
    let mut wakers = wakers.into_iter();
    // While the thread ends, the queue may be gone. Then the calls nest.
    let is_outermost = UNCALLED.try_with(|uncalled| match &mut *uncalled.borrow_mut() {
        Some(uncalled) => {
            uncalled.extend(wakers.by_ref());
            false
        }
        none => {
            *none = Some(VecDeque::new());
            true
        }
    });
    for waker in wakers {
        ignore_panic(|| waker.wake());
    }
    if matches!(is_outermost, Ok(true)) {
        while let Some(waker) = take_uncalled() {
            ignore_panic(|| waker.wake());
        }
    }
}

/// `None` ends the outermost call.
fn take_uncalled() -> Option<Waker> {
    UNCALLED.with(|uncalled| {
        let mut uncalled = uncalled.borrow_mut();
        let next = uncalled.as_mut()?.pop_front();
        if next.is_none() {
            *uncalled = None;
        }
        next
    })
}

/// Runs code of a waker. A panic ends here: the operation has succeeded, its result must not be lost, and others may
/// have to be woken.
pub(crate) fn ignore_panic(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        std::mem::forget(payload); // its destructor may panic, too
    }
}
