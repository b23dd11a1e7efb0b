//! The litmus programs on the model of the primitives: loom finds exactly the outcomes that `litmus/programs.rs` lists.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::explore::BOTH_ORDERS;
use crate::harness::{Model, test};

mod programs;

use programs::Outcome;

mod primitives {
    use std::time::Instant;

    use super::programs::Shared;

    pub(super) use bounded_buffer_model::{Arc, Condvar, Mutex};
    pub(super) use loom::thread::{JoinHandle, spawn};

    /// Returns whether so many threads have arrived. loom explores both.
    pub(super) fn arrived(shared: &Shared, count: usize) -> bool {
        shared.state.lock().arrived == count
    }

    /// The model has no clock: it explores an early and a late expiry.
    pub(super) fn soon() -> Instant {
        Instant::now()
    }

    pub(super) fn hold() {}
}

thread_local! {
    // loom runs all executions on the thread that started it.
    static SEEN: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

fn check(program: fn() -> Outcome, outcomes: &[&'static str], only_of_the_model: &[&'static str]) {
    BOTH_ORDERS.explore("", move || SEEN.with_borrow_mut(|seen| seen.extend(program())));
    let expected = outcomes.iter().chain(only_of_the_model).copied().collect();
    SEEN.with_borrow(|seen| assert_eq!(*seen, expected));
}

macro_rules! define {
    ($($name:ident: $outcomes:expr, $only_of_the_model:expr;)+) => {
        pub(crate) const MODELS: &[Model] =
            &[$(test(stringify!($name), || check(programs::$name, &$outcomes, &$only_of_the_model))),+];
    };
}

programs::each_program!(define);
