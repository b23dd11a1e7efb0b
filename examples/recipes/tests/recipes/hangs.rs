//! The programs of "My program hangs" in docs/recipes.md. Each test reproduces one, finds what it reports on that page, and applies
//! the cure.

use std::fmt::Debug;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::thread;

use bounded_buffer::{BoundedBuffer, Observer, Stats, bounded};
use test_support::{until, until_consumers_wait, until_producers_wait, watched};

/// What a hanging program reports.
fn report(buffer: &impl Debug, stats: Stats) -> String {
    let Stats { waiting_producers, waiting_consumers, .. } = stats;
    format!("{buffer:?}\nwaiting_producers: {waiting_producers}, waiting_consumers: {waiting_consumers}")
}

/// The same with the number of handles.
fn report_of<T>(buffer: &Observer<T>) -> String {
    let handles = format!(", producers: {}, consumers: {}", buffer.producers(), buffer.consumers());
    report(buffer, buffer.stats()) + &handles
}

/// Called after the cure: a test that fails must not hang.
#[track_caller]
fn assert_is_quoted(report: &str) {
    let page = include_str!("../../../../docs/recipes.md");
    assert!(page.contains(&format!("```text\n{report}\n```\n")), "the page does not contain:\n{report}");
}

#[test]
fn a_producer_that_is_left_keeps_the_consumers_waiting() {
    watched(|| {
        let (producer, consumer) = bounded(4);
        let observer = producer.observer();
        let report = thread::scope(|scope| {
            let from_thread = producer.clone();
            scope.spawn(move || from_thread.push_all(0..3));
            for _ in 0..2 {
                let consumer = consumer.clone();
                scope.spawn(move || consumer.iter().count());
            }
            drop(consumer);
            until(|| {
                observer.producers() == 1 && observer.stats().popped == 3 && observer.stats().waiting_consumers == 2
            });
            let report = report_of(&observer);
            drop(producer); // the cure
            report
        });
        assert_is_quoted(&report);
        assert!(observer.is_closed());
    });
}

#[test]
fn a_consumer_that_is_left_keeps_the_producers_waiting() {
    watched(|| {
        let (producer, consumer) = bounded(4);
        let observer = producer.observer();
        let source = thread::spawn(move || producer.push_all(0..10));
        let workers = [(); 2].map(|()| {
            let consumer = consumer.clone();
            thread::spawn(move || panic!("item {} is broken", consumer.pop().unwrap()))
        });
        assert!(workers.map(|worker| worker.join().is_err()).iter().all(|panicked| *panicked));
        until(|| observer.stats().pushed == 6 && observer.stats().waiting_producers == 1);
        let report = report_of(&observer);
        drop(consumer); // the cure
        assert_eq!(source.join().unwrap().unwrap_err().into_inner(), [6, 7, 8, 9]);
        assert_eq!(observer.stats().dropped, 4);
        assert_is_quoted(&report);
    });
}

/// A tree of 511 nodes, as in the recipe.
fn children(height: u32) -> impl Iterator<Item = u32> {
    (0..if height > 0 { 2 } else { 0 }).map(move |_| height - 1)
}

#[test]
fn workers_that_push_into_their_own_buffer_all_wait_for_a_slot() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        buffer.push(8).unwrap();
        let report = thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while let Ok(item) = buffer.pop() {
                        children(item).for_each(|child| _ = buffer.push(child));
                    }
                });
            }
            until_producers_wait(&buffer, 3);
            let report = report(&buffer, buffer.stats());
            buffer.close(); // ends the test; the recipe has the cure
            report
        });
        assert_is_quoted(&report);
    });
}

#[test]
fn workers_with_weak_producers_alone_end_too_early() {
    watched(|| {
        let ((producer, consumer), done) = (bounded(4), AtomicUsize::new(0));
        let weak = producer.downgrade();
        producer.push(8).unwrap();
        drop(producer); // each worker has a weak producer, so that the end of the work closes the buffer
        thread::scope(|scope| {
            for _ in 0..3 {
                let (weak, done, consumer) = (weak.clone(), &done, consumer.clone());
                scope.spawn(move || {
                    for item in consumer {
                        children(item).for_each(|child| _ = weak.upgrade().map(|producer| producer.push(child)));
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 1);
    });
}

#[test]
fn a_panic_closes_no_buffer_that_is_shared_by_reference() {
    watched(|| {
        let (buffer, mut reported) = (BoundedBuffer::new(4), String::new());
        let scope = AssertUnwindSafe(|| {
            thread::scope(|scope| {
                scope.spawn(|| buffer.iter().count());
                scope.spawn(|| {
                    buffer.push(1).unwrap();
                    panic!("the producer panics");
                });
                until(|| buffer.stats().popped == 1 && buffer.stats().waiting_consumers == 1);
                reported = report(&buffer, buffer.stats());
                buffer.close(); // ends the test; the cure is `close_on_drop`
            });
        });
        assert!(catch_unwind(scope).is_err(), "the scope panics because one of its threads has");
        assert_is_quoted(&reported);
    });
}

#[test]
fn a_push_in_a_task_blocks_the_thread_that_would_pop() {
    watched(|| {
        let (producer, consumer) = bounded(4);
        let observer = producer.observer();
        let runtime = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let popped = tokio::spawn(async move {
                    let mut popped = 0;
                    while consumer.pop_async().await.is_ok() {
                        popped += 1;
                    }
                    popped
                });
                tokio::task::yield_now().await; // the task waits in `pop_async`
                let accepted = (0..10).take_while(|item| producer.push(*item).is_ok()).count();
                (accepted, popped.await.unwrap())
            })
        });
        until(|| observer.stats().waiting_producers == 1);
        let report = report_of(&observer);
        observer.close(); // ends the test; the cure is `push_async`
        assert_eq!(runtime.join().unwrap(), (4, 4));
        assert_is_quoted(&report);
    });
}

#[test]
fn a_future_that_is_kept_and_not_polled_covers_an_item() {
    watched(|| {
        let (producer, consumer) = bounded(4);
        let observer = producer.observer();
        let second = consumer.clone();
        thread::scope(|scope| {
            let thread = scope.spawn(move || second.pop());
            let mut kept = Box::pin(consumer.pop_async());
            assert!(pin!(&mut kept).poll(&mut Context::from_waker(Waker::noop())).is_pending());
            until_consumers_wait(consumer.buffer(), 2);
            producer.push(1).unwrap();
            let (report, notifications) = (report_of(&observer), observer.stats().notifications);
            drop(kept); // the cure; or a poll
            assert_eq!(thread.join().unwrap(), Ok(1));
            assert_eq!(notifications, 1, "the task was woken, and the thread was not");
            assert_is_quoted(&report);
        });
    });
}

#[test]
fn a_pool_whose_threads_all_push_has_no_thread_that_pops() {
    watched(|| {
        let (producer, consumer) = bounded(4);
        let observer = producer.observer();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        for _ in 0..2 {
            let producer = producer.clone();
            pool.spawn(move || _ = producer.push_all(0..10));
        }
        pool.spawn(move || consumer.iter().for_each(drop)); // both threads of the pool block in a push
        drop(producer);
        until(|| observer.stats().waiting_producers == 2);
        let report = report_of(&observer);
        observer.close(); // ends the test; the cure is a thread outside of the pool
        until(|| observer.consumers() == 0);
        assert_eq!(observer.stats().popped, 4);
        assert_is_quoted(&report);
    });
}
