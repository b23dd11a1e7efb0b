//! The gallery's buffers and models, compiled against shuttle's side of the facade; each with its scene.

#[macro_use]
#[path = "../loom/gallery/list.rs"]
mod list;

#[path = "../loom/gallery/bug_01_if_instead_of_while.rs"]
mod bug_01_if_instead_of_while;
#[path = "../loom/gallery/bug_02_one_condvar.rs"]
mod bug_02_one_condvar;
#[path = "../loom/gallery/bug_03_close_notifies_one.rs"]
mod bug_03_close_notifies_one;
#[path = "../loom/gallery/bug_04_close_without_lock.rs"]
mod bug_04_close_without_lock;
#[path = "../loom/gallery/bug_05_notify_before_change.rs"]
mod bug_05_notify_before_change;
#[path = "../loom/gallery/bug_06_waiters_counted_before_lock.rs"]
mod bug_06_waiters_counted_before_lock;
#[path = "../loom/gallery/bug_07_timeout_loses_notification.rs"]
mod bug_07_timeout_loses_notification;
#[path = "../loom/gallery/bug_08_timeout_leaves_pending.rs"]
mod bug_08_timeout_leaves_pending;
#[path = "../loom/gallery/bug_09_batch_push_no_chained_wakeup.rs"]
mod bug_09_batch_push_no_chained_wakeup;
#[path = "../loom/gallery/bug_10_batch_pop_no_chained_wakeup.rs"]
mod bug_10_batch_pop_no_chained_wakeup;
#[path = "../loom/gallery/bug_11_snapshot_not_rechecked.rs"]
mod bug_11_snapshot_not_rechecked;
#[path = "../loom/gallery/bug_12_last_producer_does_not_close.rs"]
mod bug_12_last_producer_does_not_close;
#[path = "../loom/gallery/bug_13_closed_before_items.rs"]
mod bug_13_closed_before_items;
#[path = "../loom/gallery/bug_14_push_after_close.rs"]
mod bug_14_push_after_close;
#[path = "../loom/gallery/bug_15_close_wakes_one_side.rs"]
mod bug_15_close_wakes_one_side;
#[path = "../loom/gallery/bug_16_drop_under_lock.rs"]
mod bug_16_drop_under_lock;
#[path = "../loom/gallery/bug_17_stale_snapshot.rs"]
mod bug_17_stale_snapshot;
#[path = "../loom/gallery/bug_18_cancelled_future_swallows_wakeup.rs"]
mod bug_18_cancelled_future_swallows_wakeup;
#[path = "../loom/gallery/bug_19_stale_waker.rs"]
mod bug_19_stale_waker;
#[path = "../loom/gallery/bug_20_waker_called_under_lock.rs"]
mod bug_20_waker_called_under_lock;
#[path = "../loom/gallery/bug_21_dropped_future_stays_counted.rs"]
mod bug_21_dropped_future_stays_counted;
#[path = "../loom/gallery/control.rs"]
mod control;
#[path = "../loom/gallery/models.rs"]
pub(crate) mod models;
#[path = "../loom/gallery/queue.rs"]
pub(crate) mod queue;
#[path = "../loom/gallery/reference.rs"]
mod reference;
#[path = "../loom/gallery/reference_tasks.rs"]
mod reference_tasks;
#[path = "../loom/gallery/shared.rs"]
pub(crate) mod shared;

use bounded_buffer::{BoundedBuffer, WaitStrategy};

use self::queue::{New, Shipped};

/// A program on any buffer.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) model: fn(New),
}

/// A bug, the program that exposes it, and smaller ones that do not.
pub(crate) struct Bug {
    /// Its file.
    pub(crate) name: &'static str,
    pub(crate) new: New,
    /// The buffer that it is a copy of, with one change.
    pub(crate) reference: New,
    /// Whether [`CONTROL`] is a variant of that buffer.
    pub(crate) has_control: bool,
    pub(crate) found_by: Case,
    pub(crate) not_by: &'static [Case],
}

impl Bug {
    /// Its program and the smaller ones.
    pub(crate) fn cases(&self) -> impl Iterator<Item = Case> {
        [self.found_by].into_iter().chain(self.not_by.iter().copied())
    }
}

macro_rules! case {
    ($model:ident($($number:literal),*)) => {
        Case {
            name: concat!(stringify!($model), stringify!(($($number),*))),
            model: |new| models::$model(new $(, $number)*),
        }
    };
}

macro_rules! bugs {
    ($($reference:ident: { $($bug:ident: $model:ident $numbers:tt, not $([$smaller:ident $less:tt])*;)+ })+) => {
        /// The bugs, in the order of their numbers.
        pub(crate) const BUGS: &[Bug] = &[$($(Bug {
            name: stringify!($bug),
            new: |capacity, producers| Box::new($bug::Buffer::new(capacity, producers)),
            reference: |capacity, producers| Box::new($reference::Buffer::new(capacity, producers)),
            has_control: matches!(stringify!($reference).as_bytes(), b"reference"),
            found_by: case!($model $numbers),
            not_by: &[$(case!($smaller $less)),*],
        }),+),+];
    };
}

for_each_bug!(bugs);

/// A correct buffer that notifies after it unlocks.
pub(crate) const CONTROL: New = |capacity, producers| Box::new(control::Buffer::new(capacity, producers));

/// The buffer of this crate.
pub(crate) const SHIPPED: New = |capacity, producers| Box::new(Shipped::new(capacity, producers));

/// The same, with its default wait strategy: a thread polls the length and yields before it waits.
pub(crate) const SPINNING: New = |capacity, _| {
    Box::new(Shipped::Alone(Box::new(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Adaptive))))
};
