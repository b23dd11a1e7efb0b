//! The list of bugs, each with the program that exposes it and smaller programs that do not.

mod bug_01_if_instead_of_while;
mod bug_02_one_condvar;
mod bug_03_close_notifies_one;
mod bug_04_close_without_lock;
mod bug_05_notify_before_change;
mod bug_06_waiters_counted_before_lock;
mod bug_07_timeout_loses_notification;
mod bug_08_timeout_leaves_pending;
mod bug_09_batch_push_no_chained_wakeup;
mod bug_10_batch_pop_no_chained_wakeup;
mod bug_11_snapshot_not_rechecked;
mod bug_12_last_producer_does_not_close;
mod bug_13_closed_before_items;
mod bug_14_push_after_close;
mod bug_15_close_wakes_one_side;
mod bug_16_drop_under_lock;
mod bug_17_stale_snapshot;
mod bug_18_cancelled_future_swallows_wakeup;
mod bug_19_stale_waker;
mod bug_20_waker_called_under_lock;
mod bug_21_dropped_future_stays_counted;

use crate::queue::New;
use crate::{control, models, reference, reference_tasks, source, textbook};

/// A program with its numbers, for any buffer.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub model: fn(New),
}

/// A correct buffer, and the file of its code.
pub struct Base {
    pub path: &'static str,
    pub new: New,
}

/// A bug, the program that exposes it, and smaller ones that do not.
pub struct Bug {
    /// The name of its file.
    pub name: &'static str,
    pub new: New,
    /// The reference that it changes.
    pub base: Base,
    pub found_by: Case,
    pub not_by: &'static [Case],
}

macro_rules! new {
    ($base:ident $variant:ty) => {
        |capacity, producers| Box::new($base::Buffer::<$variant>::new(capacity, producers))
    };
}

macro_rules! base {
    ($base:ident) => {
        Base {
            path: concat!("study/gallery/src/", stringify!($base), ".rs"),
            new: new!($base $base::Unchanged),
        }
    };
}

macro_rules! case {
    ($model:ident($($number:literal),*)) => {
        Case {
            name: concat!(stringify!($model), stringify!(($($number),*))),
            model: |new| models::$model(new $(, $number)*),
        }
    };
}

macro_rules! bug {
    ($base:ident $bug:ident: $model:ident $numbers:tt, not [$($smaller:ident $less:tt),*]) => {
        Bug {
            name: stringify!($bug),
            new: new!($base $bug::Bug),
            base: base!($base),
            found_by: case!($model $numbers),
            not_by: &[$(case!($smaller $less)),*],
        }
    };
}

/// The reference of bugs 1 and 2.
pub const TEXTBOOK: Base = base!(textbook);

/// The reference of bugs 3 to 17. It passes the programs of bugs 1 and 2, too.
pub const REFERENCE: Base = base!(reference);

/// The reference of bugs 18 to 21.
pub const REFERENCE_TASKS: Base = base!(reference_tasks);

/// A correct variant of the first reference, which notifies after it unlocks.
pub const CONTROL: New = new!(reference control::Control);

/// A program with two threads on each side, which exposes no bug that a smaller one does not.
pub const TWO_AND_TWO: Case = case!(two_producers_and_two_consumers_on_one_slot());

/// The bugs, in the order of their numbers.
#[rustfmt::skip] // a bug a line
pub const BUGS: &[Bug] = &[
    bug!(textbook bug_01_if_instead_of_while: each_pop_gets_an_item(1, 2), not [each_pop_gets_an_item(1, 1), each_pop_gets_an_item(2, 1)]),
    bug!(textbook bug_02_one_condvar: each_pop_gets_an_item(1, 2), not [each_pop_gets_an_item(1, 1)]),
    bug!(reference bug_03_close_notifies_one: close_wakes_each_consumer(2), not [close_wakes_each_consumer(1)]),
    bug!(reference bug_04_close_without_lock: close_wakes_each_consumer(1), not []),
    bug!(reference bug_05_notify_before_change: a_push_wakes_a_consumer(), not []),
    bug!(reference bug_06_waiters_counted_before_lock: a_push_wakes_a_consumer(), not []),
    bug!(reference bug_07_timeout_loses_notification: a_timed_out_pop_loses_no_wakeup(true), not [a_timed_out_pop_loses_no_wakeup(false)]),
    bug!(reference bug_08_timeout_leaves_pending: a_timed_out_pop_leaves_no_pending_flag(2), not [a_timed_out_pop_leaves_no_pending_flag(1)]),
    bug!(reference bug_09_batch_push_no_chained_wakeup: a_batch_push_wakes_each_consumer(2), not [a_batch_push_wakes_each_consumer(1)]),
    bug!(reference bug_10_batch_pop_no_chained_wakeup: a_batch_pop_wakes_each_producer(2), not [a_batch_pop_wakes_each_producer(1)]),
    bug!(reference bug_11_snapshot_not_rechecked: try_pop_decides_under_the_lock(2), not [try_pop_decides_under_the_lock(1)]),
    bug!(reference bug_12_last_producer_does_not_close: the_last_producer_closes(), not []),
    bug!(reference bug_13_closed_before_items: accepted_items_are_delivered_after_close(), not []),
    bug!(reference bug_14_push_after_close: nothing_is_accepted_after_close(1), not [nothing_is_accepted_after_close(0)]),
    bug!(reference bug_15_close_wakes_one_side: nothing_is_accepted_after_close(0), not []),
    bug!(reference bug_16_drop_under_lock: items_are_dropped_without_the_lock(), not []),
    bug!(reference bug_17_stale_snapshot: a_completed_push_is_visible(), not []),
    bug!(reference_tasks bug_18_cancelled_future_swallows_wakeup: a_cancelled_pop_passes_its_wakeup_on(), not []),
    bug!(reference_tasks bug_19_stale_waker: the_waker_of_the_last_poll_is_called(), not []),
    bug!(reference_tasks bug_20_waker_called_under_lock: a_waker_can_use_the_buffer(), not []),
    bug!(reference_tasks bug_21_dropped_future_stays_counted: a_cancelled_pop_leaves_no_waker(), not []),
];

impl Case {
    /// What the program does: the comment of its function.
    pub fn program(&self) -> String {
        source::comment("study/gallery/src/models.rs", self.name.split('(').next().unwrap_or_default())
    }
}

impl Bug {
    /// Its file.
    pub fn path(&self) -> String {
        format!("study/gallery/src/bugs/{}.rs", self.name)
    }

    /// Its program and the smaller ones.
    pub fn cases(&self) -> impl Iterator<Item = Case> {
        [self.found_by].into_iter().chain(self.not_by.iter().copied())
    }

    /// What it is, and what else the comment at the head of its file says.
    pub fn description(&self) -> (String, String) {
        let lines = source::file(&self.path());
        let head: Vec<_> = lines.iter().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let (_, title) = head[0].split_once("one bug: ").expect("the first line names the bug");
        (title.trim_end_matches('.').to_owned(), head[1..].join(" ").trim().to_owned())
    }
}
