//! Calls the wakers of tasks. A waker is user code: it may panic, and it may use this buffer or another one.

#![allow(clippy::missing_const_for_thread_local, reason = "the macro of the checkers takes no const block")]

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

use crate::sync::thread_local;

thread_local! {
    /// Whether this thread is calling a waker.
    static CALLING: Cell<bool> = Cell::new(false);
    /// The wakers that it has to call after that one, of any buffer.
    static UNCALLED: RefCell<Vec<Waker>> = RefCell::default();
}

/// Calls each of the wakers. If this thread is calling one already, leaves them to the outermost call.
///
/// A waker may drop or poll a future in the call, and that may wake the next task. If each of these calls ran inside
/// the one before, a long row of waiting tasks would overflow the stack. So at most one waker of this crate runs on a
/// thread at a time.
pub(crate) fn call(wakers: impl IntoIterator<Item = Waker>) {
    let mut wakers = wakers.into_iter();
    if CALLING.with(|calling| calling.replace(true)) {
        // While the thread ends, the list may be gone. Then the calls nest.
        _ = UNCALLED.try_with(|uncalled| uncalled.borrow_mut().extend(wakers.by_ref()));
        return call_each(wakers);
    }
    call_each(wakers);
    while let Some(uncalled) = UNCALLED.try_with(RefCell::take).ok().filter(|uncalled| !uncalled.is_empty()) {
        call_each(uncalled);
    }
    CALLING.with(|calling| calling.set(false));
}

fn call_each(wakers: impl IntoIterator<Item = Waker>) {
    for waker in wakers {
        ignore_panic(|| waker.wake());
    }
}

/// Runs code of a waker. A panic ends here: the operation has succeeded, its result must not be lost, and others may
/// have to be woken.
pub(crate) fn ignore_panic(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        std::mem::forget(payload); // its destructor may panic, too
    }
}
