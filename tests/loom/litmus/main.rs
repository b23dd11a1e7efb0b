//! The litmus programs on parking_lot: each outcome is one that the model has. `cargo loom litmus` runs them on the model.

#![cfg(not(loom))]

use std::collections::BTreeSet;

use test_support::watched;

mod programs;

use programs::Outcome;

mod primitives {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant};

    use test_support::until;

    use super::programs::Shared;

    pub(super) use parking_lot::{Condvar, Mutex};
    pub(super) use std::sync::Arc;
    pub(super) use std::thread::{JoinHandle, spawn};

    /// Waits until so many threads have arrived.
    pub(super) fn arrived(shared: &Shared, count: usize) -> bool {
        until(|| shared.state.lock().arrived == count);
        true
    }

    /// Returns deadlines before, at and after the moment of the notification.
    pub(super) fn soon() -> Instant {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let step = CALLS.fetch_add(1, Ordering::Relaxed) % 50; // Relaxed: only a number
        Instant::now() + Duration::from_micros(step * step)
    }

    /// Lets a deadline pass.
    pub(super) fn hold() {
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// Number of runs of each program.
const RUNS: u32 = 300;

/// Runs a program, and continues until each outcome was seen that parking_lot has.
fn check(program: fn() -> Outcome, outcomes: &[&str], only_of_the_model: &[&str]) {
    watched(|| {
        let mut seen = BTreeSet::new();
        let mut runs = 0;
        while runs < RUNS || !outcomes.iter().all(|outcome| seen.contains(outcome)) {
            let outcome = program().expect("each thread arrives");
            let is_possible = [outcomes, only_of_the_model].concat().contains(&outcome);
            assert!(is_possible, "the model excludes this: {outcome}");
            seen.insert(outcome);
            runs += 1;
        }
    });
}

macro_rules! define {
    ($($name:ident: $outcomes:expr, $only_of_the_model:expr;)+) => {
        $(#[test]
        fn $name() {
            check(programs::$name, &$outcomes, &$only_of_the_model);
        })+
    };
}

programs::each_program!(define);
