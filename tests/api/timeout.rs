//! Time-outs: one attempt is always made, the deadline is fixed once, success beats Closed beats Timeout.

use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, PopTimeoutError, PushTimeoutError, WaitStrategy};

use crate::support::{full, until, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

const NOW: Duration = Duration::ZERO;
const MOMENT: Duration = Duration::from_millis(20);

/// A deadline that has passed, and by some time where the clock reaches back that far.
fn past() -> Instant {
    let now = Instant::now();
    now.checked_sub(Duration::from_secs(1)).unwrap_or(now)
}

/// The last moment that an `Instant` can tell, to the second.
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
fn a_zero_or_past_deadline_still_succeeds_if_it_can() {
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
fn a_zero_or_past_deadline_times_out_if_it_cannot_succeed() {
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
        assert_eq!(buffer.push_timeout(1, NOW), Err(PushTimeoutError::Closed(1)), "full, closed and too late");
        assert_eq!(buffer.push_deadline(1, past()), Err(PushTimeoutError::Closed(1)));
        assert_eq!(buffer.pop_timeout(NOW), Ok(0), "closed and too late, but there is an item");
        assert_eq!(buffer.pop_timeout(NOW), Err(PopTimeoutError::Closed), "empty, closed and too late");
        assert_eq!(buffer.pop_deadline(past()), Err(PopTimeoutError::Closed));
        assert_eq!(buffer.pop_many_timeout(&mut Vec::new(), 1, NOW), Err(PopTimeoutError::Closed));
    });
}

#[test]
fn nobody_gives_up_before_the_deadline() {
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
fn a_time_out_that_never_comes_waits_and_never_panics() {
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
fn a_linger_that_never_ends_is_ended_by_close_and_by_max() {
    with_each_strategy(|strategy| {
        for enough in [false, true] {
            let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
            thread::scope(|threads| {
                let batch = threads.spawn(|| {
                    let mut items = Vec::new();
                    (buffer.pop_batch(&mut items, 3, Duration::MAX), items)
                });
                buffer.push(0).unwrap();
                buffer.push(1).unwrap();
                until(|| buffer.is_empty());
                until_consumers_wait(&buffer, 1);
                if enough {
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
fn the_linger_counts_from_the_first_item() {
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
                thread::yield_now(); // longer than the linger, and no item yet
            }
            let first = Instant::now();
            buffer.push(0).unwrap();
            let (count, end) = batch.join().unwrap();
            assert_eq!(count, 1);
            assert!(end - first >= MOMENT);
        });
    });
}

/// Else a batch that is fed slowly, and never full, would never end.
#[test]
fn items_that_keep_coming_do_not_move_the_end_of_the_linger() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        thread::scope(|threads| {
            let batch = threads.spawn(|| buffer.pop_batch(&mut Vec::new(), usize::MAX, MOMENT));
            while !batch.is_finished() {
                _ = buffer.try_push(0); // full is as good: there is an item
                thread::sleep(MOMENT / 4);
            }
            assert!(batch.join().unwrap().is_ok());
        });
    });
}

/// With one slot it gets one item a time.
#[test]
fn a_lingering_pop_takes_as_many_times_as_it_needs() {
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
fn a_linger_of_zero_takes_what_is_there() {
    watched(|| {
        let buffer = full(5, WaitStrategy::Park);
        let into = &mut Vec::new();
        assert_eq!(buffer.pop_batch(into, 3, NOW), Ok(3));
        assert_eq!(buffer.pop_batch(into, 3, NOW), Ok(2));
        assert_eq!(*into, [0, 1, 2, 3, 4]);
    });
}

/// A waiter is woken in vain when half its time is over. Were the time counted anew from there, it would wait half as long
/// again, so ending within the time counted from the wake-up can only happen if the deadline stands. A try may go wrong (the
/// waiter gets the item, or the machine is slow), but with a deadline that moves none succeeds.
#[test]
fn a_wake_up_in_vain_does_not_move_the_deadline() {
    const TIMEOUT: Duration = Duration::from_millis(60);
    with_each_strategy(|strategy| {
        let in_time = || {
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
                let in_vain = stolen && buffer.stats().futile_wakeups > 0;
                in_vain && end - woken < TIMEOUT
            })
        };
        assert!((0..50).any(|_| in_time()), "no waiter kept its deadline");
    });
}

/// A waiter that gives up just as it is chosen must not take the wake-up with it: then an item would lie beside a consumer
/// that sleeps for ever. The models show it exactly; here it meets the real clock.
#[test]
fn a_waiter_that_times_out_takes_no_wake_up_with_it() {
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
                until(|| buffer.is_empty()); // nobody else comes by to repair a lost wake-up
            }
            buffer.close();
            hasty.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>() + patient.join().unwrap()
        });
        assert_eq!(taken, 4000);
    });
}
