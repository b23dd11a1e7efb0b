//! Close wakes all, nothing is accepted after it, and nothing that was accepted is lost.

use bounded_buffer::{PopError, PushError, TryPopError, TryPushError};

use super::{Buffer, empty, end, full, start};
use crate::explore::{explore, explore_deeper, explore_unbounded};

#[test]
fn close_wakes_a_consumer() {
    explore_unbounded("close_wakes_a_consumer", || {
        let buffer = empty(1);
        let consumer = start(&buffer, Buffer::pop);
        buffer.close();
        assert_eq!(end(consumer), Err(PopError));
    });
}

#[test]
fn close_wakes_a_producer() {
    explore_unbounded("close_wakes_a_producer", || {
        let buffer = full(1);
        let producer = start(&buffer, |buffer| buffer.push(1));
        buffer.close();
        assert_eq!(end(producer), Err(PushError(1)));
    });
}

#[test]
fn close_wakes_every_consumer() {
    explore_deeper("close_wakes_every_consumer", || {
        let buffer = empty(1);
        let consumers = [start(&buffer, Buffer::pop), start(&buffer, Buffer::pop)];
        buffer.close();
        assert_eq!(consumers.map(end), [Err(PopError), Err(PopError)]);
    });
}

#[test]
fn close_wakes_every_producer() {
    explore_deeper("close_wakes_every_producer", || {
        let buffer = full(1);
        let producers = [1, 2].map(|item| start(&buffer, move |buffer| buffer.push(item)));
        buffer.close();
        assert_eq!(producers.map(end), [Err(PushError(1)), Err(PushError(2))]);
    });
}

/// The push sends a wake-up, and close comes while that is pending.
#[test]
fn close_wakes_the_rest_while_a_wake_up_is_on_its_way() {
    explore_deeper("close_wakes_the_rest_while_a_wake_up_is_on_its_way", || {
        let buffer = empty(1);
        let consumers = [start(&buffer, Buffer::pop), start(&buffer, Buffer::pop)];
        buffer.push(7).unwrap();
        buffer.close();
        let popped = consumers.map(end);
        assert!(popped.contains(&Ok(7)) && popped.contains(&Err(PopError)), "{popped:?}");
    });
}

#[test]
fn what_was_accepted_is_popped_before_closed_is_said() {
    explore_unbounded("what_was_accepted_is_popped_before_closed_is_said", || {
        let buffer = empty(2);
        let consumer = start(&buffer, |buffer| (buffer.pop(), buffer.pop()));
        buffer.push(7).unwrap();
        buffer.close();
        assert_eq!(end(consumer), (Ok(7), Err(PopError)));
    });
}

/// Also when a slot becomes free before the producer is back.
#[test]
fn a_waiting_push_gets_its_item_back_at_close() {
    explore_unbounded("a_waiting_push_gets_its_item_back_at_close", || {
        let buffer = full(1);
        let producer = start(&buffer, |buffer| buffer.push(1));
        assert!(buffer.close());
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(buffer.try_pop(), Err(TryPopError::Closed));
        assert_eq!(end(producer), Err(PushError(1)));
    });
}

#[test]
fn nothing_is_accepted_after_close() {
    explore_unbounded("nothing_is_accepted_after_close", || {
        let buffer = empty(2);
        let closer = start(&buffer, |buffer| {
            buffer.close();
            buffer.len()
        });
        let accepted = [buffer.try_push(0).is_ok(), buffer.push(1).is_ok()];
        let forced = buffer.force_push(2).is_ok();
        let at_close = end(closer);
        assert_eq!(accepted.map(usize::from).iter().sum::<usize>().max(usize::from(forced)), at_close);
        assert_eq!(buffer.len(), at_close);
        assert_eq!(buffer.try_push(3), Err(TryPushError::Closed(3)));
    });
}

#[test]
fn one_close_is_the_first() {
    explore_unbounded("one_close_is_the_first", || {
        let buffer = empty(1);
        let other = start(&buffer, Buffer::close);
        assert!(buffer.close() != end(other));
        assert!(!buffer.close(), "nor is a later one");
    });
}

#[test]
fn close_and_drain_loses_no_item_and_wakes_both_sides() {
    explore("close_and_drain_loses_no_item_and_wakes_both_sides", || {
        let buffer = full(1);
        let producer = start(&buffer, |buffer| buffer.push(1));
        let consumer = start(&buffer, Buffer::pop);
        let drained = buffer.close_and_drain();
        let pushed = end(producer).is_ok();
        let popped = end(consumer).ok();
        let mut seen: Vec<u32> = popped.into_iter().chain(drained).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..=u32::from(pushed)).collect::<Vec<_>>());
        assert!(buffer.is_empty(), "drained at the moment of the close");
    });
}

#[test]
fn drain_wakes_every_producer() {
    explore_deeper("drain_wakes_every_producer", || {
        let buffer = full(2);
        let producers = [2, 3].map(|item| start(&buffer, move |buffer| buffer.push(item).unwrap()));
        let drained = buffer.drain();
        producers.into_iter().for_each(end);
        assert_eq!(drained, [0, 1], "nothing else fits before");
        assert_eq!(buffer.len(), 2);
        assert!(!buffer.is_closed());
    });
}

#[test]
fn an_iterator_ends_at_close_and_yields_everything_before() {
    explore("an_iterator_ends_at_close_and_yields_everything_before", || {
        let buffer = empty(1);
        let consumer = start(&buffer, |buffer| buffer.iter().collect::<Vec<_>>());
        buffer.push(0).unwrap();
        buffer.push(1).unwrap();
        buffer.close();
        assert_eq!(end(consumer), [0, 1]);
    });
}
