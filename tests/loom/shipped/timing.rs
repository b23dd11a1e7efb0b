//! Timed waits: they may expire at any moment, against every notification, close, and each other.

use bounded_buffer::{PopTimeoutError, PushTimeoutError};

use super::{SOME_TIME, empty, end, full, start};
use crate::explore::{explore, explore_deeper, explore_unbounded};

#[test]
fn a_timed_pop_gets_the_item_or_leaves_it() {
    explore_unbounded("a_timed_pop_gets_the_item_or_leaves_it", || {
        let buffer = empty(1);
        let consumer = start(&buffer, |buffer| buffer.pop_timeout(SOME_TIME));
        buffer.push(7).unwrap();
        match end(consumer) {
            Ok(item) => assert!(item == 7 && buffer.is_empty()),
            Err(error) => assert!(error == PopTimeoutError::Timeout && buffer.len() == 1),
        }
    });
}

#[test]
fn a_timed_push_places_the_item_or_gives_it_back() {
    explore_unbounded("a_timed_push_places_the_item_or_gives_it_back", || {
        let buffer = full(1);
        let producer = start(&buffer, |buffer| buffer.push_timeout(1, SOME_TIME));
        assert_eq!(buffer.pop(), Ok(0));
        match end(producer) {
            Ok(()) => assert_eq!(buffer.pop(), Ok(1)),
            Err(error) => assert!(error == PushTimeoutError::Timeout(1) && buffer.is_empty()),
        }
    });
}

#[test]
fn a_timed_pop_and_a_timed_push_agree() {
    explore_unbounded("a_timed_pop_and_a_timed_push_agree", || {
        let buffer = full(1);
        let producer = start(&buffer, |buffer| buffer.push_timeout(1, SOME_TIME).is_ok());
        let popped = [buffer.pop_timeout(SOME_TIME), buffer.pop_timeout(SOME_TIME)];
        let pushed = end(producer);
        assert_eq!(popped[0], Ok(0), "it is there from the beginning");
        assert!(popped[1] == Ok(1) || popped[1] == Err(PopTimeoutError::Timeout));
        assert_eq!(buffer.len(), usize::from(pushed) - usize::from(popped[1].is_ok()));
    });
}

/// If the one that gives up took the wake-up with it, the other would sleep beside an item.
#[test]
fn a_timed_consumer_takes_no_wake_up_with_it() {
    explore_deeper("a_timed_consumer_takes_no_wake_up_with_it", || {
        let buffer = empty(2);
        let timed = start(&buffer, |buffer| buffer.pop_timeout(SOME_TIME).ok());
        let patient = start(&buffer, |buffer| buffer.pop().unwrap());
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        let popped = end(timed).unwrap_or(0) + end(patient);
        let left: u32 = buffer.drain().iter().sum();
        assert_eq!(popped + left, 3);
    });
}

#[test]
fn a_timed_producer_takes_no_wake_up_with_it() {
    explore_deeper("a_timed_producer_takes_no_wake_up_with_it", || {
        let buffer = full(2);
        let timed = start(&buffer, |buffer| buffer.push_timeout(2, SOME_TIME).is_ok());
        let patient = start(&buffer, |buffer| buffer.push(3).unwrap());
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        let pushed = 1 + usize::from(end(timed));
        end(patient);
        assert_eq!(buffer.len(), pushed);
    });
}

/// The wake-up that is sent to one that just gave up finds nobody. The mark it set must not stay: else this thread's next
/// sleep is never ended.
#[test]
fn a_time_out_of_a_pop_leaves_no_mark_behind() {
    explore_unbounded("a_time_out_of_a_pop_leaves_no_mark_behind", || {
        let buffer = empty(1);
        let producer = start(&buffer, |buffer| (1..=2).for_each(|item| buffer.push(item).unwrap()));
        let first = buffer.pop_timeout(SOME_TIME).ok();
        let first = first.unwrap_or_else(|| buffer.pop().unwrap());
        assert_eq!((first, buffer.pop()), (1, Ok(2)));
        end(producer);
    });
}

#[test]
fn a_time_out_of_a_push_leaves_no_mark_behind() {
    explore_unbounded("a_time_out_of_a_push_leaves_no_mark_behind", || {
        let buffer = full(1);
        let consumer = start(&buffer, |buffer| (0..=1).for_each(|item| assert_eq!(buffer.pop(), Ok(item))));
        if let Err(error) = buffer.push_timeout(1, SOME_TIME) {
            buffer.push(error.into_inner()).unwrap();
        }
        buffer.push(2).unwrap();
        end(consumer);
    });
}

/// The same, but the sleep that would never end is another thread's.
#[test]
fn a_time_out_leaves_no_mark_to_others() {
    explore_deeper("a_time_out_leaves_no_mark_to_others", || {
        let buffer = empty(2);
        let timed = start(&buffer, |buffer| {
            let first = buffer.pop_timeout(SOME_TIME).ok();
            first.unwrap_or_else(|| buffer.pop().unwrap())
        });
        let patient = start(&buffer, |buffer| buffer.pop().unwrap());
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        assert_eq!(end(timed) + end(patient), 3);
    });
}

#[test]
fn a_timed_pop_against_close_says_closed_or_timeout() {
    explore_unbounded("a_timed_pop_against_close_says_closed_or_timeout", || {
        let buffer = empty(1);
        let consumer = start(&buffer, |buffer| (buffer.pop_timeout(SOME_TIME), buffer.is_closed()));
        buffer.close();
        let (error, closed) = end(consumer);
        match error.unwrap_err() {
            PopTimeoutError::Closed => assert!(closed),
            PopTimeoutError::Timeout => {}
        }
        assert_eq!(buffer.pop_timeout(SOME_TIME), Err(PopTimeoutError::Closed), "closed beats time-out");
    });
}

#[test]
fn a_timed_push_against_close_gets_its_item_back() {
    explore_unbounded("a_timed_push_against_close_gets_its_item_back", || {
        let buffer = full(1);
        let producer = start(&buffer, |buffer| buffer.push_timeout(1, SOME_TIME).unwrap_err().into_inner());
        buffer.close();
        assert_eq!(end(producer), 1);
        assert_eq!(buffer.push_timeout(2, SOME_TIME), Err(PushTimeoutError::Closed(2)), "closed beats time-out");
    });
}

#[test]
fn two_timed_consumers_share_one_item() {
    explore_deeper("two_timed_consumers_share_one_item", || {
        let buffer = empty(1);
        let consumers = [(); 2].map(|()| start(&buffer, |buffer| buffer.pop_timeout(SOME_TIME).is_ok()));
        buffer.push(7).unwrap();
        let popped = consumers.map(end).into_iter().filter(|&ok| ok).count();
        assert_eq!(popped + buffer.len(), 1);
    });
}

/// Nobody notifies: the wait must end by itself, with the time-out and not with an item.
#[test]
fn a_timed_wait_ends_by_itself() {
    explore("a_timed_wait_ends_by_itself", || {
        let empty = empty(1);
        assert_eq!(empty.pop_timeout(SOME_TIME), Err(PopTimeoutError::Timeout));
        let full = full(1);
        assert_eq!(full.push_timeout(1, SOME_TIME), Err(PushTimeoutError::Timeout(1)));
        assert_eq!(full.stats().waiting_producers + empty.stats().waiting_consumers, 0);
    });
}
