//! Timed waits. They can expire before or after each notification, each close and each other.

use std::time::{Duration, Instant};

use bounded_buffer::{PopTimeoutError, PushTimeoutError};

use super::{TIMEOUT, empty, full, join, pop, spawn};
use crate::explore::{BOUNDED, DEEPER, UNBOUNDED};
use crate::harness::{Model, model};

pub(super) const MODELS: &[Model] = &[
    model("a_timed_pop_gets_the_item_or_leaves_it", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| buffer.pop_timeout(TIMEOUT));
        buffer.push(7).unwrap();
        match join(consumer) {
            Ok(item) => assert!(item == 7 && buffer.is_empty()),
            Err(error) => assert!(error == PopTimeoutError::Timeout && buffer.len() == 1),
        }
    }),
    model("a_timed_push_stores_or_returns_its_item", UNBOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| buffer.push_timeout(1, TIMEOUT));
        assert_eq!(buffer.pop(), Ok(0));
        match join(producer) {
            Ok(()) => assert_eq!(buffer.pop(), Ok(1)),
            Err(error) => assert!(error == PushTimeoutError::Timeout(1) && buffer.is_empty()),
        }
    }),
    model("a_timed_pop_and_a_timed_push_agree", UNBOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| buffer.push_timeout(1, TIMEOUT).is_ok());
        let popped = [buffer.pop_timeout(TIMEOUT), buffer.pop_timeout(TIMEOUT)];
        let pushed = join(producer);
        assert_eq!(popped[0], Ok(0), "the buffer starts full");
        assert!(popped[1] == Ok(1) || popped[1] == Err(PopTimeoutError::Timeout));
        assert_eq!(buffer.len(), usize::from(pushed) - usize::from(popped[1].is_ok()));
    }),
    // If the timed-out consumer consumed the wake-up, the other consumer would wait although an item is there.
    model("a_timed_consumer_loses_no_wakeup", DEEPER, || {
        let buffer = empty(2);
        let timed = spawn(&buffer, |buffer| buffer.pop_timeout(TIMEOUT).ok());
        let patient = spawn(&buffer, pop);
        (1..=2).for_each(|item| buffer.push(item).unwrap());
        let popped = join(timed).unwrap_or(0) + join(patient);
        let left: u32 = buffer.drain().iter().sum();
        assert_eq!(popped + left, 3);
    }),
    model("a_timed_producer_loses_no_wakeup", DEEPER, || {
        let buffer = full(2);
        let timed = spawn(&buffer, |buffer| buffer.push_timeout(2, TIMEOUT).is_ok());
        let patient = spawn(&buffer, |buffer| buffer.push(3).unwrap());
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        let pushed = 1 + usize::from(join(timed));
        join(patient);
        assert_eq!(buffer.len(), pushed);
    }),
    // A wake-up sent to a consumer that just timed out finds no waiter. If its pending flag stayed set, no wake-up would be sent
    // for the next wait.
    model("a_timed_out_pop_clears_the_pending_flag", UNBOUNDED, || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| (1..=2).for_each(|item| buffer.push(item).unwrap()));
        let first = buffer.pop_timeout(TIMEOUT).ok();
        let first = first.unwrap_or_else(|| buffer.pop().unwrap());
        assert_eq!((first, buffer.pop()), (1, Ok(2)));
        join(producer);
    }),
    model("a_timed_out_push_clears_the_pending_flag", UNBOUNDED, || {
        let buffer = full(1);
        let consumer = spawn(&buffer, |buffer| (0..=1).for_each(|item| assert_eq!(buffer.pop(), Ok(item))));
        if let Err(error) = buffer.push_timeout(1, TIMEOUT) {
            buffer.push(error.into_inner()).unwrap();
        }
        buffer.push(2).unwrap();
        join(consumer);
    }),
    // As above, but the wait that would not end is that of another thread.
    model("a_timed_out_pop_clears_the_pending_flag_for_others", DEEPER, || {
        let buffer = empty(2);
        let timed = spawn(&buffer, |buffer| {
            let first = buffer.pop_timeout(TIMEOUT).ok();
            first.unwrap_or_else(|| buffer.pop().unwrap())
        });
        let patient = spawn(&buffer, pop);
        (1..=2).for_each(|item| buffer.push(item).unwrap());
        assert_eq!(join(timed) + join(patient), 3);
    }),
    model("a_timed_pop_and_close_report_closed_or_timeout", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| (buffer.pop_timeout(TIMEOUT), buffer.is_closed()));
        buffer.close();
        let (error, closed) = join(consumer);
        match error.unwrap_err() {
            PopTimeoutError::Closed => assert!(closed),
            PopTimeoutError::Timeout => {}
        }
        assert_eq!(buffer.pop_timeout(TIMEOUT), Err(PopTimeoutError::Closed), "closed beats time-out");
    }),
    model("close_returns_the_item_of_a_timed_push", UNBOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| buffer.push_timeout(1, TIMEOUT).unwrap_err().into_inner());
        buffer.close();
        assert_eq!(join(producer), 1);
        assert_eq!(buffer.push_timeout(2, TIMEOUT), Err(PushTimeoutError::Closed(2)), "closed beats time-out");
    }),
    model("two_timed_consumers_share_one_item", DEEPER, || {
        let buffer = empty(1);
        let consumers = [(); 2].map(|()| spawn(&buffer, |buffer| buffer.pop_timeout(TIMEOUT).is_ok()));
        buffer.push(7).unwrap();
        let popped = consumers.map(join).into_iter().filter(|&ok| ok).count();
        assert_eq!(popped + buffer.len(), 1);
    }),
    // A consumer that still waits after the push reacquires the lock after it. So it finds the item, even if its time is up.
    model("a_timed_out_pop_makes_a_last_attempt", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| buffer.pop_timeout(TIMEOUT));
        buffer.push(7).unwrap();
        let must_succeed = buffer.stats().waiting_consumers == 1;
        let popped = join(consumer);
        assert!(popped == Ok(7) || !must_succeed, "{popped:?}");
    }),
    model("a_timed_out_push_makes_a_last_attempt", UNBOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| buffer.push_timeout(1, TIMEOUT));
        assert_eq!(buffer.pop(), Ok(0));
        let must_succeed = buffer.stats().waiting_producers == 1;
        let pushed = join(producer);
        assert!(pushed == Ok(()) || !must_succeed, "{pushed:?}");
    }),
    // As above, with a close in place of the push: closed beats time-out.
    model("a_timed_out_pop_reports_a_close_before_it_locks", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| buffer.pop_timeout(TIMEOUT));
        buffer.close();
        let must_report = buffer.stats().waiting_consumers == 1;
        let popped = join(consumer);
        assert!(popped == Err(PopTimeoutError::Closed) || !must_report, "{popped:?}");
    }),
    // No thread notifies, so the wait must end by its time-out.
    model("a_timed_wait_ends_without_a_notification", BOUNDED, || {
        let empty = empty(1);
        assert_eq!(empty.pop_timeout(TIMEOUT), Err(PopTimeoutError::Timeout));
        let full = full(1);
        assert_eq!(full.push_timeout(1, TIMEOUT), Err(PushTimeoutError::Timeout(1)));
        assert_eq!(full.stats().waiting_producers + empty.stats().waiting_consumers, 0);
        assert_eq!((full.stats().push_waits, empty.stats().pop_waits), (1, 1));
    }),
    // With a zero or a past deadline, too: an attempt, a wait that ends without a park of any length, and a last attempt.
    model("a_wait_without_time_is_counted", BOUNDED, || {
        let buffer = empty(1);
        let now = Instant::now();
        assert_eq!(buffer.pop_timeout(Duration::ZERO), Err(PopTimeoutError::Timeout));
        assert_eq!(buffer.pop_deadline(now), Err(PopTimeoutError::Timeout));
        buffer.push(0).unwrap();
        assert_eq!(buffer.push_timeout(1, Duration::ZERO), Err(PushTimeoutError::Timeout(1)));
        assert_eq!(buffer.push_deadline(1, now), Err(PushTimeoutError::Timeout(1)));
        assert_eq!(buffer.pop_timeout(Duration::ZERO), Ok(0), "one attempt is made");
        let stats = buffer.stats();
        assert_eq!((stats.pop_waits, stats.push_waits, stats.wasted_wakeups), (2, 2, 0));
    }),
];
