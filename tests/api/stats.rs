//! Statistics: each counter has an exact value in a forced schedule, and the counters agree with each other at any moment.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, Stats, WaitStrategy, bounded, bounded_with};
use futures::executor::block_on;

use test_support::{full, until, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

const NOW: Duration = Duration::ZERO;

#[test]
fn the_counters_of_a_new_buffer_are_zero() {
    watched(|| assert_eq!(BoundedBuffer::<u8>::new(3).stats(), Stats::default()));
}

#[test]
fn each_kind_of_operation_counts_its_items() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        let expect = |pushed, popped, evicted, high_water| {
            let stats = buffer.stats();
            assert_eq!((stats.pushed, stats.popped, stats.evicted), (pushed, popped, evicted));
            assert_eq!(stats.high_water, high_water);
        };
        buffer.push(0).unwrap();
        buffer.try_push(1).unwrap();
        expect(2, 0, 0, 2);
        buffer.push_many(&mut [2, 3].into()).unwrap();
        expect(4, 0, 0, 4);
        assert!(buffer.try_push(9).is_err());
        assert!(buffer.try_push_many(&mut [9].into()).is_err());
        expect(4, 0, 0, 4); // refused items are not counted
        buffer.force_push(4).unwrap();
        expect(5, 0, 1, 4); // an evicted item is not popped
        buffer.pop().unwrap();
        buffer.try_pop_many(&mut Vec::new(), 2).unwrap();
        expect(5, 3, 1, 4);
        buffer.force_push(5).unwrap();
        expect(6, 3, 1, 4); // a slot was free: no item was evicted
        assert_eq!(buffer.drain().len(), 2);
        expect(6, 5, 1, 4); // drained items are popped
        assert!(buffer.try_pop().is_err());
        buffer.push(6).unwrap();
        assert_eq!(buffer.close_and_drain(), [6]);
        assert!(buffer.push(7).is_err());
        expect(7, 6, 1, 4);
    });
}

#[test]
fn items_dropped_with_the_last_consumer_are_counted_apart() {
    watched(|| {
        let (producer, consumer) = bounded(4);
        producer.push_many(&mut (0..3).collect()).unwrap();
        drop(consumer);
        let stats = producer.buffer().stats();
        assert_eq!((stats.pushed, stats.popped, stats.evicted, stats.dropped), (3, 0, 0, 3));
    });
}

/// Items that were accepted and that no caller gets: `stats()` shows how many jobs a pool of workers has lost.
#[test]
fn items_that_remain_when_the_last_worker_panics_are_counted_as_dropped() {
    watched(|| {
        let (producer, consumer) = bounded(4);
        let (observer, weak) = (consumer.observer(), consumer.downgrade());
        producer.push_many(&mut (0..4).collect()).unwrap();
        let worker = thread::spawn(move || {
            let consumer = consumer; // moved here, so that the panic drops it
            assert_eq!(consumer.pop(), Ok(0));
            resume_unwind(Box::new("on purpose"))
        });
        assert!(worker.join().is_err());
        let stats = observer.stats();
        assert_eq!((stats.pushed, stats.popped, stats.evicted, stats.dropped), (4, 1, 0, 3));
        assert!(weak.upgrade().is_none() && producer.push(4).is_err());
        assert_eq!(observer.stats(), stats, "a refused item is not counted");
    });
}

/// After the last consumer the buffer stays empty, so a snapshot that shows dropped items shows where each accepted item went. Before
/// it, none is dropped. The counts of the threads bound the counters from both sides.
#[test]
fn a_snapshot_during_the_drop_of_the_last_consumer_accounts_for_each_item() {
    const CAPACITY: u64 = 8;
    with_each_strategy(|strategy| {
        let mut dropped = 0;
        for round in 0..50 {
            let (producer, consumer) = bounded_with(8, strategy);
            let observer = &producer.observer();
            let (pops, drops) = (&AtomicU64::new(0), &AtomicBool::new(false));
            thread::scope(|threads| {
                let pushed = [producer.clone(), producer].map(|producer| {
                    threads.spawn(move || {
                        let mut pushed = (0..5).filter(|&item| producer.force_push(item).is_ok()).count();
                        while producer.push(pushed).is_ok() {
                            pushed += 1;
                        }
                        pushed
                    })
                });
                threads.spawn(move || {
                    for _ in 0..round {
                        consumer.pop().unwrap();
                        pops.fetch_add(1, Ordering::SeqCst);
                    }
                    drops.store(true, Ordering::SeqCst);
                    drop(consumer);
                });
                loop {
                    let least = pops.load(Ordering::SeqCst);
                    let may_drop = || drops.load(Ordering::SeqCst);
                    let Stats { pushed, popped, evicted, dropped, .. } = observer.stats();
                    let most = u64::from(!may_drop()) + pops.load(Ordering::SeqCst);
                    assert!(least <= popped && popped <= most, "{least} <= {popped} <= {most}");
                    assert!(dropped == 0 || may_drop());
                    let len = pushed - popped - evicted - dropped;
                    assert!(len <= if dropped > 0 { 0 } else { CAPACITY }, "{len} items, {dropped} dropped");
                    if observer.is_closed() {
                        break;
                    }
                    thread::yield_now(); // not long between two: a thread that is inside `stats` delays the others
                }
                let pushed: usize = pushed.map(|pushed| pushed.join().unwrap()).iter().sum();
                assert_eq!(observer.stats().pushed, pushed as u64);
            });
            let stats = observer.stats();
            assert_eq!(stats.popped, round);
            assert_eq!(stats.pushed, stats.popped + stats.evicted + stats.dropped);
            dropped += stats.dropped;
        }
        assert!(dropped > 0, "no round dropped an item");
    });
}

#[test]
fn high_water_is_the_largest_number_of_items_so_far() {
    watched(|| {
        let buffer = BoundedBuffer::new(8);
        buffer.push_many(&mut (0..3).collect()).unwrap();
        buffer.drain();
        buffer.push_many(&mut (0..2).collect()).unwrap();
        assert_eq!(buffer.stats().high_water, 3);
        buffer.push_many(&mut (0..3).collect()).unwrap();
        buffer.drain();
        assert_eq!(buffer.stats().high_water, 5);
    });
}

#[test]
fn the_number_of_waiting_threads_is_exact() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(3, strategy);
        thread::scope(|threads| {
            for waiting in 1..=3 {
                threads.spawn(|| buffer.pop().unwrap());
                until_consumers_wait(&buffer, waiting);
            }
            for item in 0..3 {
                buffer.push(item).unwrap();
            }
        });
        assert_eq!((buffer.stats().waiting_consumers, buffer.stats().pop_waits), (0, 3));

        buffer.push_many(&mut (3..6).collect()).unwrap();
        thread::scope(|threads| {
            let buffer = &buffer;
            for item in 6..8 {
                threads.spawn(move || buffer.push(item).unwrap());
            }
            until_producers_wait(buffer, 2);
            assert_eq!(buffer.stats().waiting_consumers, 0, "a producer is not a consumer");
            buffer.drain();
        });
        let stats = buffer.stats();
        assert_eq!((stats.waiting_producers, stats.push_waits), (0, 2));
    });
}

#[test]
fn an_operation_that_succeeds_without_waiting_counts_no_wait() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        for _ in 0..100 {
            buffer.push(0).unwrap();
            buffer.push_timeout(1, NOW).unwrap();
            buffer.push_many(&mut [2, 3].into()).unwrap();
            assert!(buffer.try_push(4).is_err(), "a refused attempt is no wait");
            buffer.pop().unwrap();
            buffer.pop_timeout(NOW).unwrap();
            buffer.pop_many(&mut Vec::new(), 9).unwrap();
            assert!(buffer.try_pop().is_err(), "a refused attempt is no wait");
        }
        buffer.close();
        assert!(buffer.pop().is_err() && buffer.pop_timeout(Duration::MAX).is_err(), "nor is a pop after close");
        let stats = buffer.stats();
        assert_eq!((stats.push_waits, stats.push_wait_time), (0, Duration::ZERO));
        assert_eq!((stats.pop_waits, stats.pop_wait_time), (0, Duration::ZERO));
        assert_eq!((stats.notifications, stats.wasted_wakeups), (0, 0));
    });
}

#[test]
fn an_operation_that_times_out_counts_one_wait_even_with_a_zero_time_out() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        let now = Instant::now(); // past when it is used
        let soon = Duration::from_micros(100);
        assert!(buffer.push_timeout(1, NOW).is_err());
        assert_eq!(buffer.stats().push_waits, 1);
        assert!(buffer.push_deadline(1, now).is_err());
        assert_eq!(buffer.stats().push_waits, 2);
        assert!(buffer.push_timeout(1, soon).is_err());
        assert_eq!((buffer.stats().push_waits, buffer.stats().pop_waits), (3, 0));

        buffer.drain();
        let into = &mut Vec::new();
        assert!(buffer.pop_timeout(NOW).is_err());
        assert_eq!(buffer.stats().pop_waits, 1);
        assert!(buffer.pop_deadline(now).is_err());
        assert_eq!(buffer.stats().pop_waits, 2);
        assert!(buffer.pop_many_timeout(into, 2, NOW).is_err());
        assert_eq!(buffer.stats().pop_waits, 3);
        assert!(buffer.pop_many_deadline(into, 2, now).is_err());
        assert_eq!(buffer.stats().pop_waits, 4);
        assert!(buffer.pop_timeout(soon).is_err());
        let stats = buffer.stats();
        assert_eq!((stats.push_waits, stats.pop_waits), (3, 5));
        assert_eq!((stats.notifications, stats.wasted_wakeups), (0, 0), "a time-out is no wake-up");
        assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
    });
}

#[test]
fn a_batch_counts_each_of_its_waits() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        thread::scope(|threads| {
            let push = threads.spawn(|| buffer.push_many(&mut (1..4).collect()));
            for item in 0..3 {
                until(|| buffer.stats().popped == item as u64 && buffer.stats().waiting_producers == 1);
                assert_eq!(buffer.stats().push_waits, item as u64);
                assert_eq!(buffer.pop(), Ok(item));
                until(|| buffer.is_full());
            }
            assert_eq!(push.join().unwrap(), Ok(3));
        });
        let stats = buffer.stats();
        assert_eq!((stats.push_waits, stats.pop_waits, stats.notifications), (3, 0, 3));
    });
}

#[test]
fn the_time_of_a_wait_is_added_when_the_wait_ends() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        let begin = Instant::now();
        let mut least = Duration::ZERO;
        thread::scope(|threads| {
            threads.spawn(|| buffer.push(1).unwrap());
            until_producers_wait(&buffer, 1);
            let waiting = Instant::now();
            let stats = buffer.stats();
            assert_eq!((stats.push_waits, stats.push_wait_time), (0, Duration::ZERO), "the wait has not ended");
            thread::sleep(Duration::from_millis(2)); // the wait takes at least this long
            least = waiting.elapsed();
            buffer.pop().unwrap();
        });
        let stats = buffer.stats();
        let (time, most) = (stats.push_wait_time, begin.elapsed());
        assert!(least <= time && time <= most, "{least:?} <= {time:?} <= {most:?}");
        assert_eq!((stats.push_waits, stats.pop_waits, stats.pop_wait_time), (1, 0, Duration::ZERO));
    });
}

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
        let mut context = Context::from_waker(Waker::noop());
        let begin = Instant::now();
        let buffer = full(1, WaitStrategy::Park);
        let mut items = VecDeque::from([1, 2]);
        let mut pushes = pin!(buffer.push_many_async(&mut items));
        assert!(pushes.as_mut().poll(&mut context).is_pending());
        thread::sleep(first_wait); // the wait takes at least this long
        buffer.try_pop().unwrap();
        assert!(pushes.as_mut().poll(&mut context).is_pending());
        buffer.try_pop().unwrap();
        assert_eq!(pushes.as_mut().poll(&mut context), Poll::Ready(Ok(2)));
        let stats = buffer.stats();
        let (time, most) = (stats.push_wait_time, begin.elapsed());
        assert!(first_wait <= time && time <= most, "{first_wait:?} <= {time:?} <= {most:?}");
        assert_eq!(stats.push_waits, 2);
    });
}

/// Takes an item from a waiting consumer: the consumer is woken, finds the buffer empty, and waits again. Returns false if the
/// consumer was faster.
fn waste_a_wakeup(buffer: &BoundedBuffer<u8>) -> bool {
    until_consumers_wait(buffer, 1);
    let before = buffer.stats().wasted_wakeups;
    buffer.push(1).unwrap();
    let taken = buffer.try_pop().is_ok();
    if taken {
        until(|| buffer.stats().wasted_wakeups == before + 1);
        until_consumers_wait(buffer, 1);
    }
    taken
}

#[test]
fn a_wake_up_whose_item_another_thread_took_is_wasted() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
        let mut wasted = 0;
        while wasted < 5 {
            let before = buffer.stats();
            thread::scope(|threads| {
                let pop = threads.spawn(|| buffer.pop().unwrap());
                if waste_a_wakeup(&buffer) {
                    wasted += 1;
                    assert!(!pop.is_finished());
                    let stats = buffer.stats();
                    assert_eq!(stats.notifications, before.notifications + 1);
                    assert_eq!(stats.pop_waits, before.pop_waits, "the wait goes on");
                    buffer.push(2).unwrap();
                    assert_eq!(pop.join().unwrap(), 2);
                    let stats = buffer.stats();
                    assert_eq!(stats.notifications, before.notifications + 2);
                    assert_eq!(stats.pop_waits, before.pop_waits + 1);
                }
            });
        }
        assert_eq!(buffer.stats().wasted_wakeups, wasted);
    });
}

/// A time that began again at each wasted wake-up would lack the time before it.
#[test]
fn the_time_of_a_wait_includes_the_time_before_a_wasted_wake_up() {
    with_each_strategy(|strategy| {
        let wasted = (0..100).any(|_| {
            let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
            let mut least = None;
            thread::scope(|threads| {
                threads.spawn(|| buffer.pop().unwrap());
                until_consumers_wait(&buffer, 1);
                let waiting = Instant::now();
                thread::sleep(Duration::from_millis(20)); // the wait takes at least this long
                if waste_a_wakeup(&buffer) {
                    least = Some(waiting.elapsed());
                    buffer.push(2).unwrap();
                }
            });
            let time = buffer.stats().pop_wait_time;
            assert!(least.is_none_or(|least| least <= time), "{least:?} <= {time:?}");
            least.is_some()
        });
        assert!(wasted, "no item was taken from the consumer in 100 attempts");
    });
}

#[test]
fn no_notification_is_sent_while_no_thread_waits() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        for item in 0..100 {
            buffer.push(item).unwrap();
            buffer.push_many(&mut [item, item].into()).unwrap();
            buffer.force_push(item).unwrap();
            buffer.pop().unwrap();
            buffer.drain();
        }
        buffer.close();
        assert_eq!(buffer.stats().notifications, 0);
    });
}

/// At most one wake-up per side is pending, and a woken consumer wakes the next one: three waiting consumers receive three
/// notifications, for a batch of three as for three single items.
#[test]
fn one_notification_per_item_is_enough_for_waiting_consumers() {
    let pushes: [fn(&BoundedBuffer<usize>); 3] = [
        |buffer| assert_eq!(buffer.push_many(&mut (0..3).collect()), Ok(3)),
        |buffer| (0..3).for_each(|item| buffer.push(item).unwrap()),
        |buffer| (0..3).for_each(|item| assert_eq!(buffer.force_push(item), Ok(None))),
    ];
    with_each_strategy(move |strategy| {
        for push in pushes {
            let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
            thread::scope(|threads| {
                (0..3).for_each(|_| drop(threads.spawn(|| buffer.pop().unwrap())));
                until_consumers_wait(&buffer, 3);
                push(&buffer);
            });
            let stats = buffer.stats();
            assert_eq!((stats.notifications, stats.wasted_wakeups, stats.pop_waits), (3, 0, 3));
        }
    });
}

#[test]
fn one_notification_per_slot_is_enough_for_waiting_producers() {
    let pops: [fn(&BoundedBuffer<usize>); 3] = [
        |buffer| assert_eq!(buffer.pop_many(&mut Vec::new(), 3), Ok(3)),
        |buffer| (0..3).for_each(|item| assert_eq!(buffer.pop(), Ok(item))),
        |buffer| assert_eq!(buffer.drain().len(), 3),
    ];
    with_each_strategy(move |strategy| {
        for pop in pops {
            let buffer = &full(3, strategy);
            thread::scope(|threads| {
                (3..6).for_each(|item| drop(threads.spawn(move || buffer.push(item).unwrap())));
                until_producers_wait(buffer, 3);
                pop(buffer);
            });
            let stats = buffer.stats();
            assert_eq!((stats.notifications, stats.wasted_wakeups, stats.push_waits), (3, 0, 3));
        }
    });
}

#[test]
fn a_waiting_consumer_is_notified_once_of_several_items() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        thread::scope(|threads| {
            let pop = threads.spawn(|| buffer.pop().unwrap());
            until_consumers_wait(&buffer, 1);
            for item in 0..3 {
                buffer.push(item).unwrap();
            }
            assert_eq!(pop.join().unwrap(), 0);
        });
        assert_eq!(buffer.stats().notifications, 1);
    });
}

#[test]
fn close_sends_one_notification_to_one_waiting_thread() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::<u8>::with_wait_strategy(1, strategy);
        thread::scope(|threads| {
            threads.spawn(|| buffer.pop().unwrap_err());
            until_consumers_wait(&buffer, 1);
            buffer.close();
        });
        let stats = buffer.stats();
        assert_eq!((stats.notifications, stats.wasted_wakeups, stats.pop_waits), (1, 0, 1));
    });
}

#[test]
fn close_sends_no_more_notifications_than_threads_wait() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        thread::scope(|threads| {
            let buffer = &buffer;
            (0..3).for_each(|item| drop(threads.spawn(move || buffer.push(item).unwrap_err())));
            until_producers_wait(buffer, 3);
            buffer.close();
        });
        let stats = buffer.stats();
        // A thread that returns from its wait notifies again while others have not reacquired the lock.
        assert!((1..=3).contains(&stats.notifications), "{stats:?}");
        assert_eq!((stats.wasted_wakeups, stats.push_waits), (0, 3));
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
            let producers: Vec<_> = (0..2)
                .map(|_| {
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
                })
                .collect();
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
