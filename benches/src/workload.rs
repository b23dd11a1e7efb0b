//! The runs: producers push and consumers pop, with or without work in between. The workers measure the time.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{Producer, bounded};
use results::Shape;

use crate::processor::thread_time;
use crate::work::Work;
use crate::{Channel, Item};

/// The load of one run.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub shape: Shape,
    pub work: Work,
    pub items: u64,
}

impl Load {
    /// With the items rounded up to a multiple of the producers and of the consumers.
    pub fn new(shape: Shape, work: Work, items: u64) -> Self {
        Self { shape, work, items: items.next_multiple_of((shape.producers * shape.consumers) as u64) }
    }

    pub fn items_per_producer(self) -> u64 {
        self.items / self.shape.producers as u64
    }

    pub fn items_per_consumer(self) -> u64 {
        self.items / self.shape.consumers as u64
    }
}

/// The times of one run.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// From the first start of a worker to the last end.
    pub wall: Duration,
    /// The processor time of all workers.
    pub processor: Duration,
}

/// Producers push and consumers pop single items; `None` if the channel cannot have so many receivers.
pub fn single_items<T: Item, C: Channel<T>>(load: Load) -> Option<Took> {
    let (sender, receivers) = C::open(load.shape.capacity, load.shape.consumers)?;
    let mut workers: Vec<Worker<'_>> = Vec::new();
    for sender in vec![sender; load.shape.producers] {
        workers.push(Box::new(move || {
            for id in 0..load.items_per_producer() {
                load.work.before_push.run();
                C::push(&sender, T::new(id));
            }
        }));
    }
    for receiver in receivers {
        workers.push(Box::new(move || {
            for _ in 0..load.items_per_consumer() {
                black_box(C::pop(&receiver).id());
                load.work.after_pop.run();
            }
        }));
    }
    Some(time(workers))
}

/// The same on this crate's buffer: a producer pushes `push` items per call, a consumer iterates with `iter_many(pop)`.
///
/// Consumers run until the buffer is closed and drained, because the number of items of each is not fixed.
pub fn batches<T: Item>(load: Load, push: usize, pop: usize) -> Took {
    let (producer, consumer) = bounded::<T>(load.shape.capacity);
    let mut workers: Vec<Worker<'_>> = Vec::new();
    for producer in vec![producer; load.shape.producers] {
        workers.push(if push == 1 {
            Box::new(move || push_single_items(load, &producer))
        } else {
            Box::new(move || push_batches(load, &producer, push))
        });
    }
    for consumer in vec![consumer; load.shape.consumers] {
        workers.push(Box::new(move || {
            for item in consumer.iter_many(pop) {
                black_box(item.id());
                load.work.after_pop.run();
            }
        }));
    }
    time(workers)
}

fn push_single_items<T: Item>(load: Load, producer: &Producer<T>) {
    for id in 0..load.items_per_producer() {
        load.work.before_push.run();
        assert!(producer.push(T::new(id)).is_ok(), "the consumers outlive the producers");
    }
}

fn push_batches<T: Item>(load: Load, producer: &Producer<T>, size: usize) {
    let mut batch = VecDeque::with_capacity(size);
    let mut ids = 0..load.items_per_producer();
    while !ids.is_empty() {
        for id in ids.by_ref().take(size) {
            load.work.before_push.run();
            batch.push_back(T::new(id));
        }
        producer.push_many(&mut batch).expect("the consumers outlive the producers");
    }
}

type Worker<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Runs each in a thread. The workers read the clock themselves: a main thread that is scheduled late would measure too little.
fn time(workers: Vec<Worker<'_>>) -> Took {
    let start = Barrier::new(workers.len());
    let times: Vec<_> = thread::scope(|threads| {
        let handles: Vec<_> = workers
            .into_iter()
            .map(|work| {
                let start = &start;
                threads.spawn(move || {
                    start.wait();
                    let processor = thread_time();
                    let begin = Instant::now();
                    work();
                    let end = Instant::now();
                    (begin, end, thread_time().saturating_sub(processor))
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().expect("a worker panicked")).collect()
    });
    let begin = times.iter().map(|time| time.0).min().expect("there are workers");
    let end = times.iter().map(|time| time.1).max().expect("there are workers");
    Took { wall: end - begin, processor: times.iter().map(|time| time.2).sum() }
}
