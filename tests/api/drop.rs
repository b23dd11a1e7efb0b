//! Where items end: each is dropped once, nowhere under the lock, and none is stranded.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, Producer, bounded};

use crate::support::{Ledger, until_consumers_wait, watched};

#[test]
fn every_item_is_dropped_once_whatever_way_it_left() {
    watched(|| {
        let ledger = Ledger::default();
        let item = |id| ledger.item(id);
        let buffer = BoundedBuffer::new(2);
        drop(buffer.push(item(0)));
        drop(buffer.try_push(item(1)));
        assert_eq!(ledger.live(), 2, "the buffer holds them");
        drop(buffer.try_push(item(2)));
        drop(buffer.push_timeout(item(3), Duration::ZERO));
        assert_eq!(ledger.live(), 2, "a refused item came back");
        drop(buffer.force_push(item(4)));
        assert_eq!(ledger.live(), 2, "the evicted item came back");
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

/// What a slot held is gone when it is taken, not when the slot is written again.
#[test]
fn a_taken_slot_keeps_nothing() {
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
}

#[test]
fn a_dropped_buffer_drops_what_was_left() {
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
}

#[test]
fn the_last_consumer_drops_what_was_left_although_a_producer_lives() {
    let ledger = Ledger::default();
    let (producer, consumer) = bounded(4);
    producer.push_many(&mut (0..3).map(|id| ledger.item(id)).collect()).unwrap();
    let other = consumer.clone();
    drop(consumer);
    assert_eq!(ledger.live(), 3, "somebody may still take them");
    drop(other);
    assert_eq!(ledger.live(), 0);
    drop(producer.push(ledger.item(9)));
    assert_eq!((ledger.live(), producer.buffer().len()), (0, 0));
}

/// An item that uses, as it is dropped, the buffer it came from. Under the lock that would never return.
struct CallsBack {
    /// Empty in an item that is to end in silence: what a drop takes and makes would else call back in turn, without end.
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
            let silent = CallsBack { buffer: Weak::new(), calls: self.calls.clone() };
            assert_eq!(buffer.try_push(silent).is_err(), buffer.is_closed(), "a slot was free");
            self.calls.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[test]
fn an_item_may_use_its_buffer_from_its_drop_on_every_way_out() {
    type Way = fn(&BoundedBuffer<CallsBack>, &dyn Fn() -> CallsBack);
    // Each starts with two items in two slots, and drops at least one in the very expression that got it back.
    let ways: [(&str, Way); 18] = [
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
        for (name, way) in ways {
            println!("{name}"); // shown if the test fails
            let calls = Arc::new(AtomicUsize::new(0));
            let buffer = Arc::new(BoundedBuffer::new(2));
            let item = || CallsBack { buffer: Arc::downgrade(&buffer), calls: calls.clone() };
            buffer.try_push(item()).ok().unwrap();
            buffer.try_push(item()).ok().unwrap();
            way(&buffer, &item);
            assert!(calls.load(Ordering::SeqCst) > 0, "{name}: the item was dropped");
        }
    });
}

/// Holds the producing end of the buffer that it lies in, and tries to answer as it is dropped.
struct Message {
    home: Option<Producer<Message>>,
    seen: Arc<AtomicUsize>,
}

impl Drop for Message {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            let answer = Message { home: None, seen: self.seen.clone() };
            assert!(home.try_push(answer).is_err_and(|error| error.is_closed()), "nobody is left to read it");
            self.seen.fetch_add(home.buffer().len() + 1, Ordering::SeqCst);
        }
    }
}

/// The one place where the library itself drops items while others may look on.
#[test]
fn what_the_last_consumer_drops_may_use_the_buffer() {
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

/// Formatting is the user's code as well: here, a writer that asks the buffer back.
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
fn the_body_of_a_range_may_use_the_buffer() {
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

/// Items that cross threads are dropped once, too, when some are refused, some evicted and some left over.
#[test]
fn nothing_leaks_and_nothing_is_dropped_twice_between_threads() {
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
            for takes in [200, 300] {
                let consumer = consumer.clone();
                threads.spawn(move || consumer.iter().take(takes).for_each(drop));
            }
            let waits = threads.spawn(move || drop(consumer.pop()));
            waits.join().unwrap();
        });
        assert!(producer.buffer().is_closed(), "the last consumer is gone");
        assert_eq!(ledger.live(), 0);
        assert_eq!(producer.buffer().len(), 0);
    });
}

/// An item that waits in a consumer's hands is not in the buffer: dropping the buffer's handles leaves it alone.
#[test]
fn an_item_handed_over_outlives_the_buffer() {
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
