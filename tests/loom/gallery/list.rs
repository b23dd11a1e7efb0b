//! The list of bugs, each with the model that finds it and smaller models that do not. It is a macro because the loom models
//! and the lab (`tests/lab`) build different things from it.

/// Calls a macro with the list: for each reference its bugs, and for each bug its file, its model with numbers, and the
/// smaller models that do not find it.
macro_rules! for_each_bug {
    ($callback:ident) => {
        $callback! {
            reference: {
                bug_01_if_instead_of_while: each_pop_gets_an_item(1, 2), not [each_pop_gets_an_item(1, 1)] [each_pop_gets_an_item(2, 1)];
                bug_02_one_condvar: each_pop_gets_an_item(1, 2), not [each_pop_gets_an_item(1, 1)];
                bug_03_close_notifies_one: close_wakes_each_consumer(2), not [close_wakes_each_consumer(1)];
                bug_04_close_without_lock: close_wakes_each_consumer(1), not;
                bug_05_notify_before_change: a_push_wakes_a_consumer(), not;
                bug_06_waiters_counted_before_lock: a_push_wakes_a_consumer(), not;
                bug_07_timeout_loses_notification: a_timed_out_pop_loses_no_wakeup(true), not [a_timed_out_pop_loses_no_wakeup(false)];
                bug_08_timeout_leaves_pending: a_timed_out_pop_leaves_no_pending_flag(2), not [a_timed_out_pop_leaves_no_pending_flag(1)];
                bug_09_batch_push_no_chained_wakeup: a_batch_push_wakes_each_consumer(2), not [a_batch_push_wakes_each_consumer(1)];
                bug_10_batch_pop_no_chained_wakeup: a_batch_pop_wakes_each_producer(2), not [a_batch_pop_wakes_each_producer(1)];
                bug_11_snapshot_not_rechecked: try_pop_decides_under_the_lock(2), not [try_pop_decides_under_the_lock(1)];
                bug_12_last_producer_does_not_close: the_last_producer_closes(), not;
                bug_13_closed_before_items: accepted_items_are_delivered_after_close(), not;
                bug_14_push_after_close: nothing_is_accepted_after_close(1), not [nothing_is_accepted_after_close(0)];
                bug_15_close_wakes_one_side: nothing_is_accepted_after_close(0), not;
                bug_16_drop_under_lock: items_are_dropped_without_the_lock(), not;
                bug_17_stale_snapshot: a_completed_push_is_visible(), not;
            }
            reference_tasks: {
                bug_18_cancelled_future_swallows_wakeup: a_cancelled_pop_passes_its_wakeup_on(), not;
                bug_19_stale_waker: the_waker_of_the_last_poll_is_called(), not;
                bug_20_waker_called_under_lock: a_waker_can_use_the_buffer(), not;
                bug_21_dropped_future_stays_counted: a_cancelled_pop_leaves_no_waker(), not;
            }
        }
    };
}
