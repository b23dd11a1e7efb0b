//! Statistics: counted under the lock, so that they add up exactly.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, Stats, WaitStrategy};

use crate::support::{full, until, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

#[test]
fn a_new_buffer_has_done_nothing() {
    watched(|| {
        assert_eq!(BoundedBuffer::<u8>::new(3).stats(), Stats::default());
    });
}

#[test]
fn every_kind_of_operation_is_counted_where_it_belongs() {
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
        expect(4, 0, 0, 4); // what was refused is not counted
        buffer.force_push(4).unwrap();
        expect(5, 0, 1, 4); // evicted is not popped
        buffer.pop().unwrap();
        buffer.try_pop_many(&mut Vec::new(), 2).unwrap();
        expect(5, 3, 1, 4);
        buffer.force_push(5).unwrap();
        expect(6, 3, 1, 4); // there was room: nothing evicted
        assert_eq!(buffer.drain().len(), 2);
        expect(6, 5, 1, 4); // drained is popped
        assert!(buffer.try_pop().is_err());
        buffer.push(6).unwrap();
        assert_eq!(buffer.close_and_drain(), [6]);
        assert!(buffer.push(7).is_err());
        expect(7, 6, 1, 4);
    });
}

#[test]
fn high_water_is_the_most_items_that_were_ever_there() {
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
fn who_waits_is_counted_exactly() {
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
fn a_wait_that_slept_took_time_and_is_added_when_it_ends() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        thread::scope(|threads| {
            threads.spawn(|| buffer.push(1).unwrap());
            until_producers_wait(&buffer, 1);
            let stats = buffer.stats();
            assert_eq!((stats.push_waits, stats.push_wait_time), (0, Duration::ZERO), "it has not ended");
            buffer.pop().unwrap();
        });
        let stats = buffer.stats();
        assert_eq!(stats.push_waits, 1);
        assert!(stats.push_wait_time > Duration::ZERO);
        assert_eq!((stats.pop_waits, stats.pop_wait_time), (0, Duration::ZERO));

        let timeout = Duration::from_millis(5);
        buffer.drain();
        assert!(buffer.pop_timeout(timeout).is_err());
        let stats = buffer.stats();
        assert_eq!(stats.pop_waits, 1);
        assert!(stats.pop_wait_time > Duration::ZERO);
        if strategy == WaitStrategy::Park {
            assert!(stats.pop_wait_time >= timeout / 2, "it slept for most of it: {:?}", stats.pop_wait_time);
        }
    });
}

#[test]
fn where_nobody_waits_nobody_is_notified() {
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
        let stats = buffer.stats();
        assert_eq!((stats.notifications, stats.futile_wakeups), (0, 0));
        assert_eq!((stats.push_waits, stats.pop_waits), (0, 0));
    });
}

/// At most one wake-up a side is pending, and each taker that was woken passes it on: a batch of three to three sleeping
/// consumers takes exactly three, and so do three single pushes.
#[test]
fn one_notification_an_item_is_enough_for_sleeping_consumers() {
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
            assert_eq!((stats.notifications, stats.futile_wakeups), (3, 0));
        }
    });
}

#[test]
fn more_items_than_sleepers_are_announced_to_each_sleeper_once() {
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
fn close_needs_no_more_notifications_than_there_are_sleepers() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        thread::scope(|threads| {
            let buffer = &buffer;
            (0..3).for_each(|item| drop(threads.spawn(move || buffer.push(item).unwrap_err())));
            until_producers_wait(buffer, 3);
            buffer.close();
        });
        let stats = buffer.stats();
        // The threads that come back may call again those that are still on their way.
        assert!((1..=3).contains(&stats.notifications), "{stats:?}");
        assert_eq!(stats.futile_wakeups, 0);
    });
}

#[test]
fn a_wake_up_whose_item_was_stolen_is_counted_as_futile() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
        let mut futile = 0;
        while futile < 5 {
            thread::scope(|threads| {
                let pop = threads.spawn(|| buffer.pop().unwrap());
                until_consumers_wait(&buffer, 1);
                buffer.push("bait").unwrap();
                if buffer.try_pop().is_ok() {
                    futile += 1; // barged in: the woken one finds nothing
                    until(|| buffer.stats().futile_wakeups == futile);
                    until_consumers_wait(&buffer, 1);
                    assert!(!pop.is_finished());
                    buffer.push("at last").unwrap();
                }
            });
        }
        assert_eq!(buffer.stats().futile_wakeups, futile);
        assert!(buffer.stats().notifications >= 2 * futile);
    });
}

/// `pushed = popped + evicted + len` is how the buffer derives one from the others, so here they are held against what the
/// threads themselves know: what they had finished before the snapshot is in it, what they began after it is not.
#[test]
fn a_snapshot_in_mid_run_agrees_with_what_the_threads_know() {
    const ITEMS: u64 = 3000;
    #[derive(Default)]
    struct Known {
        begun: AtomicU64,
        done: AtomicU64,
    }
    impl Known {
        /// Runs an operation that moves `most` items or fewer, and says how many.
        fn count(&self, most: u64, operation: impl FnOnce() -> u64) {
            self.begun.fetch_add(most, Ordering::SeqCst);
            let items = operation();
            self.done.fetch_add(items, Ordering::SeqCst);
            self.begun.fetch_sub(most - items, Ordering::SeqCst);
        }
    }
    with_each_strategy(|strategy| {
        let buffer = &BoundedBuffer::with_wait_strategy(3, strategy);
        let [pushed, popped, evicted] = &[(); 3].map(|()| Known::default());
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
                let least = sides.map(|known| known.done.load(Ordering::SeqCst));
                let stats = buffer.stats();
                let most = sides.map(|known| known.begun.load(Ordering::SeqCst));
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
        let done = [pushed, popped, evicted].map(|known| known.done.load(Ordering::SeqCst));
        assert_eq!([stats.pushed, stats.popped, stats.evicted], done);
        assert_eq!(stats.pushed, 2 * (ITEMS / 3) * 4);
        assert_eq!(stats.pushed, stats.popped + stats.evicted + buffer.len() as u64);
    });
}
