//! A waiter that can act is woken, and checks its condition again.

use super::{Buffer, empty, full, join, pass_items, pop, push, share_items, spawn};
use crate::explore::{BOTH_ORDERS, BOUNDED, DEEPER, UNBOUNDED};
use crate::harness::{Model, model};

pub(super) const MODELS: &[Model] = &[
    model("a_push_wakes_a_consumer", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, Buffer::pop);
        buffer.push(7).unwrap();
        assert_eq!(join(consumer), Ok(7));
    }),
    model("a_pop_wakes_a_producer", UNBOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(join(producer), Ok(()));
    }),
    model("one_slot_passes_items_in_order", UNBOUNDED, || pass_items(&empty(1), 3, push, pop)),
    // With two slots a push can leave one free. No wake-up may be sent for it while no producer waits.
    model("two_slots_pass_items_in_order", BOUNDED, || pass_items(&empty(2), 4, push, pop)),
    // The other consumer can take the item before the woken one reacquires the lock. One slot makes both sides wait.
    model("a_consumer_whose_item_was_taken_waits_again", DEEPER, || share_items(&empty(1), [pop; 2])),
    model("a_producer_whose_slot_was_taken_waits_again", DEEPER, || {
        let buffer = full(1);
        let producers = [1, 2].map(|item| spawn(&buffer, move |buffer| buffer.push(item).unwrap()));
        let mut popped = [(); 3].map(|()| buffer.pop().unwrap());
        producers.into_iter().for_each(join);
        popped.sort_unstable();
        assert_eq!(popped, [0, 1, 2]);
    }),
    // Each notification ends one wait, or one turn of a wait: a second one is sent only after the flag was cleared. Both sides
    // wait in some schedules.
    model("two_producers_and_two_consumers_on_one_slot_end", BOTH_ORDERS, || {
        let buffer = empty(1);
        let producers = [1, 2].map(|item| spawn(&buffer, move |buffer| buffer.push(item).unwrap()));
        let consumer = spawn(&buffer, pop);
        assert_eq!(buffer.pop().unwrap() + join(consumer), 3);
        producers.into_iter().for_each(join);
        let stats = buffer.stats();
        assert!(stats.notifications <= stats.push_waits + stats.pop_waits + stats.wasted_wakeups, "{stats:?}");
    }),
    // The second item can arrive while a wake-up is pending. The consumer that is woken then wakes the next.
    model("chained_wakeups_reach_each_consumer", DEEPER, || share_items(&empty(2), [pop; 2])),
    model("chained_wakeups_reach_each_producer", DEEPER, || {
        let buffer = full(2);
        let producers = [2, 3].map(|item| spawn(&buffer, move |buffer| buffer.push(item).unwrap()));
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        producers.into_iter().for_each(join);
        assert_eq!(buffer.len(), 2);
    }),
    // Three items for two slots: in some schedules one release has work for both sides, and must wake both.
    model("one_release_wakes_both_sides", BOTH_ORDERS, || {
        let buffer = empty(2);
        let consumers = [(); 2].map(|()| spawn(&buffer, pop));
        (1..=3).for_each(|item| buffer.push(item).unwrap());
        let popped = consumers.map(join).iter().sum::<u32>();
        assert_eq!(popped + buffer.pop().unwrap(), 6);
    }),
    // No second wake-up is sent to a side while one is pending.
    model("at_most_one_wakeup_is_pending", BOUNDED, || {
        let buffer = empty(2);
        let consumer = spawn(&buffer, pop);
        (0..2).for_each(|item| buffer.push(item).unwrap());
        join(consumer);
        let stats = buffer.stats();
        assert!(stats.notifications <= stats.pop_waits + stats.wasted_wakeups, "{stats:?}");
    }),
    // A consumer can start to wait while a wake-up is pending for another. That wake-up stays the only one: `main` barges, so the
    // second push needs no other.
    model("a_new_waiter_leaves_the_pending_flag_set", BOTH_ORDERS, || {
        let buffer = empty(1);
        let consumers = [(); 2].map(|()| spawn(&buffer, pop));
        buffer.push(1).unwrap();
        let barged = buffer.try_pop().is_ok();
        buffer.push(2).unwrap();
        let stats = buffer.stats();
        let returned = stats.push_waits + stats.pop_waits + stats.wasted_wakeups;
        assert!(stats.notifications <= returned + 1, "{stats:?}");
        if barged {
            buffer.push(3).unwrap();
        }
        for consumer in consumers {
            _ = join(consumer); // the model is about the notifications only
        }
    }),
    // Without barging, each woken consumer finds an item: one wake-up at a time, and none without an item.
    model("no_consumer_gets_a_wasted_wakeup_without_barging", DEEPER, || {
        let buffer = empty(2);
        let consumers = [(); 2].map(|()| spawn(&buffer, pop));
        let both_wait = buffer.stats().waiting_consumers == 2;
        (1..=2).for_each(|item| buffer.push(item).unwrap());
        assert_eq!(consumers.map(join).iter().sum::<u32>(), 3);
        let stats = buffer.stats();
        assert!(!both_wait || (stats.wasted_wakeups, stats.notifications) == (0, 2), "{stats:?}");
    }),
    model("no_producer_gets_a_wasted_wakeup_without_barging", DEEPER, || {
        let buffer = full(2);
        let producers = [2, 3].map(|item| spawn(&buffer, move |buffer| buffer.push(item).unwrap()));
        let both_wait = buffer.stats().waiting_producers == 2;
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        producers.into_iter().for_each(join);
        let stats = buffer.stats();
        assert!(!both_wait || (stats.wasted_wakeups, stats.notifications) == (0, 2), "{stats:?}");
    }),
    model("no_waiter_is_counted_at_the_end", BOUNDED, || {
        let buffer = empty(1);
        pass_items(&buffer, 2, push, pop);
        let stats = buffer.stats();
        assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
        assert_eq!((stats.pushed, stats.popped), (2, 2));
    }),
];
