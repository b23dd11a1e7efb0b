//! Drops of items: each item is dropped once, and not while the lock is held.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, Producer, bounded};

use test_support::{Ledger, until_consumers_wait, watched};

#[test]
fn each_operation_drops_no_item_and_duplicates_none() {
    watched(|| {
        let ledger = Ledger::default();
        let item = |id| ledger.item(id);
        let buffer = BoundedBuffer::new(2);
        drop(buffer.push(item(0)));
        drop(buffer.try_push(item(1)));
        assert_eq!(ledger.live(), 2, "the buffer holds them");
        drop(buffer.try_push(item(2)));
        drop(buffer.push_timeout(item(3), Duration::ZERO));
        assert_eq!(ledger.live(), 2, "a refused item is returned");
        drop(buffer.force_push(item(4)));
        assert_eq!(ledger.live(), 2, "the evicted item is returned");
        drop(buffer.pop());
        assert_eq!(ledger.live(), 1);
        let mut batch: VecDeque<_> = (5..8).map(item).collect();
        assert_eq!(buffer.try_push_many(&mut batch).unwrap(), 1);
        assert_eq!(ledger.live(), 4, "two in the buffer, two still in the deque");
        drop(batch);
        drop(buffer.drain());
        assert_eq!(ledger.live(), 0);
        drop(buffer.push(item(9)));
        drop(buffer.close_and_drain());
        drop(buffer.push(item(10)));
        drop(buffer.force_push(item(11)));
        assert_eq!(ledger.live(), 0);
    });
}

/// A pop moves the item out of its slot. The slot does not keep a copy until the next push.
#[test]
fn a_popped_slot_holds_no_item() {
    watched(|| {
        let ledger = Ledger::default();
        let buffer = BoundedBuffer::new(8);
        buffer.push_many(&mut (0..8).map(|id| ledger.item(id)).collect()).unwrap();
        drop(buffer.pop());
        assert_eq!(ledger.live(), 7);
        drop(buffer.iter().next());
        let mut batch = Vec::new();
        buffer.try_pop_many(&mut batch, 3).unwrap();
        drop(batch);
        assert_eq!(ledger.live(), 3);
    });
}

#[test]
fn a_dropped_buffer_drops_its_items() {
    watched(|| {
        for head in 0..4 {
            let ledger = Ledger::default();
            let buffer = BoundedBuffer::new(4);
            for id in 0..head {
                drop(buffer.push(ledger.item(id)));
                drop(buffer.pop());
            }
            buffer.push_many(&mut (0..3).map(|id| ledger.item(id)).collect()).unwrap();
            assert_eq!(ledger.live(), 3);
            drop(buffer);
            assert_eq!(ledger.live(), 0);
        }
    });
}

#[test]
fn the_last_consumer_drops_the_remaining_items_although_a_producer_exists() {
    watched(|| {
        let ledger = Ledger::default();
        let (producer, consumer) = bounded(4);
        producer.push_many(&mut (0..3).map(|id| ledger.item(id)).collect()).unwrap();
        let other = consumer.clone();
        drop(consumer);
        assert_eq!(ledger.live(), 3, "another consumer may still pop them");
        drop(other);
        assert_eq!(ledger.live(), 0);
        drop(producer.push(ledger.item(9)));
        assert_eq!((ledger.live(), producer.buffer().len()), (0, 0));
    });
}

/// An item whose `Drop` uses the buffer that contained it. This deadlocks if the buffer drops it while holding the lock.
struct CallsBack {
    /// Empty if the drop of this item is not to use the buffer: the items that a drop pops and creates would recurse.
    buffer: Weak<BoundedBuffer<CallsBack>>,
    calls: Arc<AtomicUsize>,
}

impl Drop for CallsBack {
    fn drop(&mut self) {
        if let Some(buffer) = std::mem::take(&mut self.buffer).upgrade() {
            assert!(buffer.len() <= buffer.capacity());
            assert!(!buffer.is_full() || format!("{buffer:?}").contains("len"));
            if let Ok(mut taken) = buffer.try_pop() {
                taken.buffer = Weak::new();
            }
            let inert = CallsBack { buffer: Weak::new(), calls: self.calls.clone() };
            assert_eq!(buffer.try_push(inert).is_err(), buffer.is_closed(), "a slot was free");
            self.calls.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[test]
fn the_drop_of_an_item_may_use_the_buffer_after_each_operation() {
    type Operation = fn(&BoundedBuffer<CallsBack>, &dyn Fn() -> CallsBack);
    // Each begins with two items in two slots, and drops at least one item that an operation returned.
    let operations: [(&str, Operation); 18] = [
        ("pop", |buffer, _| drop(buffer.pop())),
        ("try_pop", |buffer, _| drop(buffer.try_pop())),
        ("pop_timeout", |buffer, _| drop(buffer.pop_timeout(Duration::ZERO))),
        ("pop_many", |buffer, _| assert!(buffer.pop_many(&mut Vec::new(), 2).is_ok())),
        ("try_pop_many", |buffer, _| assert!(buffer.try_pop_many(&mut Vec::new(), 2).is_ok())),
        ("pop_batch", |buffer, _| assert!(buffer.pop_batch(&mut Vec::new(), 2, Duration::ZERO).is_ok())),
        ("iter", |buffer, _| drop(buffer.iter().next())),
        ("try_iter", |buffer, _| buffer.try_iter().for_each(drop)),
        ("drain", |buffer, _| drop(buffer.drain())),
        ("close_and_drain", |buffer, _| drop(buffer.close_and_drain())),
        ("force_push, evicting", |buffer, item| drop(buffer.force_push(item()))),
        ("try_push, full", |buffer, item| drop(buffer.try_push(item()))),
        ("push_timeout, full", |buffer, item| drop(buffer.push_timeout(item(), Duration::ZERO))),
        ("try_push_many, full", |buffer, item| assert!(buffer.try_push_many(&mut [item()].into()).is_err())),
        ("push, closed", |buffer, item| {
            buffer.close();
            drop(buffer.push(item()));
        }),
        ("try_push, closed", |buffer, item| {
            buffer.close();
            drop(buffer.try_push(item()));
        }),
        ("force_push, closed", |buffer, item| {
            buffer.close();
            drop(buffer.force_push(item()));
        }),
        ("push_many, closed", |buffer, item| {
            buffer.close();
            assert!(buffer.push_many(&mut [item(), item()].into()).is_err());
        }),
    ];
    watched(move || {
        for (name, operation) in operations {
            println!("{name}"); // libtest prints this if the test fails
            let calls = Arc::new(AtomicUsize::new(0));
            let buffer = Arc::new(BoundedBuffer::new(2));
            let item = || CallsBack { buffer: Arc::downgrade(&buffer), calls: calls.clone() };
            buffer.try_push(item()).ok().unwrap();
            buffer.try_push(item()).ok().unwrap();
            operation(&buffer, &item);
            assert!(calls.load(Ordering::SeqCst) > 0, "{name}: the item was dropped");
        }
    });
}

/// An item that holds a producer of its own buffer. Its drop pushes an answer.
struct Message {
    home: Option<Producer<Message>>,
    seen: Arc<AtomicUsize>,
}

impl Drop for Message {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            let answer = Message { home: None, seen: self.seen.clone() };
            assert!(home.try_push(answer).is_err_and(|error| error.is_closed()), "no consumer is left");
            self.seen.fetch_add(home.buffer().len() + 1, Ordering::SeqCst);
        }
    }
}

/// Here the library drops items itself while other threads may use the buffer.
#[test]
fn items_dropped_with_the_last_consumer_may_use_the_buffer() {
    watched(|| {
        let seen = Arc::new(AtomicUsize::new(0));
        let (producer, consumer) = bounded(3);
        for _ in 0..3 {
            assert!(producer.push(Message { home: Some(producer.clone()), seen: seen.clone() }).is_ok());
        }
        drop(consumer);
        assert_eq!(seen.load(Ordering::SeqCst), 3, "three drops, and the buffer was empty in each");
    });
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
        let mut asks = Asks(consumer.buffer(), 0);
        write!(
            asks,
            "{:?} {producer:?} {consumer:?} {:?} {:?}",
            producer.buffer(),
            consumer.iter(),
            consumer.try_iter()
        )
        .unwrap();
        assert!(asks.1 > 0);
    });
}

#[test]
fn the_body_of_a_for_loop_may_use_the_buffer() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        buffer.push(3).unwrap();
        let mut seen = Vec::new();
        for item in &buffer {
            seen.push(item);
            if item == 0 {
                buffer.close();
            } else {
                buffer.push(item - 1).unwrap();
            }
        }
        assert_eq!(seen, [3, 2, 1, 0]);
    });
}

/// Some items are refused, some are evicted, and some remain when the last consumer is dropped.
#[test]
fn concurrent_operations_drop_each_item_once() {
    watched(|| {
        let ledger = Ledger::default();
        let (producer, consumer) = bounded(3);
        thread::scope(|threads| {
            let ledger = &ledger;
            for id in 0..3 {
                let producer = producer.clone();
                threads.spawn(move || {
                    for round in 0..500 {
                        drop(match (round + id) % 3 {
                            0 => producer.push(ledger.item(id)).err().map(bounded_buffer::PushError::into_inner),
                            1 => producer.try_push(ledger.item(id)).err().map(bounded_buffer::TryPushError::into_inner),
                            _ => producer.force_push(ledger.item(id)).unwrap_or_else(|error| Some(error.into_inner())),
                        });
                    }
                });
            }
            for count in [200, 300] {
                let consumer = consumer.clone();
                threads.spawn(move || consumer.iter().take(count).for_each(drop));
            }
            let waits = threads.spawn(move || drop(consumer.pop()));
            waits.join().unwrap();
        });
        assert!(producer.buffer().is_closed(), "the last consumer was dropped");
        assert_eq!(ledger.live(), 0);
        assert_eq!(producer.buffer().len(), 0);
    });
}

#[test]
fn a_popped_item_outlives_the_buffer() {
    watched(|| {
        let ledger = Ledger::default();
        let (producer, consumer) = bounded(1);
        let item = thread::scope(|threads| {
            let pop = threads.spawn(move || consumer.pop().unwrap());
            until_consumers_wait(producer.buffer(), 1);
            producer.push(ledger.item(7)).unwrap();
            pop.join().unwrap()
        });
        drop(producer);
        assert_eq!((item.id, ledger.live()), (7, 1));
    });
}
