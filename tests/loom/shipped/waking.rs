//! Whoever can act is woken, and looks again.

use super::{Buffer, empty, end, full, start};
use crate::explore::{explore, explore_both_orders, explore_deeper, explore_unbounded};

#[test]
fn a_push_wakes_a_consumer() {
    explore_unbounded("a_push_wakes_a_consumer", || {
        let buffer = empty(1);
        let consumer = start(&buffer, Buffer::pop);
        buffer.push(7).unwrap();
        assert_eq!(end(consumer), Ok(7));
    });
}

#[test]
fn a_pop_wakes_a_producer() {
    explore_unbounded("a_pop_wakes_a_producer", || {
        let buffer = full(1);
        let producer = start(&buffer, |buffer| buffer.push(1));
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(end(producer), Ok(()));
    });
}

#[test]
fn one_slot_hands_over_in_order() {
    explore_unbounded("one_slot_hands_over_in_order", || {
        let buffer = empty(1);
        let producer = start(&buffer, |buffer| (0..3).for_each(|item| buffer.push(item).unwrap()));
        (0..3).for_each(|item| assert_eq!(buffer.pop(), Ok(item)));
        end(producer);
    });
}

/// With two slots a push leaves one free while it wakes: nobody must be told of it but a producer that is there.
#[test]
fn two_slots_hand_over_in_order() {
    explore("two_slots_hand_over_in_order", || {
        let buffer = empty(2);
        let producer = start(&buffer, |buffer| (0..4).for_each(|item| buffer.push(item).unwrap()));
        (0..4).for_each(|item| assert_eq!(buffer.pop(), Ok(item)));
        end(producer);
    });
}

/// The woken consumer may find that another took its item, and the one slot makes both sides wait.
#[test]
fn a_woken_consumer_that_another_beat_sleeps_again() {
    explore_deeper("a_woken_consumer_that_another_beat_sleeps_again", || {
        let buffer = empty(1);
        let consumers =
            [start(&buffer, |buffer| buffer.pop().unwrap()), start(&buffer, |buffer| buffer.pop().unwrap())];
        buffer.push(0).unwrap();
        buffer.push(1).unwrap();
        let mut popped = consumers.map(end);
        popped.sort_unstable();
        assert_eq!(popped, [0, 1]);
    });
}

#[test]
fn a_woken_producer_that_another_beat_sleeps_again() {
    explore_deeper("a_woken_producer_that_another_beat_sleeps_again", || {
        let buffer = full(1);
        let producers = [1, 2].map(|item| start(&buffer, move |buffer| buffer.push(item).unwrap()));
        let mut popped = [(); 3].map(|()| buffer.pop().unwrap());
        producers.into_iter().for_each(end);
        popped.sort_unstable();
        assert_eq!(popped, [0, 1, 2]);
    });
}

#[test]
fn two_and_two_on_one_slot_all_finish() {
    explore_both_orders("two_and_two_on_one_slot_all_finish", || {
        let buffer = empty(1);
        let producers = [1, 2].map(|item| start(&buffer, move |buffer| buffer.push(item).unwrap()));
        let consumer = start(&buffer, |buffer| buffer.pop().unwrap());
        assert_eq!(buffer.pop().unwrap() + end(consumer), 3);
        producers.into_iter().for_each(end);
    });
}

/// A second item that comes while the first wake-up is pending is passed on by the one that was woken.
#[test]
fn the_baton_reaches_every_consumer() {
    explore_deeper("the_baton_reaches_every_consumer", || {
        let buffer = empty(2);
        let consumers =
            [start(&buffer, |buffer| buffer.pop().unwrap()), start(&buffer, |buffer| buffer.pop().unwrap())];
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        assert_eq!(consumers.map(end).iter().sum::<u32>(), 3);
    });
}

#[test]
fn the_baton_reaches_every_producer() {
    explore_deeper("the_baton_reaches_every_producer", || {
        let buffer = full(2);
        let producers = [2, 3].map(|item| start(&buffer, move |buffer| buffer.push(item).unwrap()));
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        producers.into_iter().for_each(end);
        assert_eq!(buffer.len(), 2);
    });
}

/// The throttle: a wake-up that is pending is not sent again.
#[test]
fn no_sleeper_is_sent_two_wake_ups() {
    explore("no_sleeper_is_sent_two_wake_ups", || {
        let buffer = empty(2);
        let consumer = start(&buffer, |buffer| buffer.pop().unwrap());
        buffer.push(0).unwrap();
        buffer.push(1).unwrap();
        end(consumer);
        let stats = buffer.stats();
        assert!(stats.notifications <= stats.pop_waits + stats.futile_wakeups, "{stats:?}");
    });
}

/// Where nobody barges in, whoever is woken finds something to do: one wake-up a time, and none without work.
#[test]
fn no_consumer_is_woken_for_nothing() {
    explore_deeper("no_consumer_is_woken_for_nothing", || {
        let buffer = empty(2);
        let consumers = [(); 2].map(|()| start(&buffer, |buffer| buffer.pop().unwrap()));
        let both_asleep = buffer.stats().waiting_consumers == 2;
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        assert_eq!(consumers.map(end).iter().sum::<u32>(), 3);
        let stats = buffer.stats();
        assert!(!both_asleep || (stats.futile_wakeups, stats.notifications) == (0, 2), "{stats:?}");
    });
}

#[test]
fn no_producer_is_woken_for_nothing() {
    explore_deeper("no_producer_is_woken_for_nothing", || {
        let buffer = full(2);
        let producers = [2, 3].map(|item| start(&buffer, move |buffer| buffer.push(item).unwrap()));
        let both_asleep = buffer.stats().waiting_producers == 2;
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        producers.into_iter().for_each(end);
        let stats = buffer.stats();
        assert!(!both_asleep || (stats.futile_wakeups, stats.notifications) == (0, 2), "{stats:?}");
    });
}

#[test]
fn nobody_is_counted_asleep_when_all_are_done() {
    explore("nobody_is_counted_asleep_when_all_are_done", || {
        let buffer = empty(1);
        let producer = start(&buffer, |buffer| (0..2).for_each(|item| buffer.push(item).unwrap()));
        (0..2).for_each(|item| assert_eq!(buffer.pop(), Ok(item)));
        end(producer);
        let stats = buffer.stats();
        assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
        assert_eq!((stats.pushed, stats.popped), (2, 2));
    });
}
