//! Statistics: each counter has an exact value in a forced schedule, and the counters agree with each other at any moment.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use futures::executor::block_on;

use crate::tasks::waiting;
use test_support::{full, until, until_consumers_wait, watched, with_each_strategy};

/// The time is added after the release, and before the operation returns. Each wait ends with the close, and adds its own time.
#[test]
fn the_times_of_waits_that_end_together_add_up() {
    const WAIT: Duration = Duration::from_millis(5);
    type Wait = fn(&BoundedBuffer<usize>);
    let pops: [Wait; 2] =
        [|buffer| assert!(buffer.pop().is_err()), |buffer| assert!(block_on(buffer.pop_async()).is_err())];
    let pushes: [Wait; 2] =
        [|buffer| assert!(buffer.push(1).is_err()), |buffer| assert!(block_on(buffer.push_async(1)).is_err())];
    with_each_strategy(move |strategy| {
        for (buffer, waits, is_push) in
            [(BoundedBuffer::with_wait_strategy(1, strategy), pops, false), (full(1, strategy), pushes, true)]
        {
            let buffer = &buffer;
            let own_time = || if is_push { buffer.stats().push_wait_time } else { buffer.stats().pop_wait_time };
            let begin = Instant::now();
            let mut least = Duration::ZERO;
            thread::scope(|threads| {
                for wait in waits.iter().cycle().take(6) {
                    threads.spawn(move || {
                        wait(buffer);
                        assert!(own_time() >= WAIT, "a wait that has ended was added");
                    });
                }
                until(|| buffer.stats().waiting_producers + buffer.stats().waiting_consumers == 6);
                let waiting = Instant::now();
                assert_eq!((own_time(), buffer.stats().push_waits), (Duration::ZERO, 0), "no wait has ended");
                thread::sleep(WAIT); // each wait takes at least this long
                least = waiting.elapsed();
                buffer.close();
            });
            let (time, most) = (own_time(), begin.elapsed());
            assert!(6 * least <= time && time <= 6 * most, "{least:?} <= {time:?} / 6 <= {most:?}");
            let stats = buffer.stats();
            let others = if is_push { stats.pop_wait_time } else { stats.push_wait_time };
            assert_eq!((stats.push_waits + stats.pop_waits, others), (6, Duration::ZERO));
        }
    });
}

/// Waits that follow each other cannot take longer than all of the test. If the second counted the first again, they would.
#[test]
fn the_waits_of_one_task_are_timed_one_by_one() {
    watched(|| {
        let first_wait = Duration::from_millis(20);
        let begin = Instant::now();
        let buffer = full(1, WaitStrategy::Park);
        let mut items = VecDeque::from([1, 2]);
        let mut pushes = waiting(buffer.push_many_async(&mut items));
        thread::sleep(first_wait); // the wait takes at least this long
        buffer.try_pop().unwrap();
        assert!(pushes.poll().is_pending());
        buffer.try_pop().unwrap();
        assert_eq!(pushes.poll(), Poll::Ready(Ok(2)));
        let stats = buffer.stats();
        let (time, most) = (stats.push_wait_time, begin.elapsed());
        assert!(first_wait <= time && time <= most, "{first_wait:?} <= {time:?} <= {most:?}");
        assert_eq!(stats.push_waits, 2);
    });
}

/// Another thread takes the item of a waiting consumer: the consumer is woken, finds the buffer empty, and waits again. A time that
/// began again then would lack the time before it. The consumer may be faster; then another round follows.
#[test]
fn a_wake_up_whose_item_another_thread_took_is_wasted_and_does_not_end_the_wait() {
    with_each_strategy(|strategy| {
        let wastes_a_wakeup = || {
            let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
            let mut least = None;
            thread::scope(|threads| {
                let pop = threads.spawn(|| buffer.pop().unwrap());
                until_consumers_wait(&buffer, 1);
                let waiting = Instant::now();
                thread::sleep(Duration::from_millis(10)); // the wait takes at least this long
                buffer.push(1).unwrap();
                if buffer.try_pop().is_ok() {
                    until(|| buffer.stats().wasted_wakeups == 1);
                    until_consumers_wait(&buffer, 1);
                    least = Some(waiting.elapsed());
                    assert!(!pop.is_finished());
                    assert_eq!((buffer.stats().notifications, buffer.stats().pop_waits), (1, 0), "the wait goes on");
                    buffer.push(2).unwrap();
                    assert_eq!(pop.join().unwrap(), 2);
                    let stats = buffer.stats();
                    assert_eq!((stats.notifications, stats.pop_waits, stats.wasted_wakeups), (2, 1, 1));
                }
            });
            let time = buffer.stats().pop_wait_time;
            assert!(least.is_none_or(|least| least <= time), "{least:?} <= {time:?}");
            least.is_some()
        };
        assert!((0..100).any(|_| wastes_a_wakeup()), "no item was taken from the consumer in 100 attempts");
    });
}

/// The buffer computes one of the counters from `pushed = popped + evicted + dropped + len`. So this test compares them with counts that
/// the threads keep: a snapshot contains each operation that ended before it, and none that began after it.
#[test]
fn a_snapshot_during_a_run_agrees_with_the_counts_of_the_threads() {
    const ITEMS: u64 = 3000;
    #[derive(Default)]
    struct Count {
        begun: AtomicU64,
        done: AtomicU64,
    }
    impl Count {
        /// Runs an operation that moves at most `most` items and returns their number.
        fn count(&self, most: u64, operation: impl FnOnce() -> u64) {
            self.begun.fetch_add(most, Ordering::SeqCst);
            let items = operation();
            self.done.fetch_add(items, Ordering::SeqCst);
            self.begun.fetch_sub(most - items, Ordering::SeqCst);
        }
    }
    with_each_strategy(|strategy| {
        let buffer = &BoundedBuffer::with_wait_strategy(3, strategy);
        let [pushed, popped, evicted] = &[(); 3].map(|()| Count::default());
        thread::scope(|threads| {
            let producers = [(); 2].map(|()| {
                threads.spawn(move || {
                    for item in 0..ITEMS {
                        match item % 3 {
                            0 => pushed.count(1, || buffer.push(item).map_or(0, |()| 1)),
                            1 => pushed.count(2, || buffer.push_many(&mut [item, item].into()).unwrap() as u64),
                            _ => pushed.count(1, || {
                                evicted.count(1, || buffer.force_push(item).unwrap().map_or(0, |_| 1));
                                1
                            }),
                        }
                    }
                })
            });
            for _ in 0..2 {
                threads.spawn(move || {
                    while !(buffer.is_closed() && buffer.is_empty()) {
                        popped.count(1, || buffer.pop().map_or(0, |_| 1));
                        popped.count(3, || buffer.drain().len() as u64);
                    }
                });
            }
            let mut snapshots = 0;
            while producers.iter().any(|producer| !producer.is_finished()) || snapshots < 100 {
                let sides = [pushed, popped, evicted];
                let least = sides.map(|count| count.done.load(Ordering::SeqCst));
                let stats = buffer.stats();
                let most = sides.map(|count| count.begun.load(Ordering::SeqCst));
                let counted = [stats.pushed, stats.popped, stats.evicted];
                for i in 0..3 {
                    assert!(least[i] <= counted[i] && counted[i] <= most[i], "{least:?} <= {counted:?} <= {most:?}");
                }
                let len = stats.pushed - stats.popped - stats.evicted;
                assert!(len <= 3 && stats.high_water <= 3, "{stats:?}");
                snapshots += 1;
                thread::yield_now();
            }
            buffer.close();
        });
        let stats = buffer.stats();
        let done = [pushed, popped, evicted].map(|count| count.done.load(Ordering::SeqCst));
        assert_eq!([stats.pushed, stats.popped, stats.evicted], done);
        assert_eq!(stats.pushed, 2 * (ITEMS / 3) * 4);
        assert_eq!(stats.pushed, stats.popped + stats.evicted + buffer.len() as u64);
    });
}
