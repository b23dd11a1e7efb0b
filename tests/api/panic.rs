//! A panic in user code leaves the buffer usable.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bounded_buffer::{BoundedBuffer, PopError, PushError, TryPopError, bounded};

use test_support::{until_consumers_wait, until_producers_wait, watched};

/// Panics without calling the panic hook: an expected panic prints nothing.
fn fail() -> ! {
    resume_unwind(Box::new("on purpose"))
}

#[test]
fn a_producer_that_panics_is_dropped() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let failing = thread::spawn(move || {
            producer.push(1).unwrap();
            fail();
        });
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!(consumer.pop(), Err(PopError), "unwinding dropped the handle");
        assert!(failing.join().is_err());
    });
}

#[test]
fn a_consumer_that_panics_is_dropped() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        producer.push(1).unwrap();
        thread::scope(|threads| {
            let waiting = threads.spawn(|| producer.push(2));
            until_producers_wait(producer.buffer(), 1);
            let failing = threads.spawn(move || {
                let _consumer = consumer;
                fail();
            });
            assert!(failing.join().is_err());
            assert_eq!(waiting.join().unwrap(), Err(PushError(2)), "no producer waits without a consumer");
        });
    });
}

#[test]
fn a_panic_loses_the_item_that_the_thread_holds_and_no_other() {
    watched(|| {
        let buffer = BoundedBuffer::new(3);
        for item in 0..3 {
            buffer.push(item).unwrap();
        }
        thread::scope(|threads| {
            let failing = threads.spawn(|| {
                for item in &buffer {
                    if item == 1 {
                        fail();
                    }
                }
            });
            assert!(failing.join().is_err());
        });
        assert_eq!(buffer.pop(), Ok(2));
        assert_eq!(buffer.push(3), Ok(()));
        assert_eq!(buffer.stats().popped, 3);
    });
}

#[test]
fn a_caught_panic_needs_no_assert_unwind_safe() {
    watched(|| {
        let buffer = BoundedBuffer::new(2);
        let (producer, consumer) = bounded(2);
        // This compiles without `AssertUnwindSafe`.
        let result = catch_unwind(|| {
            buffer.push(1).unwrap();
            producer.push(1).unwrap();
            fail();
        });
        assert!(result.is_err());
        assert_eq!((buffer.pop(), consumer.pop()), (Ok(1), Ok(1)));
    });
}

/// Panics when it is dropped, if it is armed.
struct Mine {
    armed: bool,
    dropped: Arc<AtomicUsize>,
}

impl Drop for Mine {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::SeqCst);
        if self.armed {
            self.armed = false;
            fail();
        }
    }
}

/// Four items, the second of which panics in its drop.
fn minefield(dropped: &Arc<AtomicUsize>) -> impl Iterator<Item = Mine> {
    (0..4).map(|i| Mine { armed: i == 1, dropped: dropped.clone() })
}

/// Dropped in a `Vec`, two items that panic would abort the process.
#[test]
fn two_panicking_drops_in_the_last_consumer_do_not_abort() {
    watched(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let (producer, consumer) = bounded(4);
        for i in 0..4 {
            assert!(producer.push(Mine { armed: i == 1 || i == 2, dropped: dropped.clone() }).is_ok());
        }
        assert!(catch_unwind(AssertUnwindSafe(|| drop(consumer))).is_err(), "the first panic propagates");
        assert_eq!(dropped.load(Ordering::SeqCst), 4, "all items are dropped");
        assert!(producer.buffer().is_closed());
    });
}

/// Panics when it is dropped. So does the payload of that panic.
struct Fails(u32);

struct Payload(u32);

impl Drop for Fails {
    fn drop(&mut self) {
        resume_unwind(Box::new(Payload(self.0)));
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        fail();
    }
}

/// No payload is dropped here: its panic would replace the first one, or abort the process.
#[test]
fn the_first_panic_of_a_drop_continues() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        producer.push_all([Fails(1), Fails(2)]).ok().unwrap();
        let payload = catch_unwind(AssertUnwindSafe(|| drop(consumer))).unwrap_err();
        let id = payload.downcast_ref().map(|&Payload(id)| id);
        mem::forget(payload);
        assert_eq!(id, Some(1));

        let (producer, consumer) = bounded(1);
        producer.push(Fails(1)).ok().unwrap();
        let failing = thread::spawn(move || {
            let _consumer = consumer;
            resume_unwind(Box::new("the panic of the thread"));
        });
        let payload = failing.join().unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"the panic of the thread"));
    });
}

#[test]
fn a_panicking_drop_in_a_consumer_that_unwinds_does_not_abort() {
    watched(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let (producer, consumer) = bounded(4);
        minefield(&dropped).for_each(|item| producer.push(item).ok().unwrap());
        let failing = thread::spawn(move || {
            let _consumer = consumer;
            fail();
        });
        assert_eq!(
            failing.join().unwrap_err().downcast_ref(),
            Some(&"on purpose"),
            "the panic of the thread propagates"
        );
        assert_eq!(dropped.load(Ordering::SeqCst), 4, "all items are dropped");
    });
}

#[test]
fn a_panicking_drop_in_the_last_consumer_does_not_stop_the_other_drops() {
    watched(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let (producer, consumer) = bounded(4);
        minefield(&dropped).for_each(|item| producer.push(item).ok().unwrap());
        assert!(catch_unwind(AssertUnwindSafe(|| drop(consumer))).is_err(), "the panic propagates to the caller");
        assert_eq!(dropped.load(Ordering::SeqCst), 4, "the other items are dropped as well");
        assert!(producer.buffer().is_closed());
        assert_eq!(producer.buffer().len(), 0);
        let late = Mine { armed: false, dropped: dropped.clone() };
        assert!(producer.push(late).is_err());
    });
}

#[test]
fn a_panicking_drop_of_a_result_leaves_the_buffer_usable() {
    type Discard = fn(&BoundedBuffer<Mine>, Mine);
    let discards: [(&str, Discard); 4] = [
        ("drain", |buffer, _| drop(buffer.drain())),
        ("try_iter", |buffer, _| buffer.try_iter().for_each(drop)),
        ("try_push", |buffer, mut item| {
            item.armed = true;
            drop(buffer.try_push(item));
        }),
        ("force_push", |buffer, item| {
            drop(buffer.try_pop()); // the next one is armed
            buffer.try_push(item).ok().unwrap();
            let newest = Mine { armed: false, dropped: Arc::default() };
            drop(buffer.force_push(newest));
        }),
    ];
    watched(move || {
        for (name, discard) in discards {
            let dropped = Arc::new(AtomicUsize::new(0));
            let buffer = BoundedBuffer::new(4);
            minefield(&dropped).for_each(|item| buffer.push(item).ok().unwrap());
            let spare = Mine { armed: false, dropped: dropped.clone() };
            assert!(catch_unwind(AssertUnwindSafe(|| discard(&buffer, spare))).is_err(), "{name} panics");

            let mut left = buffer.drain();
            for item in &mut left {
                item.armed = false;
            }
            drop(left);
            assert!(buffer.push(Mine { armed: false, dropped }).is_ok(), "{name}");
            assert!(buffer.pop().is_ok(), "{name}");
            assert_eq!(buffer.try_pop().err(), Some(TryPopError::Empty), "{name}");
        }
    });
}

#[test]
fn a_panicking_drop_in_a_dropped_buffer_does_not_stop_the_other_drops() {
    watched(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let buffer = BoundedBuffer::new(4);
        minefield(&dropped).for_each(|item| buffer.push(item).ok().unwrap());
        assert!(catch_unwind(AssertUnwindSafe(|| drop(buffer))).is_err());
        assert_eq!(dropped.load(Ordering::SeqCst), 4);
    });
}

#[test]
fn a_drop_may_push_while_its_thread_unwinds() {
    struct Last<'a>(&'a BoundedBuffer<&'static str>);
    impl Drop for Last<'_> {
        fn drop(&mut self) {
            assert!(thread::panicking());
            self.0.push("last words").unwrap();
        }
    }
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        thread::scope(|threads| {
            let pop = threads.spawn(|| buffer.pop());
            until_consumers_wait(&buffer, 1);
            let failing = threads.spawn(|| {
                let _last = Last(&buffer);
                fail();
            });
            assert!(failing.join().is_err());
            assert_eq!(pop.join().unwrap(), Ok("last words"));
        });
    });
}
