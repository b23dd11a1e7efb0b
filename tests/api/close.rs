//! The waits for the close, as a future, of a thread and with a time-out, end with each kind of close. `close_on_drop` closes also if
//! the thread panics. The races of a close with other operations are models of loom.
//!
//! `stats()` does not count these waits. So where a thread waits, both orders of the wait and the close are right, and a test
//! repeats them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{
    BoundedBuffer, Consumer, Observer, PopError, Producer, PushError, Stats, WeakConsumer, WeakProducer, bounded,
};
use futures::future::FusedFuture;

use crate::tasks::{task, waiting};
use test_support::{full, until, watched, with_each_strategy};

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

#[test]
fn the_waits_of_tasks_and_threads_end_at_each_kind_of_close() {
    watched(|| {
        for (name, close) in CLOSES {
            println!("{name}"); // libtest prints this if the test fails
            let (producer, consumer) = bounded(1);
            let (weak_producer, weak_consumer, observer) = &weak_handles(&producer, &consumer);
            let tasks = [weak_producer.closed(), weak_consumer.closed(), observer.closed(), observer.closed()];
            let mut tasks = tasks.map(waiting);
            let _left = close(producer, consumer);
            assert!(tasks.iter_mut().all(|task| task.wakes() == 1 && task.poll().is_ready()));
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
fn the_buffer_and_the_handles_that_keep_it_open_can_wait_for_the_close() {
    watched(|| {
        let (producer, consumer) = &bounded::<u8>(1);
        let buffer = producer.buffer();
        let timed_out = |timeout: Duration| {
            [
                buffer.wait_closed_timeout(timeout),
                producer.wait_closed_timeout(timeout),
                consumer.wait_closed_timeout(timeout),
            ]
        };
        assert_eq!(timed_out(Duration::ZERO), [false; 3]);
        let mut tasks = [waiting(buffer.closed()), waiting(producer.closed()), waiting(consumer.closed())];
        thread::scope(|threads| {
            threads.spawn(|| buffer.wait_closed());
            threads.spawn(|| producer.wait_closed());
            threads.spawn(|| consumer.wait_closed());
            threads.spawn(|| assert_eq!(timed_out(Duration::MAX), [true; 3]));
            buffer.close();
        });
        assert!(tasks.iter_mut().all(|task| task.wakes() == 1 && task.poll().is_ready()));
        // Closed already: ready at the first poll, without a wait.
        assert!(task(buffer.closed()).poll().is_ready());
        assert_eq!(timed_out(Duration::ZERO), [true; 3]);
        buffer.wait_closed();
        assert_eq!(buffer.stats(), Stats::default(), "these are no waits of a side");
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
        for buffer in [BoundedBuffer::with_wait_strategy(1, strategy), full(1, strategy)] {
            let was_full = buffer.is_full();
            let scope = catch_unwind(AssertUnwindSafe(|| {
                thread::scope(|threads| {
                    threads.spawn(|| {
                        let _guard = buffer.close_on_drop();
                        until(|| buffer.stats().waiting_producers + buffer.stats().waiting_consumers == 1);
                        resume_unwind(Box::new("on purpose"))
                    });
                    assert!(if was_full { buffer.push(1).is_err() } else { buffer.pop().is_err() });
                });
            }));
            assert!(scope.is_err(), "a thread has panicked");
        }
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
            let mut pop = waiting(consumer.pop_async());
            assert!(close(&weak));
            assert_eq!((pop.wakes(), pop.poll()), (1, Poll::Ready(Err(PopError))));
            assert!(weak.0.is_closed() && weak.1.is_closed() && weak.2.is_closed());
            assert!(closes.iter().all(|close| !close(&weak)), "it is closed already");
        }
        for close_and_drain in drains {
            let (producer, consumer) = bounded(1);
            let weak = weak_handles(&producer, &consumer);
            producer.push(1).unwrap();
            let mut push = waiting(producer.push_async(2));
            assert_eq!(close_and_drain(&weak), [1]);
            assert_eq!((push.wakes(), push.poll()), (1, Poll::Ready(Err(PushError(2)))));
            assert_eq!((consumer.stats().popped, consumer.stats().dropped), (1, 0), "the caller got the item");
            assert!(weak.2.is_closed() && drains.iter().all(|drain| drain(&weak).is_empty()));
        }
    });
}
