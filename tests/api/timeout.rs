//! Time-outs: each operation makes at least one attempt, fixes its deadline once, and prefers success to `Closed` to `Timeout`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, PopTimeoutError, PushTimeoutError, WaitStrategy};

use test_support::{full, until, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

const NOW: Duration = Duration::ZERO;
const MOMENT: Duration = Duration::from_millis(20);

/// A deadline in the past: a second ago, if the clock reaches back that far.
fn past() -> Instant {
    let now = Instant::now();
    now.checked_sub(Duration::from_secs(1)).unwrap_or(now)
}

/// The latest `Instant`, to the second.
fn end_of_time() -> Instant {
    let now = Instant::now();
    let (mut within, mut beyond) = (0, u64::MAX);
    while beyond - within > 1 {
        let middle = within + (beyond - within) / 2;
        match now.checked_add(Duration::from_secs(middle)) {
            Some(_) => within = middle,
            None => beyond = middle,
        }
    }
    now + Duration::from_secs(within)
}

#[test]
fn a_zero_or_past_deadline_succeeds_if_the_operation_can() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        let into = &mut Vec::new();
        assert_eq!(buffer.push_timeout(0, NOW), Ok(()));
        assert_eq!(buffer.push_deadline(1, past()), Ok(()));
        assert_eq!(buffer.push_deadline(2, past()), Ok(()));
        assert_eq!(buffer.push_deadline(3, past()), Ok(()));
        assert_eq!(buffer.pop_timeout(NOW), Ok(0));
        assert_eq!(buffer.pop_deadline(past()), Ok(1));
        assert_eq!(buffer.pop_many_timeout(into, 1, NOW), Ok(1));
        assert_eq!(buffer.pop_many_deadline(into, 1, past()), Ok(1));
        assert_eq!(*into, [2, 3]);
    });
}

#[test]
fn a_zero_or_past_deadline_times_out_if_the_operation_cannot_succeed() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        assert_eq!(buffer.push_timeout(1, NOW), Err(PushTimeoutError::Timeout(1)));
        assert_eq!(buffer.push_deadline(2, past()), Err(PushTimeoutError::Timeout(2)));
        buffer.drain();
        let into = &mut Vec::new();
        assert_eq!(buffer.pop_timeout(NOW), Err(PopTimeoutError::Timeout));
        assert_eq!(buffer.pop_deadline(past()), Err(PopTimeoutError::Timeout));
        assert_eq!(buffer.pop_many_timeout(into, 2, NOW), Err(PopTimeoutError::Timeout));
        assert_eq!(buffer.pop_many_deadline(into, 2, past()), Err(PopTimeoutError::Timeout));
        let stats = buffer.stats();
        assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
    });
}

#[test]
fn success_beats_closed_beats_timeout() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        buffer.close();
        assert_eq!(buffer.push_timeout(1, NOW), Err(PushTimeoutError::Closed(1)), "full, closed and past the deadline");
        assert_eq!(buffer.push_deadline(1, past()), Err(PushTimeoutError::Closed(1)));
        assert_eq!(buffer.pop_timeout(NOW), Ok(0), "an item, closed and past the deadline");
        assert_eq!(buffer.pop_timeout(NOW), Err(PopTimeoutError::Closed), "empty, closed and past the deadline");
        assert_eq!(buffer.pop_deadline(past()), Err(PopTimeoutError::Closed));
        assert_eq!(buffer.pop_many_timeout(&mut Vec::new(), 1, NOW), Err(PopTimeoutError::Closed));
    });
}

#[test]
fn no_operation_times_out_before_its_deadline() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        let begin = Instant::now();
        assert_eq!(buffer.push_timeout(1, MOMENT), Err(PushTimeoutError::Timeout(1)));
        assert!(begin.elapsed() >= MOMENT);

        let deadline = Instant::now() + MOMENT;
        assert_eq!(buffer.push_deadline(1, deadline), Err(PushTimeoutError::Timeout(1)));
        assert!(Instant::now() >= deadline);

        buffer.drain();
        let begin = Instant::now();
        assert_eq!(buffer.pop_timeout(MOMENT), Err(PopTimeoutError::Timeout));
        assert!(begin.elapsed() >= MOMENT);

        let deadline = Instant::now() + MOMENT;
        assert_eq!(buffer.pop_many_deadline(&mut Vec::new(), 2, deadline), Err(PopTimeoutError::Timeout));
        assert!(Instant::now() >= deadline);
    });
}

#[test]
fn the_longest_time_out_waits_and_does_not_panic() {
    with_each_strategy(|strategy| {
        let buffer = &BoundedBuffer::with_wait_strategy(4, strategy);
        thread::scope(|threads| {
            threads.spawn(move || buffer.pop_timeout(Duration::MAX).unwrap());
            threads.spawn(move || buffer.pop_deadline(end_of_time()).unwrap());
            threads.spawn(move || buffer.pop_many_timeout(&mut Vec::new(), 1, Duration::MAX).unwrap());
            threads.spawn(move || buffer.pop_many_deadline(&mut Vec::new(), 1, end_of_time()).unwrap());
            until_consumers_wait(buffer, 4);
            for item in 0..4 {
                buffer.push(item).unwrap();
            }
        });
        let buffer = &full(2, strategy);
        thread::scope(|threads| {
            threads.spawn(move || buffer.push_timeout(2, Duration::MAX).unwrap());
            threads.spawn(move || buffer.push_deadline(3, end_of_time()).unwrap());
            until_producers_wait(buffer, 2);
            buffer.drain();
        });
        assert_eq!(buffer.len(), 2);
    });
}

#[test]
fn the_longest_linger_ends_with_close_and_with_max() {
    with_each_strategy(|strategy| {
        for fill in [false, true] {
            let buffer = full(2, strategy); // the batch begins with both: a lingering consumer is not woken for one item
            thread::scope(|threads| {
                let batch = threads.spawn(|| {
                    let mut items = Vec::new();
                    (buffer.pop_batch(&mut items, 3, Duration::MAX), items)
                });
                until(|| buffer.is_empty());
                until_consumers_wait(&buffer, 1);
                if fill {
                    buffer.push(2).unwrap();
                    assert_eq!(batch.join().unwrap(), (Ok(3), vec![0, 1, 2]));
                } else {
                    buffer.close();
                    assert_eq!(batch.join().unwrap(), (Ok(2), vec![0, 1]));
                }
            });
        }
    });
}

#[test]
fn the_linger_begins_with_the_first_item() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        thread::scope(|threads| {
            let batch = threads.spawn(|| {
                let mut items = Vec::new();
                let count = buffer.pop_batch(&mut items, 9, MOMENT).unwrap();
                (count, Instant::now())
            });
            until_consumers_wait(&buffer, 1);
            let begin = Instant::now();
            while begin.elapsed() < MOMENT {
                thread::yield_now(); // longer than the linger, without an item
            }
            let first = Instant::now();
            buffer.push(0).unwrap();
            let (count, end) = batch.join().unwrap();
            assert_eq!(count, 1);
            assert!(end - first >= MOMENT);
        });
    });
}

/// The second item comes half the linger after the first. If it extended the linger, the batch would return a whole linger after
/// it. So an end before that shows that the deadline stayed. An attempt may fail (the second item comes late, or the machine is
/// slow), but with a deadline that moves no attempt succeeds.
#[test]
fn later_items_do_not_extend_the_linger() {
    const LINGER: Duration = Duration::from_millis(60);
    with_each_strategy(|strategy| {
        let ends_before_a_moved_deadline = || {
            let buffer = BoundedBuffer::with_wait_strategy(1, strategy); // so that each item wakes the consumer
            thread::scope(|threads| {
                let batch = threads.spawn(|| (buffer.pop_batch(&mut Vec::new(), 9, LINGER), Instant::now()));
                let first = Instant::now();
                buffer.push(0).unwrap();
                until(|| buffer.is_empty());
                while first.elapsed() < LINGER / 2 {
                    thread::yield_now();
                }
                let second = Instant::now();
                buffer.push(1).unwrap();
                let (count, end) = batch.join().unwrap();
                count == Ok(2) && end - second < LINGER
            })
        };
        assert!((0..50).any(|_| ends_before_a_moved_deadline()), "each of 50 batches ended late");
    });
}

#[test]
fn a_lingering_pop_takes_more_items_than_the_capacity() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
        thread::scope(|threads| {
            threads.spawn(|| (0..4).for_each(|item| buffer.push(item).unwrap()));
            let items = &mut Vec::new();
            assert_eq!(buffer.pop_batch(items, 4, Duration::MAX), Ok(4));
            assert_eq!(*items, [0, 1, 2, 3]);
        });
    });
}

#[test]
fn a_linger_of_zero_takes_the_present_items() {
    watched(|| {
        let buffer = full(5, WaitStrategy::Park);
        let into = &mut Vec::new();
        assert_eq!(buffer.pop_batch(into, 3, NOW), Ok(3));
        assert_eq!(buffer.pop_batch(into, 3, NOW), Ok(2));
        assert_eq!(*into, [0, 1, 2, 3, 4]);
    });
}

/// Half its time-out later, the waiter is woken without an item. If the time-out began again, the waiter would return a whole
/// time-out after that wake-up. So an end before that shows that the deadline stayed. An attempt may fail (the waiter gets the
/// item, or the machine is slow), but with a deadline that moves no attempt succeeds.
#[test]
fn a_wasted_wake_up_does_not_extend_the_deadline() {
    const TIMEOUT: Duration = Duration::from_millis(60);
    with_each_strategy(|strategy| {
        let ends_before_a_moved_deadline = || {
            let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
            thread::scope(|threads| {
                let waiter = threads.spawn(|| (buffer.pop_timeout(TIMEOUT), Instant::now()));
                let begin = Instant::now();
                until(|| buffer.stats().waiting_consumers == 1 || waiter.is_finished());
                while begin.elapsed() < TIMEOUT / 2 {
                    thread::yield_now();
                }
                let woken = Instant::now();
                buffer.push(1).unwrap();
                let stolen = buffer.try_pop().is_ok();
                let (result, end) = waiter.join().unwrap();
                assert_eq!(result, if stolen { Err(PopTimeoutError::Timeout) } else { Ok(1) });
                let wasted = stolen && buffer.stats().wasted_wakeups > 0;
                wasted && end - woken < TIMEOUT
            })
        };
        assert!((0..50).any(|_| ends_before_a_moved_deadline()), "each of 50 waiters returned late");
    });
}

/// Moves a batch that takes longer than the time-out, and waits on another thread, which has to wait for the lock. Returns what the
/// wait returned, and whether it returned before a time-out that began with the lock.
fn wait_during<R: Send>(timeout: Duration, moves: impl FnOnce() + Send, waits: impl FnOnce() -> R + Send) -> (R, bool) {
    let begun = AtomicBool::new(false);
    thread::scope(|threads| {
        let batch = threads.spawn(|| {
            begun.store(true, Ordering::SeqCst);
            moves();
            Instant::now()
        });
        until(|| begun.load(Ordering::SeqCst));
        let result = waits();
        let end = Instant::now();
        let unlocked = batch.join().unwrap();
        (result, end.saturating_duration_since(unlocked) < timeout / 2)
    })
}

/// If the time-out began when the thread has the lock, the wait would return a whole time-out after the batch. So an end before
/// half of it shows that the deadline had passed. An attempt may fail (the waiter locks first, or the machine is slow), but with a
/// time-out that begins late no attempt succeeds.
#[test]
fn a_deadline_starts_with_the_call_and_not_with_the_lock() {
    const TIMEOUT: Duration = Duration::from_millis(20);
    /// Returns the size of a batch that holds the lock for longer than the time-out, so that the deadline passes meanwhile.
    fn batch() -> usize {
        let takes_long = |&count: &usize| {
            let (buffer, into) = (BoundedBuffer::new(count), &mut Vec::with_capacity(count));
            let begin = Instant::now();
            buffer.try_push_many(&mut vec![0_u8; count].into()).unwrap();
            let middle = Instant::now();
            buffer.try_pop_many(into, count).unwrap();
            middle - begin > 2 * TIMEOUT && middle.elapsed() > 2 * TIMEOUT
        };
        (16..30).map(|bits| 1 << bits).find(takes_long).expect("a batch that takes long")
    }
    with_each_strategy(|strategy| {
        let count = batch();
        let (mut pushes, mut pops) = (0, 0);
        for _ in 0..20 {
            let buffer = BoundedBuffer::with_wait_strategy(count, strategy);
            let (mut items, mut into) = (VecDeque::from(vec![0_u8; count]), Vec::with_capacity(count));
            let fills = || assert!(buffer.try_push_many(&mut items).is_ok());
            let (result, early) = wait_during(TIMEOUT, fills, || buffer.push_timeout(1, TIMEOUT));
            pushes += u32::from(result == Err(PushTimeoutError::Timeout(1)) && early);
            let empties = || assert!(buffer.try_pop_many(&mut into, count).is_ok());
            let (result, early) = wait_during(TIMEOUT, empties, || buffer.pop_timeout(TIMEOUT));
            pops += u32::from(result == Err(PopTimeoutError::Timeout) && early);
            if pushes > 0 && pops > 0 {
                return;
            }
        }
        panic!(
            "of 20 waits each, {pushes} pushes and {pops} pops returned before a deadline that starts with the lock"
        );
    });
}

/// A waiter can time out at the moment it is notified. If the notification were lost, a consumer would wait indefinitely
/// although the buffer holds an item. The models explore this exactly; this test runs with the real clock.
#[test]
fn a_waiter_that_times_out_leaves_the_wake_up_to_another() {
    with_each_strategy(|strategy| {
        let buffer = &BoundedBuffer::with_wait_strategy(2, strategy);
        let taken = thread::scope(|threads| {
            let patient = threads.spawn(move || buffer.iter().count());
            let hasty: Vec<_> = (0..2)
                .map(|spread| {
                    threads.spawn(move || {
                        let mut count = 0;
                        for timeout in (0..).map(|i| Duration::from_micros(i % (10 << spread))) {
                            match buffer.pop_timeout(timeout) {
                                Ok(()) => count += 1,
                                Err(PopTimeoutError::Timeout) => {}
                                Err(PopTimeoutError::Closed) => break,
                            }
                        }
                        count
                    })
                })
                .collect();
            for _ in 0..2000 {
                buffer.push(()).unwrap();
                buffer.push(()).unwrap();
                until(|| buffer.is_empty()); // until then no other operation can repair a lost wake-up
            }
            buffer.close();
            hasty.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>() + patient.join().unwrap()
        });
        assert_eq!(taken, 4000);
    });
}
