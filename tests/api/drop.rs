//! Drops of items, and panics in code of the user: each item is dropped once, not while the lock is held, and the buffer stays
//! usable.

use std::any::Any;
use std::fmt::{self, Write};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bounded_buffer::{BoundedBuffer, Consumer, bounded};

use test_support::watched;

/// Panics without calling the panic hook: an expected panic prints nothing.
fn fail() -> ! {
    resume_unwind(Box::new("on purpose"))
}

/// Formatting runs user code: here, a writer that calls the buffer.
#[test]
fn debug_holds_no_lock_while_it_writes() {
    struct Asks<'a>(&'a BoundedBuffer<u8>, usize);
    impl Write for Asks<'_> {
        fn write_str(&mut self, _: &str) -> fmt::Result {
            self.1 += self.0.len();
            Ok(())
        }
    }
    watched(|| {
        let (producer, consumer) = bounded(2);
        producer.push(1).unwrap();
        let (buffer, iter, try_iter) = (consumer.buffer(), consumer.iter(), consumer.try_iter());
        let mut asks = Asks(buffer, 0);
        write!(asks, "{buffer:?} {producer:?} {consumer:?} {iter:?} {try_iter:?}").unwrap();
        assert!(asks.1 > 0);
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
        if mem::take(&mut self.armed) {
            fail();
        }
    }
}

/// Pushes four items, of which these panic in their drop.
fn push_mines(buffer: &BoundedBuffer<Mine>, armed: &[usize]) -> Arc<AtomicUsize> {
    let dropped = Arc::new(AtomicUsize::new(0));
    for i in 0..4 {
        assert!(buffer.push(Mine { armed: armed.contains(&i), dropped: dropped.clone() }).is_ok());
    }
    dropped
}

/// Drops the last consumer, also while its thread unwinds. Returns the panic.
fn drop_last<T>(consumer: Consumer<T>, unwinds: bool) -> Box<dyn Any + Send> {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let _consumer = consumer;
        if unwinds {
            resume_unwind(Box::new("the panic of the thread"));
        }
    }));
    result.expect_err("an item panics in its drop")
}

/// Dropped in a `Vec`, two items that panic would abort the process.
#[test]
fn a_panicking_drop_in_the_last_consumer_does_not_stop_the_other_drops() {
    watched(|| {
        for (armed, unwinds) in [(&[1][..], false), (&[1, 2], false), (&[1], true), (&[1, 2], true)] {
            let (producer, consumer) = bounded(4);
            let dropped = push_mines(producer.buffer(), armed);
            let panic = drop_last(consumer, unwinds);
            let expected = if unwinds { "the panic of the thread" } else { "on purpose" };
            assert_eq!(panic.downcast_ref(), Some(&expected));
            assert_eq!(dropped.load(Ordering::SeqCst), 4, "all items are dropped");
            assert!(producer.is_closed() && producer.is_empty());
            assert!(producer.push(Mine { armed: false, dropped }).is_err());
        }
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
        let payload = drop_last(consumer, false);
        let id = payload.downcast_ref().map(|&Payload(id)| id);
        mem::forget(payload);
        assert_eq!(id, Some(1));

        let (producer, consumer) = bounded(1);
        producer.push(Fails(1)).ok().unwrap();
        assert_eq!(drop_last(consumer, true).downcast_ref(), Some(&"the panic of the thread"));
    });
}

#[test]
fn a_panicking_drop_in_a_dropped_buffer_does_not_stop_the_other_drops() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        let dropped = push_mines(&buffer, &[1]);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(buffer))).is_err());
        assert_eq!(dropped.load(Ordering::SeqCst), 4);
    });
}

/// The iterator runs before the lock is taken: it may use the buffer, and if it panics, nothing was pushed.
#[test]
fn the_iterator_of_a_batch_may_use_the_buffer_and_panic() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        assert_eq!(buffer.push_all((0..2).inspect(|_| assert!(buffer.is_empty()))), Ok(2));
        assert_eq!(buffer.push_all(None), Ok(0));
        let panics = || buffer.push_all([2, 3].into_iter().inspect(|&item| assert_ne!(item, 3)));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(buffer.drain(), [0, 1]);
    });
}
