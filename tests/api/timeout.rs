//! Time-outs: each operation fixes its deadline once, when it is called. A waiter that times out takes no wake-up.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, PopTimeoutError, PushTimeoutError, WaitStrategy};

use test_support::{until, with_each_strategy};

type Buffer = BoundedBuffer<usize>;

/// The time of a wait that something happens to at half of it. If that moved the deadline, the wait would return a whole time after
/// it. So an end before that shows that the deadline stayed. An attempt may fail, because the machine is slow or because `happens`
/// or `ends` returns false, but with a deadline that moves no attempt succeeds.
fn assert_deadline_stays<R: Send>(
    strategy: WaitStrategy,
    first: fn(&Buffer),
    wait: fn(&Buffer, Duration) -> R,
    happens: fn(&Buffer) -> bool,
    ends: fn(&Buffer, R) -> bool,
) {
    const TIME: Duration = Duration::from_millis(60);
    let ends_before_a_moved_deadline = || {
        let buffer = Buffer::with_wait_strategy(1, strategy); // so that each item wakes the consumer
        thread::scope(|threads| {
            let waiter = threads.spawn(|| (wait(&buffer, TIME), Instant::now()));
            let began = Instant::now();
            first(&buffer);
            until(|| buffer.stats().waiting_producers + buffer.stats().waiting_consumers == 1 || waiter.is_finished());
            while began.elapsed() < TIME / 2 {
                thread::yield_now();
            }
            let halfway = Instant::now();
            let happened = happens(&buffer);
            let (result, end) = waiter.join().unwrap();
            happened && ends(&buffer, result) && end - halfway < TIME
        })
    };
    assert!((0..50).any(|_| ends_before_a_moved_deadline()), "each of 50 waiters returned late");
}

/// The waiter is woken, and another thread takes the item.
#[test]
fn a_wasted_wake_up_does_not_extend_the_deadline() {
    let first = |_: &Buffer| {};
    let happens = |buffer: &Buffer| {
        buffer.push(1).unwrap();
        buffer.try_pop().is_ok()
    };
    let ends = |buffer: &Buffer, result| result == Err(PopTimeoutError::Timeout) && buffer.stats().wasted_wakeups > 0;
    with_each_strategy(|strategy| assert_deadline_stays(strategy, first, Buffer::pop_timeout, happens, ends));
}

#[test]
fn later_items_do_not_extend_the_linger() {
    let first = |buffer: &Buffer| {
        buffer.push(0).unwrap();
        until(|| buffer.is_empty());
    };
    let wait = |buffer: &Buffer, linger| buffer.pop_batch(&mut Vec::new(), 9, linger);
    let happens = |buffer: &Buffer| buffer.push(1).is_ok();
    with_each_strategy(|strategy| assert_deadline_stays(strategy, first, wait, happens, |_, count| count == Ok(2)));
}

/// The pop makes room for the second item, and the call waits for the third.
#[test]
fn the_waits_of_a_timed_batch_share_one_deadline() {
    let wait = |buffer: &Buffer, timeout| buffer.push_many_timeout(&mut [0, 1, 2].into(), timeout);
    let happens = |buffer: &Buffer| buffer.pop().is_ok();
    let ends = |_: &Buffer, result| result == Err(PushTimeoutError::Timeout(()));
    with_each_strategy(|strategy| assert_deadline_stays(strategy, |_| {}, wait, happens, ends));
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
            let hasty = [10, 20].map(|most| {
                threads.spawn(move || {
                    let mut count = 0;
                    for timeout in (0..).map(|i| Duration::from_micros(i % most)) {
                        match buffer.pop_timeout(timeout) {
                            Ok(()) => count += 1,
                            Err(PopTimeoutError::Timeout) => {}
                            Err(PopTimeoutError::Closed) => break,
                        }
                    }
                    count
                })
            });
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
