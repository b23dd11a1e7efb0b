//! The gallery: the classic bugs of this very design, each a copy of the reference with one marked change, and the model
//! that finds it.

mod control;
mod find;
mod models;
mod page;
mod queue;
mod reference;
mod shared;

use self::find::{Finding, find};
use self::queue::{New, Shipped};
use crate::explore::{explore, explore_both_orders};

/// A model with its numbers.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) model: fn(New),
}

/// A bug, the model that finds it, and smaller ones that do not.
pub(crate) struct Bug {
    /// Its file.
    pub(crate) name: &'static str,
    pub(crate) new: New,
    pub(crate) found_by: Case,
    pub(crate) not_by: &'static [Case],
}

macro_rules! case {
    ($model:ident($($number:literal),*)) => {
        Case {
            name: concat!(stringify!($model), stringify!(($($number),*))),
            model: |new| models::$model(new $(, $number)*),
        }
    };
}

macro_rules! gallery {
    ($($bug:ident: $model:ident $numbers:tt, not $([$smaller:ident $less:tt])*;)+) => {
        $(mod $bug;)+

        /// Every bug.
        const BUGS: &[Bug] = &[$(Bug {
            name: stringify!($bug),
            new: |capacity, producers| Box::new($bug::Buffer::new(capacity, producers)),
            found_by: case!($model $numbers),
            not_by: &[$(case!($smaller $less)),*],
        }),+];
    };
}

gallery! {
    bug_01_if_instead_of_while: each_pop_gets_an_item(1, 2), not [each_pop_gets_an_item(1, 1)] [each_pop_gets_an_item(2, 1)];
    bug_02_one_condvar: each_pop_gets_an_item(1, 2), not [each_pop_gets_an_item(1, 1)];
    bug_03_close_notifies_one: close_wakes_every_consumer(2), not [close_wakes_every_consumer(1)];
    bug_04_close_without_lock: close_wakes_every_consumer(1), not;
    bug_05_notify_before_change: a_push_wakes_a_consumer(), not;
    bug_06_waiters_counted_before_lock: a_push_wakes_a_consumer(), not;
    bug_07_late_waiter_swallows: who_gives_up_takes_no_wake_up_along(true), not [who_gives_up_takes_no_wake_up_along(false)];
    bug_08_timeout_leaves_pending: who_gives_up_leaves_no_mark(2), not [who_gives_up_leaves_no_mark(1)];
    bug_09_batch_push_no_chained_wakeup: a_batch_push_feeds_every_consumer(2), not [a_batch_push_feeds_every_consumer(1)];
    bug_10_batch_pop_no_chained_wakeup: a_batch_pop_makes_room_for_every_producer(2), not [a_batch_pop_makes_room_for_every_producer(1)];
    bug_11_snapshot_not_rechecked: try_pop_decides_under_the_lock(2), not [try_pop_decides_under_the_lock(1)];
    bug_12_last_producer_does_not_close: the_last_producer_closes(), not;
    bug_13_closed_before_items: what_was_accepted_outlives_close(), not;
    bug_14_push_after_close: nothing_is_accepted_after_close(1), not [nothing_is_accepted_after_close(0)];
    bug_15_close_wakes_one_side: nothing_is_accepted_after_close(0), not;
    bug_16_drop_under_lock: items_are_dropped_outside_the_lock(), not;
    bug_17_stale_snapshot: a_push_that_returned_is_seen(), not;
}

/// The bugs, in the order of their numbers, as their models found them.
fn findings() -> &'static [Finding] {
    static FINDINGS: std::sync::OnceLock<Vec<Finding>> = std::sync::OnceLock::new();
    FINDINGS.get_or_init(|| BUGS.iter().map(find).collect())
}

#[test]
fn every_bug_is_found_by_its_model() {
    let line = |bug: &str, model: &str, executions: &str| format!("{bug:36} {model:46} {executions:>10}");
    let mut table = vec![line("bug", "model", "executions")];
    for (bug, finding) in BUGS.iter().zip(findings()) {
        table.push(line(bug.name, bug.found_by.name, &finding.executions.to_string()));
    }
    println!("{}", table.join("\n")); // at once: other tests print, too
}

#[test]
fn a_smaller_case_does_not_show_it() {
    for bug in BUGS {
        for case in bug.not_by {
            explore(&format!("{}, {}", bug.name, case.name), || (case.model)(bug.new));
        }
    }
}

fn passes(name: &str, new: New) {
    let mut cases: Vec<_> = BUGS.iter().flat_map(|bug| bug.not_by.iter().chain([&bug.found_by])).collect();
    cases.sort_by_key(|case| case.name);
    cases.dedup_by_key(|case| case.name);
    for case in cases {
        explore_both_orders(&format!("{name}, {}", case.name), move || (case.model)(new));
    }
}

#[test]
fn the_reference_passes_every_model() {
    passes("reference", |capacity, producers| Box::new(reference::Buffer::new(capacity, producers)));
}

#[test]
fn the_control_notify_after_unlock_passes_every_model() {
    passes("control", |capacity, producers| Box::new(control::Buffer::new(capacity, producers)));
}

#[test]
fn the_shipped_buffer_passes_every_model() {
    passes("shipped", |capacity, producers| Box::new(Shipped::new(capacity, producers)));
}
