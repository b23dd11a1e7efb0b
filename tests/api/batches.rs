//! What batches and iterators take, keep and drop. How they wait is tested in `waits.rs`.

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, WaitStrategy, bounded};

use test_support::{Ledger, full, watched};

#[test]
fn iter_many_takes_at_most_the_maximum_and_yields_in_order() {
    watched(|| {
        let buffer = full(8, WaitStrategy::Park);
        buffer.close();
        let mut items = buffer.iter_many(3);
        for (item, left, in_hand) in [(0, 5, 2), (1, 5, 1), (2, 5, 0), (3, 2, 2)] {
            assert_eq!(items.next(), Some(item));
            assert_eq!((buffer.len(), items.size_hint()), (left, (in_hand, None)));
        }
        assert_eq!(items.by_ref().collect::<Vec<_>>(), [4, 5, 6, 7]);
        assert_eq!((items.next(), items.next()), (None, None), "fused");
    });
}

#[test]
fn an_iterator_that_owns_its_consumer_ends_like_the_one_that_borrows_it() {
    watched(|| {
        let (producer, consumer) = bounded(4);
        producer.push_all([1, 2, 3]).unwrap();
        let mut many = consumer.clone().into_iter_many(2);
        assert_eq!((many.next(), many.size_hint()), (Some(1), (1, None)));
        assert!(format!("{many:?}").starts_with("IntoIterMany { buffer: BoundedBuffer { len: 1,"), "{many:?}");
        assert_eq!(many.next(), Some(2));
        let mut items = consumer.into_iter();
        assert_eq!(items.next(), Some(3));
        drop(producer);
        assert_eq!((many.next(), items.next()), (None, None));
    });
}

#[test]
fn a_dropped_iterator_drops_what_it_has_taken_and_the_consumer_that_it_owns() {
    watched(|| {
        let ledger = Ledger::default();
        let (producer, consumer) = bounded(4);
        producer.push_all((0..4).map(|id| ledger.item(id))).unwrap();
        let mut many = consumer.iter_many(2);
        drop(many.next());
        assert_eq!(ledger.live(), 3);
        drop(many);
        assert_eq!((ledger.live(), producer.len()), (2, 2), "the others are in the buffer");
        let mut items = consumer.into_iter();
        let third = items.next().unwrap();
        assert_eq!((third.id, producer.len()), (2, 1));
        drop(items);
        assert_eq!(ledger.live(), 1);
        assert!(producer.is_closed());
    });
}

/// `try_iter` returns `None` while the buffer is empty, and items again later.
#[test]
fn try_iter_is_not_fused() {
    watched(|| {
        let buffer = full(2, WaitStrategy::Park);
        let mut items = buffer.try_iter();
        assert_eq!((items.next(), items.next(), items.next()), (Some(0), Some(1), None));
        buffer.push(2).unwrap();
        assert_eq!(items.next(), Some(2));
        buffer.close();
        assert_eq!((items.next(), items.next()), (None, None));
    });
}

/// A loop over such batches would run forever and take nothing.
#[test]
fn a_batch_of_at_most_no_item_panics() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let panics = |pop: fn(&BoundedBuffer<u8>)| {
            assert!(catch_unwind(|| pop(&buffer)).is_err());
        };
        panics(|buffer| _ = buffer.pop_many(&mut Vec::new(), 0));
        panics(|buffer| _ = buffer.try_pop_many(&mut Vec::new(), 0));
        panics(|buffer| _ = buffer.pop_many_timeout(&mut Vec::new(), 0, Duration::MAX));
        panics(|buffer| _ = buffer.pop_many_deadline(&mut Vec::new(), 0, Instant::now()));
        panics(|buffer| _ = buffer.pop_batch(&mut Vec::new(), 0, Duration::MAX));
        panics(|buffer| _ = buffer.pop_batch_timeout(&mut Vec::new(), 0, Duration::MAX, Duration::MAX));
        panics(|buffer| drop(buffer.pop_many_async(&mut Vec::new(), 0)));
        panics(|buffer| drop(buffer.iter_many(0)));
        assert!(catch_unwind(|| drop(bounded::<u8>(1).1.into_iter_many(0))).is_err());
        assert_eq!(buffer.try_push(1), Ok(()), "the buffer is usable");
    });
}
