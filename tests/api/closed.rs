//! The waits for the close: as a future, of a thread, with a time-out. They end with each kind of close, and the waits for items
//! and slots do not see them. `close_on_drop` closes also if the thread panics.
//!
//! `stats()` does not count these waits. So where a thread waits, both orders of the wait and the close are right, and a test
//! repeats them.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, Consumer, Observer, Producer, PushError, WeakConsumer, WeakProducer, bounded};
use futures::future::FusedFuture;

use crate::tasks::{Task, task, waiting};
use test_support::{full, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

const MOMENT: Duration = Duration::from_millis(5);

/// How a test closes the buffer. The handles that it returns exist until the waits have ended: the drop of the last would close, too.
type Close = fn(Producer<u8>, Consumer<u8>) -> (Option<Producer<u8>>, Option<Consumer<u8>>);

const CLOSES: [(&str, Close); 6] = [
    ("close", |producer, consumer| {
        assert!(producer.close());
        (Some(producer), Some(consumer))
    }),
    ("close_and_drain of no item", |producer, consumer| {
        assert_eq!(consumer.close_and_drain(), []);
        (Some(producer), Some(consumer))
    }),
    ("close_and_drain", |producer, consumer| {
        producer.push(1).unwrap();
        assert_eq!(consumer.close_and_drain(), [1]);
        (Some(producer), Some(consumer))
    }),
    ("the guard", |producer, consumer| {
        drop(producer.buffer().close_on_drop());
        (Some(producer), Some(consumer))
    }),
    ("the drop of the last producer", |producer, consumer| {
        drop(producer);
        (None, Some(consumer))
    }),
    ("the drop of the last consumer", |producer, consumer| {
        producer.push(1).unwrap();
        drop(consumer);
        (Some(producer), None)
    }),
];

/// The handles that keep no side open, and so can wait for each kind of close.
fn weak_handles<T>(producer: &Producer<T>, consumer: &Consumer<T>) -> (WeakProducer<T>, WeakConsumer<T>, Observer<T>) {
    (producer.downgrade(), consumer.downgrade(), consumer.observer())
}

type Closed<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

fn closed<'a>(future: impl Future<Output = ()> + 'a) -> Closed<'a> {
    Box::pin(future)
}

#[test]
fn a_wait_of_a_task_ends_at_each_kind_of_close() {
    watched(|| {
        for (name, close) in CLOSES {
            println!("{name}"); // libtest prints this if the test fails
            let (producer, consumer) = bounded(1);
            let (weak_producer, weak_consumer, observer) = weak_handles(&producer, &consumer);
            let mut waits =
                [weak_producer.closed(), weak_consumer.closed(), observer.closed(), observer.closed()].map(waiting);
            let _left = close(producer, consumer);
            for wait in &mut waits {
                assert_eq!(wait.wakes(), 1);
                assert!(wait.poll().is_ready());
            }
        }
    });
}

#[test]
fn a_wait_of_a_thread_ends_at_each_kind_of_close() {
    watched(|| {
        for (name, close) in CLOSES {
            println!("{name}"); // libtest prints this if the test fails
            for _ in 0..20 {
                let (producer, consumer) = bounded(1);
                let (weak_producer, weak_consumer, observer) = &weak_handles(&producer, &consumer);
                thread::scope(|threads| {
                    threads.spawn(|| weak_producer.wait_closed());
                    threads.spawn(|| weak_consumer.wait_closed());
                    threads.spawn(|| observer.wait_closed());
                    threads.spawn(|| assert!(weak_producer.wait_closed_timeout(Duration::MAX)));
                    threads.spawn(|| assert!(weak_consumer.wait_closed_timeout(Duration::MAX)));
                    threads.spawn(|| assert!(observer.wait_closed_timeout(Duration::MAX)));
                    let _left = close(producer, consumer);
                });
                assert!(observer.is_closed());
            }
        }
    });
}

#[test]
fn the_buffer_and_each_handle_can_wait_for_the_close() {
    watched(|| {
        let (producer, consumer) = &bounded::<u8>(1);
        let (weak_producer, weak_consumer, observer) = &weak_handles(producer, consumer);
        let buffer = producer.buffer();
        let futures = || {
            [
                closed(buffer.closed()),
                closed(producer.closed()),
                closed(consumer.closed()),
                closed(weak_producer.closed()),
                closed(weak_consumer.closed()),
                closed(observer.closed()),
            ]
        };
        let mut tasks = futures().map(waiting);
        let timed_out = |timeout: Duration| {
            [
                buffer.wait_closed_timeout(timeout),
                producer.wait_closed_timeout(timeout),
                consumer.wait_closed_timeout(timeout),
                weak_producer.wait_closed_timeout(timeout),
                weak_consumer.wait_closed_timeout(timeout),
                observer.wait_closed_timeout(timeout),
            ]
        };
        assert_eq!(timed_out(Duration::ZERO), [false; 6]);
        thread::scope(|threads| {
            threads.spawn(|| buffer.wait_closed());
            threads.spawn(|| producer.wait_closed());
            threads.spawn(|| consumer.wait_closed());
            threads.spawn(|| weak_producer.wait_closed());
            threads.spawn(|| weak_consumer.wait_closed());
            threads.spawn(|| observer.wait_closed());
            threads.spawn(|| assert_eq!(timed_out(Duration::MAX), [true; 6]));
            buffer.close();
        });
        for task in &mut tasks {
            assert_eq!(task.wakes(), 1);
            assert!(task.poll().is_ready());
        }
        // Closed already: ready at the first poll, without a wait.
        assert!(futures().map(|future| task(future).poll()).iter().all(Poll::is_ready));
        assert_eq!(timed_out(Duration::ZERO), [true; 6]);
        buffer.wait_closed();
    });
}

/// The statistics agree in each number, and the buffer keeps no waker.
#[test]
fn a_cancelled_wait_leaves_no_trace() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let before = buffer.stats();
        let Task { future, wakes } = waiting(buffer.closed());
        let mut other = waiting(buffer.closed());
        assert_eq!(buffer.stats(), before, "it is neither a producer nor a consumer");
        drop(future);
        assert_eq!(Arc::strong_count(&wakes), 1);
        assert!(!buffer.wait_closed_timeout(MOMENT));
        assert_eq!(buffer.stats(), before);
        buffer.close();
        assert_eq!(other.wakes(), 1);
        assert!(other.poll().is_ready());
        assert_eq!(buffer.stats(), before, "no notification: no producer and no consumer waited");
    });
}

#[test]
fn a_wait_that_is_polled_with_another_waker_keeps_the_newer_one() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let mut task = waiting(buffer.closed());
        let old = std::mem::take(&mut task.wakes);
        assert!(task.poll().is_pending());
        assert_eq!(Arc::strong_count(&old), 1, "the older waker is dropped");
        buffer.close();
        assert_eq!(task.wakes(), 1);
        assert!(task.poll().is_ready());
    });
}

#[test]
fn a_wait_that_has_ended_stays_ready() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let mut task = waiting(buffer.closed());
        assert!(!task.future.is_terminated());
        buffer.close();
        assert!(task.poll().is_ready());
        assert!(task.future.is_terminated());
        assert!(task.poll().is_ready(), "a close is not taken by the wait that sees it");
    });
}

#[test]
fn a_close_wakes_each_of_many_waits_that_is_not_cancelled() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let mut tasks: Vec<_> = (0..1000).map(|_| waiting(buffer.closed())).collect();
        let mut index = 0;
        tasks.retain(|_| {
            index += 1;
            index % 3 > 0
        });
        tasks.extend((0..500).map(|_| waiting(buffer.closed()))); // in the places of the cancelled ones, and in new ones
        assert_eq!(tasks.len(), 1167);
        buffer.close();
        for task in &mut tasks {
            assert_eq!(task.wakes(), 1);
            assert!(task.poll().is_ready());
        }
    });
}

#[test]
fn waits_of_many_threads_end_while_others_time_out() {
    watched(|| {
        for round in 0..100 {
            let buffer = &BoundedBuffer::<u8>::new(1);
            let closing = &AtomicBool::new(false);
            thread::scope(|threads| {
                for _ in 0..4 {
                    threads.spawn(move || {
                        buffer.wait_closed();
                        assert!(closing.load(Ordering::SeqCst), "it ended before the close");
                    });
                }
                for thread in 0..2 {
                    threads.spawn(move || {
                        let mut timeouts = (0..).map(|i| Duration::from_micros(i % (10 << thread)));
                        while !buffer.wait_closed_timeout(timeouts.next().unwrap()) {}
                        assert!(closing.load(Ordering::SeqCst), "it ended before the close");
                    });
                }
                for _ in 0..round {
                    thread::yield_now();
                }
                closing.store(true, Ordering::SeqCst);
                buffer.close();
            });
        }
    });
}

#[test]
fn a_wait_does_not_time_out_before_its_deadline() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let begin = Instant::now();
        assert!(!buffer.wait_closed_timeout(MOMENT));
        assert!(begin.elapsed() >= MOMENT);
    });
}

/// The wait of a thread parks it, and another use of `unpark` must not end it.
#[test]
fn a_stray_unpark_does_not_end_the_wait_of_a_thread() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        thread::current().unpark();
        let begin = Instant::now();
        assert!(!buffer.wait_closed_timeout(MOMENT));
        assert!(begin.elapsed() >= MOMENT);

        let closing = AtomicBool::new(false);
        thread::scope(|threads| {
            let waits = threads.spawn(|| {
                thread::current().unpark();
                buffer.wait_closed();
                assert!(closing.load(Ordering::SeqCst), "it ended before the close");
            });
            for _ in 0..100 {
                waits.thread().unpark();
                thread::yield_now();
            }
            closing.store(true, Ordering::SeqCst);
            buffer.close();
        });
    });
}

/// They have waited longest, and each wake-up goes to a producer or a consumer all the same.
#[test]
fn waits_for_the_close_take_no_wakeup_of_a_task() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let waits = [(); 3].map(|()| waiting(buffer.closed()));
        let woken = || waits.each_ref().map(Task::wakes);
        let mut pop = waiting(buffer.pop_async());
        assert_eq!((buffer.stats().waiting_producers, buffer.stats().waiting_consumers), (0, 1));
        buffer.push(1).unwrap();
        assert_eq!((pop.wakes(), woken()), (1, [0; 3]));
        assert_eq!(pop.poll(), Poll::Ready(Ok(1)));
        buffer.push(2).unwrap();
        let mut push = waiting(buffer.push_async(3));
        assert_eq!(buffer.pop(), Ok(2));
        assert_eq!((push.wakes(), woken()), (1, [0; 3]));
        assert_eq!(push.poll(), Poll::Ready(Ok(())));
        assert_eq!(buffer.drain(), [3]);
        assert_eq!(woken(), [0; 3], "a drain is no close");

        let mut pop = waiting(buffer.pop_async());
        buffer.close();
        assert_eq!((pop.wakes(), woken()), (1, [1; 3]));
        assert!(pop.poll().is_ready());
    });
}

#[test]
fn waits_for_the_close_take_no_wakeup_of_a_thread() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(2, strategy);
        let waits = [(); 3].map(|()| waiting(buffer.closed()));
        let woken = || waits.each_ref().map(Task::wakes);
        thread::scope(|threads| {
            let pops = [(); 2].map(|()| threads.spawn(|| buffer.pop().unwrap()));
            until_consumers_wait(&buffer, 2);
            buffer.push_many(&mut [1, 2].into()).unwrap();
            assert_eq!(pops.map(|pop| pop.join().unwrap()).iter().sum::<i32>(), 3);
        });
        buffer.push_many(&mut [3, 4].into()).unwrap();
        thread::scope(|threads| {
            let pushes = [5, 6].map(|item| {
                threads.spawn({
                    let buffer = &buffer;
                    move || buffer.push(item)
                })
            });
            until_producers_wait(&buffer, 2);
            assert_eq!(buffer.drain(), [3, 4]);
            assert!(pushes.map(|push| push.join().unwrap()).iter().all(Result::is_ok));
        });
        assert_eq!(woken(), [0; 3]);
        thread::scope(|threads| {
            threads.spawn(|| buffer.push(7));
            until_producers_wait(&buffer, 1);
            buffer.close();
        });
        assert_eq!(woken(), [1; 3]);
    });
}

#[test]
fn the_guard_closes_the_buffer_at_the_end_of_its_scope() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let wait = waiting(buffer.closed());
        {
            let guard = buffer.close_on_drop();
            buffer.push(1).unwrap();
            assert!(!buffer.is_closed());
            assert_eq!(format!("{guard:?}"), format!("CloseOnDrop({buffer:?})"));
        }
        assert_eq!(wait.wakes(), 1);
        assert_eq!(buffer.push(2), Err(PushError(2)));
        assert_eq!(buffer.pop(), Ok(1), "the items stay");
        drop(buffer.close_on_drop()); // a second close does nothing
        assert_eq!(wait.wakes(), 0);
    });
}

/// Without the guard, the other threads would wait indefinitely, and the scope with them.
#[test]
fn the_guard_of_a_thread_that_panics_ends_the_waits_of_the_others() {
    with_each_strategy(|strategy| {
        let empty = BoundedBuffer::with_wait_strategy(1, strategy);
        let scope = catch_unwind(AssertUnwindSafe(|| {
            thread::scope(|threads| {
                threads.spawn(|| {
                    let _guard = empty.close_on_drop();
                    empty.push(1).unwrap();
                    until_consumers_wait(&empty, 1);
                    resume_unwind(Box::new("on purpose"))
                });
                assert_eq!(empty.iter().collect::<Vec<_>>(), [1]);
            });
        }));
        assert!(scope.is_err(), "a thread has panicked");

        let full = full(1, strategy);
        let scope = catch_unwind(AssertUnwindSafe(|| {
            thread::scope(|threads| {
                threads.spawn(|| {
                    let _guard = full.close_on_drop();
                    until_producers_wait(&full, 1);
                    resume_unwind(Box::new("on purpose"))
                });
                assert_eq!(full.push(1), Err(PushError(1)));
            });
        }));
        assert!(scope.is_err(), "a thread has panicked");
    });
}

/// What each handle that keeps no side open can do at the end of a program, such as in the handler of Ctrl-C.
#[test]
fn each_weak_handle_closes_the_buffer() {
    type Weak = (WeakProducer<u8>, WeakConsumer<u8>, Observer<u8>);
    let closes: [fn(&Weak) -> bool; 3] =
        [|(producer, ..)| producer.close(), |(_, consumer, _)| consumer.close(), |(.., observer)| observer.close()];
    let drains: [fn(&Weak) -> Vec<u8>; 3] = [
        |(producer, ..)| producer.close_and_drain(),
        |(_, consumer, _)| consumer.close_and_drain(),
        |(.., observer)| observer.close_and_drain(),
    ];
    watched(|| {
        for close in closes {
            let (producer, consumer) = bounded(1);
            let weak = weak_handles(&producer, &consumer);
            thread::scope(|threads| {
                threads.spawn(|| assert_eq!(consumer.iter().collect::<Vec<_>>(), [1]));
                producer.push(1).unwrap();
                until_consumers_wait(producer.buffer(), 1);
                assert!(close(&weak));
            });
            assert_eq!(producer.push(2), Err(PushError(2)));
            assert!(weak.0.is_closed() && weak.1.is_closed() && weak.2.is_closed());
            assert!(closes.iter().all(|close| !close(&weak)), "it is closed already");
        }
        for close_and_drain in drains {
            let (producer, consumer) = bounded(1);
            let weak = weak_handles(&producer, &consumer);
            producer.push(1).unwrap();
            thread::scope(|threads| {
                threads.spawn(|| assert_eq!(producer.push(2), Err(PushError(2))));
                until_producers_wait(consumer.buffer(), 1);
                assert_eq!(close_and_drain(&weak), [1]);
            });
            assert_eq!((consumer.stats().popped, consumer.stats().dropped), (1, 0), "the caller got the item");
            assert!(weak.2.is_closed() && drains.iter().all(|drain| drain(&weak).is_empty()));
        }
    });
}

/// The handles that could keep the buffer open are gone, and the others still refer to it.
#[test]
fn a_weak_handle_waits_for_no_close_after_the_last_handle() {
    watched(|| {
        let (producer, consumer) = bounded::<u8>(1);
        let (weak_producer, weak_consumer, observer) = weak_handles(&producer, &consumer);
        drop((producer, consumer));
        assert!(!weak_producer.close() && !weak_consumer.close() && !observer.close());
        assert!(task(weak_producer.closed()).poll().is_ready());
        weak_consumer.wait_closed();
        assert!(observer.wait_closed_timeout(Duration::ZERO));
    });
}
