//! First in, first out, with several producers and consumers: each item arrives once, and the items of each producer arrive in its
//! order. Items without a size are counted.

use std::collections::VecDeque;
use std::iter;
use std::thread;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, PopTimeoutError, PushTimeoutError, TryPopError, WaitStrategy};

use test_support::with_each_strategy;

/// The producer and the number of an item.
type Item = (usize, usize);

/// Items of each producer. Few, because next to busy threads each wait can last as long as a yield, several milliseconds.
const ITEMS: usize = 150;
const SHAPES: [(usize, usize); 4] = [(1, 1), (4, 1), (1, 4), (4, 4)];
const CAPACITIES: [usize; 4] = [1, 2, 5, 64];

/// The item's number selects one of so many kinds of operations.
fn produce(buffer: &BoundedBuffer<Item>, producer: usize, kinds: usize) {
    let mut items = (0..ITEMS).map(|number| (producer, number));
    while let Some(item) = items.next() {
        let number = item.1;
        match number % kinds {
            0 => buffer.push(item).unwrap(),
            1 => {
                let mut batch = iter::once(item).chain(items.by_ref().take(number % 7)).collect();
                buffer.push_many(&mut batch).unwrap();
            }
            _ => {
                let timeout = Duration::from_micros(number as u64 % 50);
                while buffer.push_timeout(item, timeout) == Err(PushTimeoutError::Timeout(item)) {}
            }
        }
    }
}

/// Pops until the buffer is closed and drained.
fn consume(buffer: &BoundedBuffer<Item>, kinds: u64) -> Vec<Item> {
    let mut taken = Vec::new();
    for turn in 0.. {
        let end = match (turn % kinds, turn / kinds % 4) {
            (0, _) => buffer.pop().map(|item| taken.push(item)).is_err(),
            (1, 0) => buffer.pop_batch(&mut taken, 8, Duration::from_micros(20)).is_err(),
            (1, 1) => buffer.try_pop_many(&mut taken, 3) == Err(TryPopError::Closed),
            (1, 2) => {
                taken.extend(buffer.drain());
                false
            }
            (1, _) => buffer.pop_many(&mut taken, 5).is_err(),
            _ => {
                let result = buffer.pop_timeout(Duration::from_micros(turn % 50));
                result.map(|item| taken.push(item)) == Err(PopTimeoutError::Closed)
            }
        };
        if end {
            break;
        }
    }
    taken
}

fn run((producers, consumers): (usize, usize), capacity: usize, strategy: WaitStrategy, kinds: u8) {
    println!("{producers} to {consumers}, capacity {capacity}, {kinds} kinds of operations");
    let buffer = &BoundedBuffer::with_wait_strategy(capacity, strategy);
    let taken: Vec<Vec<Item>> = thread::scope(|threads| {
        let consumers: Vec<_> = (0..consumers).map(|_| threads.spawn(move || consume(buffer, kinds.into()))).collect();
        let producers: Vec<_> =
            (0..producers).map(|id| threads.spawn(move || produce(buffer, id, kinds.into()))).collect();
        for producer in producers {
            producer.join().unwrap();
        }
        buffer.close();
        consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect()
    });

    for items in &taken {
        for producer in 0..producers {
            let numbers = items.iter().filter(|item| item.0 == producer).map(|item| item.1);
            assert!(
                numbers.is_sorted_by(|a, b| a < b),
                "a consumer received the items of producer {producer} out of order"
            );
        }
    }
    let mut all = taken.concat();
    all.sort_unstable();
    let expected = (0..producers).flat_map(|producer| (0..ITEMS).map(move |number| (producer, number)));
    assert!(all.into_iter().eq(expected), "an item was lost or delivered twice");

    let stats = buffer.stats();
    assert_eq!((stats.pushed, stats.popped), ((producers * ITEMS) as u64, (producers * ITEMS) as u64));
    assert_eq!((stats.evicted, stats.waiting_producers, stats.waiting_consumers), (0, 0, 0));
    assert!((1..=capacity).contains(&stats.high_water));
}

/// Single items, then also batches, then also time-outs.
#[test]
fn items_arrive_once_and_in_order_per_producer() {
    with_each_strategy(|strategy| {
        for kinds in 1..=3 {
            for shape in SHAPES {
                for capacity in CAPACITIES {
                    run(shape, capacity, strategy, kinds);
                }
            }
        }
    });
}

#[test]
fn zero_sized_items_are_counted() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(3, strategy);
        thread::scope(|threads| {
            threads.spawn(|| {
                (0..500).for_each(|_| buffer.push(()).unwrap());
                buffer.push_many(&mut VecDeque::from([(); 500])).unwrap();
                buffer.close();
            });
            let mut taken = Vec::new();
            while buffer.pop_many(&mut taken, usize::MAX).is_ok() {}
            assert_eq!(taken.len(), 1000);
        });
        assert_eq!(buffer.stats().popped, 1000);
        assert!(buffer.stats().high_water <= 3);
    });
}
