//! Each operation that waits, in each situation: it gets an item or a slot, the buffer is closed, or the deadline passes.

use std::collections::VecDeque;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, PopTimeoutError, PushError, PushTimeoutError};
use futures::executor::block_on;

use test_support::{full, until, until_consumers_wait, until_producers_wait, with_each_strategy};

type Buffer = BoundedBuffer<usize>;

/// Takes one item. Returns `None` if the buffer is closed.
type Pop = fn(&Buffer) -> Option<usize>;

const POPS: [Pop; 12] = [
    |buffer| buffer.pop().ok(),
    |buffer| unless_closed(buffer.pop_timeout(Duration::MAX)),
    |buffer| unless_closed(buffer.pop_deadline(end_of_time())),
    |buffer| one(|into| buffer.pop_many(into, 1).ok()),
    |buffer| one(|into| unless_closed(buffer.pop_many_timeout(into, 1, Duration::MAX))),
    |buffer| one(|into| unless_closed(buffer.pop_many_deadline(into, 1, end_of_time()))),
    |buffer| one(|into| buffer.pop_batch(into, 1, Duration::MAX).ok()),
    |buffer| one(|into| unless_closed(buffer.pop_batch_timeout(into, 1, Duration::ZERO, Duration::MAX))),
    |buffer| buffer.iter().next(),
    |buffer| buffer.iter_many(1).next(),
    |buffer| block_on(buffer.pop_async()).ok(),
    |buffer| one(|into| block_on(buffer.pop_many_async(into, 1)).ok()),
];

/// Pushes one item. Returns it if the buffer is closed.
type Push = fn(&Buffer, usize) -> Option<usize>;

const PUSHES: [Push; 8] = [
    |buffer, item| buffer.push(item).err().map(PushError::into_inner),
    |buffer, item| refused(buffer.push_timeout(item, Duration::MAX)),
    |buffer, item| refused(buffer.push_deadline(item, end_of_time())),
    |buffer, item| block_on(buffer.push_async(item)).err().map(PushError::into_inner),
    |buffer, item| BATCHES[0](buffer, [item].into()).1.pop_front(),
    |buffer, item| BATCHES[1](buffer, [item].into()).1.pop_front(),
    |buffer, item| BATCHES[2](buffer, [item].into()).1.pop_front(),
    |buffer, item| BATCHES[3](buffer, [item].into()).1.pop_front(),
];

/// Pushes a batch. Returns the number of accepted items unless the buffer is closed, and the other items.
type PushBatch = fn(&Buffer, VecDeque<usize>) -> (Option<usize>, VecDeque<usize>);

const BATCHES: [PushBatch; 5] = [
    |buffer, mut items| (buffer.push_many(&mut items).ok(), items),
    |buffer, mut items| (accepted(buffer.push_many_timeout(&mut items, Duration::MAX)), items),
    |buffer, mut items| (accepted(buffer.push_many_deadline(&mut items, end_of_time())), items),
    |buffer, mut items| (block_on(buffer.push_many_async(&mut items)).ok(), items),
    |buffer, items| match buffer.push_all(items) {
        Ok(count) => (Some(count), VecDeque::new()),
        Err(error) => (None, error.into_inner()),
    },
];

/// Pushes so many items, for which there are slots.
const FILLS: [fn(&Buffer, usize); 5] = [
    |buffer, count| (0..count).for_each(|item| buffer.push(item).unwrap()),
    |buffer, count| (0..count).for_each(|item| buffer.try_push(item).unwrap()),
    |buffer, count| (0..count).for_each(|item| assert_eq!(buffer.force_push(item), Ok(None))),
    |buffer, count| assert_eq!(buffer.push_all(0..count), Ok(count)),
    |buffer, count| assert_eq!(buffer.try_push_many(&mut (0..count).collect()), Ok(count)),
];

/// Pops so many items, which are present.
const TAKES: [fn(&Buffer, usize); 6] = [
    |buffer, count| (0..count).for_each(|item| assert_eq!(buffer.pop(), Ok(item))),
    |buffer, count| assert_eq!(buffer.pop_many(&mut Vec::new(), count), Ok(count)),
    |buffer, count| assert_eq!(buffer.try_pop_many(&mut Vec::new(), count), Ok(count)),
    |buffer, count| assert_eq!(buffer.pop_batch(&mut Vec::new(), count, Duration::MAX), Ok(count)),
    |buffer, count| assert!(buffer.try_iter().take(count).eq(0..count)),
    |buffer, count| assert_eq!(buffer.drain().len(), count),
];

/// The latest `Instant`, to the second.
fn end_of_time() -> Instant {
    let later = |time: Instant, bit| time.checked_add(Duration::from_secs(1_u64 << bit)).unwrap_or(time);
    (0..u64::BITS).rev().fold(Instant::now(), later)
}

fn unless_closed<T>(result: Result<T, PopTimeoutError>) -> Option<T> {
    result.inspect_err(|error| assert!(error.is_closed(), "it timed out")).ok()
}

fn accepted(result: Result<usize, PushTimeoutError<()>>) -> Option<usize> {
    result.inspect_err(|error| assert!(error.is_closed(), "it timed out")).ok()
}

fn refused(result: Result<(), PushTimeoutError<usize>>) -> Option<usize> {
    result.inspect_err(|error| assert!(error.is_closed(), "it timed out")).err().map(PushTimeoutError::into_inner)
}

/// Pops into a vector that has room: an operation that makes room releases before it takes the item, and another waiter is woken.
fn one(pop_many: impl FnOnce(&mut Vec<usize>) -> Option<usize>) -> Option<usize> {
    let mut into = Vec::with_capacity(1);
    assert_eq!(pop_many(&mut into).unwrap_or(0), into.len());
    into.pop()
}

/// At most one wake-up per side is pending, and a woken consumer wakes the next one. So one notification for each is enough, for a
/// batch as for single items.
#[test]
fn each_waiting_pop_is_notified_once_of_the_items_of_each_kind_of_push() {
    const WAITERS: usize = POPS.len();
    with_each_strategy(|strategy| {
        for fill in FILLS {
            let buffer = &Buffer::with_wait_strategy(WAITERS, strategy);
            thread::scope(|threads| {
                let mut pops = Vec::new();
                for pop in POPS {
                    pops.push(threads.spawn(move || pop(buffer).unwrap()));
                    until_consumers_wait(buffer, pops.len());
                }
                assert_eq!((buffer.stats().waiting_producers, buffer.stats().pop_waits), (0, 0));
                fill(buffer, WAITERS);
                let mut taken: Vec<_> = pops.into_iter().map(|pop| pop.join().unwrap()).collect();
                taken.sort_unstable();
                assert!(taken.into_iter().eq(0..WAITERS));
            });
            let stats = buffer.stats();
            assert_eq!(
                (stats.notifications, stats.wasted_wakeups, stats.pop_waits),
                (WAITERS as u64, 0, WAITERS as u64)
            );
            assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
        }
    });
}

#[test]
fn each_waiting_push_is_notified_once_of_the_slots_of_each_kind_of_pop() {
    const WAITERS: usize = PUSHES.len();
    with_each_strategy(|strategy| {
        for take in TAKES {
            let buffer = &full(WAITERS, strategy);
            thread::scope(|threads| {
                for (number, push) in (0..).zip(PUSHES) {
                    threads.spawn(move || assert_eq!(push(buffer, WAITERS + number), None));
                    until_producers_wait(buffer, number + 1);
                }
                assert_eq!((buffer.stats().waiting_consumers, buffer.stats().push_waits), (0, 0));
                take(buffer, WAITERS);
            });
            let stats = buffer.stats();
            assert_eq!(
                (stats.notifications, stats.wasted_wakeups, stats.push_waits),
                (WAITERS as u64, 0, WAITERS as u64)
            );
            assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
            let mut left = buffer.drain();
            left.sort_unstable();
            assert!(left.into_iter().eq(WAITERS..2 * WAITERS));
        }
    });
}

/// Starts the waits and closes the buffer.
fn close_during<W: FnOnce(&Buffer) + Send>(buffer: &Buffer, waits: impl ExactSizeIterator<Item = W>) {
    let count = waits.len();
    let waiting = || buffer.stats().waiting_producers + buffer.stats().waiting_consumers;
    thread::scope(|threads| {
        waits.for_each(|wait| drop(threads.spawn(move || wait(buffer))));
        until(|| waiting() == count);
        assert!(buffer.close());
    });
    let stats = buffer.stats();
    assert_eq!((waiting(), stats.wasted_wakeups, stats.push_waits + stats.pop_waits), (0, 0, count as u64));
    // A thread that returns from its wait notifies again while others have not reacquired the lock.
    assert!((1..=count as u64).contains(&stats.notifications), "{stats:?}");
}

#[test]
fn close_ends_each_wait_and_returns_each_item() {
    with_each_strategy(|strategy| {
        for pops in POPS.chunks(1).chain([&POPS[..]]) {
            let buffer = Buffer::with_wait_strategy(1, strategy);
            close_during(&buffer, pops.iter().map(|pop| move |buffer: &Buffer| assert_eq!(pop(buffer), None)));
        }
        for pushes in PUSHES.chunks(1).chain([&PUSHES[..]]) {
            let buffer = full(1, strategy);
            close_during(
                &buffer,
                pushes.iter().map(|push| move |buffer: &Buffer| assert_eq!(push(buffer, 7), Some(7))),
            );
            assert_eq!(buffer.drain(), [0]);
        }
    });
}

#[test]
fn a_batch_that_waits_uses_each_slot_that_becomes_free_and_keeps_the_rest_at_close() {
    with_each_strategy(|strategy| {
        for push in BATCHES {
            for slots in [2, 4] {
                let buffer = full(2, strategy);
                thread::scope(|threads| {
                    let batch = threads.spawn(|| push(&buffer, (2..6).collect()));
                    for item in 0..slots {
                        until(|| buffer.is_full() && buffer.stats().waiting_producers == 1);
                        assert_eq!(
                            (buffer.stats().push_waits, buffer.stats().notifications),
                            (item as u64, item as u64)
                        );
                        assert_eq!(buffer.pop(), Ok(item));
                    }
                    until(|| buffer.is_full());
                    if slots == 4 {
                        assert_eq!(batch.join().unwrap(), (Some(4), VecDeque::new()));
                    } else {
                        until_producers_wait(&buffer, 1);
                        buffer.close();
                        assert_eq!(batch.join().unwrap(), (None, [4, 5].into()));
                    }
                });
                assert_eq!(buffer.drain(), [slots, slots + 1]);
            }
        }
    });
}

/// Each returns whether it timed out.
type Timed = fn(&Buffer, Duration) -> bool;

#[test]
fn no_operation_times_out_before_its_deadline() {
    const MOMENT: Duration = Duration::from_millis(5);
    let pushes: [Timed; 4] = [
        |buffer, timeout| buffer.push_timeout(1, timeout) == Err(PushTimeoutError::Timeout(1)),
        |buffer, timeout| buffer.push_deadline(1, Instant::now() + timeout) == Err(PushTimeoutError::Timeout(1)),
        |buffer, timeout| buffer.push_many_timeout(&mut [1].into(), timeout) == Err(PushTimeoutError::Timeout(())),
        |buffer, timeout| {
            let deadline = Instant::now() + timeout;
            buffer.push_many_deadline(&mut [1].into(), deadline) == Err(PushTimeoutError::Timeout(()))
        },
    ];
    let pops: [Timed; 6] = [
        |buffer, timeout| buffer.pop_timeout(timeout) == Err(PopTimeoutError::Timeout),
        |buffer, timeout| buffer.pop_deadline(Instant::now() + timeout) == Err(PopTimeoutError::Timeout),
        |buffer, timeout| buffer.pop_many_timeout(&mut Vec::new(), 2, timeout) == Err(PopTimeoutError::Timeout),
        |buffer, timeout| {
            let deadline = Instant::now() + timeout;
            buffer.pop_many_deadline(&mut Vec::new(), 2, deadline) == Err(PopTimeoutError::Timeout)
        },
        |buffer, timeout| {
            buffer.pop_batch_timeout(&mut Vec::new(), 2, Duration::MAX, timeout) == Err(PopTimeoutError::Timeout)
        },
        |buffer, timeout| !buffer.wait_closed_timeout(timeout),
    ];
    with_each_strategy(move |strategy| {
        let check = |buffer: &Buffer, operations: &[Timed]| {
            for timed_out in operations {
                let begin = Instant::now();
                assert!(timed_out(buffer, MOMENT));
                assert!(begin.elapsed() >= MOMENT);
            }
        };
        check(&full(1, strategy), &pushes);
        check(&Buffer::with_wait_strategy(1, strategy), &pops);
    });
}
