//! `iter_many`: items one by one, several of them under one lock acquisition.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;

use bounded_buffer::{BoundedBuffer, bounded};

use test_support::{until_consumers_wait, watched, with_each_strategy};

fn buffer_of(items: std::ops::Range<u32>) -> BoundedBuffer<u32> {
    let buffer = BoundedBuffer::new(8);
    buffer.push_many(&mut items.collect()).unwrap();
    buffer
}

#[test]
fn it_takes_at_most_the_maximum_and_yields_in_order() {
    watched(|| {
        let buffer = buffer_of(0..8);
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
fn it_blocks_for_the_first_item_and_ends_with_the_close() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        thread::scope(|threads| {
            let consumer = threads.spawn(|| buffer.iter_many(2).collect::<Vec<_>>());
            until_consumers_wait(&buffer, 1);
            buffer.push_many(&mut VecDeque::from([1, 2, 3])).unwrap();
            until_consumers_wait(&buffer, 1);
            buffer.close();
            assert_eq!(consumer.join().unwrap(), [1, 2, 3]);
        });
    });
}

#[test]
fn dropping_it_drops_the_taken_items_only() {
    watched(|| {
        let item = Arc::new(());
        let buffer = BoundedBuffer::new(4);
        buffer.push_many(&mut (0..4).map(|_| item.clone()).collect()).unwrap();
        let mut items = buffer.iter_many(3);
        drop(items.next());
        assert_eq!(Arc::strong_count(&item), 4, "one was dropped");
        drop(items);
        assert_eq!(Arc::strong_count(&item), 2, "one is in the buffer");
    });
}

#[test]
fn several_consumers_get_each_item_once() {
    watched(|| {
        let (producer, consumer) = bounded(5);
        let consumers = [consumer.clone(), consumer].map(|consumer| {
            thread::spawn(move || {
                let items: Vec<u32> = consumer.iter_many(3).collect();
                assert!(items.is_sorted());
                items
            })
        });
        (0..1000).for_each(|item| producer.push(item).unwrap());
        drop(producer);
        let mut all: Vec<_> = consumers.into_iter().flat_map(|consumer| consumer.join().unwrap()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
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
