//! What is run: some producers push, some consumers pop, and the workers take the time.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::BoundedBuffer;

use super::{Channel, Item, Receiver, Sender};

/// A cell of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) capacity: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
}

impl Shape {
    /// `items`, or a little more: as many for each producer, and as many for each consumer.
    pub(crate) fn round(self, items: u64) -> u64 {
        items.next_multiple_of((self.producers * self.consumers) as u64)
    }

    /// How many of them each producer pushes and each consumer pops.
    fn shares(self, items: u64) -> (u64, u64) {
        let items = self.round(items);
        (items / self.producers as u64, items / self.consumers as u64)
    }
}

/// Several producers, one consumer: every channel can.
pub(crate) fn one_consumer<T: Item, C: Channel<T>>(shape: Shape, items: u64) -> Duration {
    assert_eq!(shape.consumers, 1);
    let (sender, receiver) = C::open(shape.capacity);
    run(shape, items, sender, vec![receiver])
}

/// Several producers, several consumers: for channels whose receiver can be cloned.
pub(crate) fn many_consumers<T: Item, C: Channel<T>>(shape: Shape, items: u64) -> Duration
where
    C::Receiver: Clone,
{
    let (sender, receiver) = C::open(shape.capacity);
    run(shape, items, sender, vec![receiver; shape.consumers])
}

fn run<T: Item, S, R>(shape: Shape, items: u64, sender: S, receivers: Vec<R>) -> Duration
where
    S: Sender<T> + Clone + 'static,
    R: Receiver<T> + 'static,
{
    let (to_push, to_pop) = shape.shares(items);
    let mut workers: Vec<Work<'_>> = Vec::new();
    for sender in vec![sender; shape.producers] {
        workers.push(Box::new(move || (0..to_push).for_each(|id| sender.push(T::new(id)))));
    }
    for receiver in receivers {
        workers.push(Box::new(move || (0..to_pop).for_each(|_| _ = black_box(receiver.pop().id()))));
    }
    time(workers)
}

/// The same on this crate's buffer, moving at most `size` items a call.
pub(crate) fn batches<T: Item>(shape: Shape, items: u64, size: usize) -> Duration {
    let buffer = BoundedBuffer::<T>::new(shape.capacity);
    let (to_push, to_pop) = shape.shares(items);
    let push = || {
        let mut batch = VecDeque::with_capacity(size);
        let mut ids = 0..to_push;
        while !ids.is_empty() {
            batch.extend(ids.by_ref().take(size).map(T::new));
            buffer.push_many(&mut batch).expect("nobody closes it");
        }
    };
    let pop = || {
        let mut batch = Vec::with_capacity(size);
        let mut left = usize::try_from(to_pop).expect("so many could not be run");
        while left > 0 {
            left -= buffer.pop_many(&mut batch, size.min(left)).expect("nobody closes it");
            batch.drain(..).for_each(|item| _ = black_box(item.id()));
        }
    };
    let mut workers: Vec<Work<'_>> = Vec::new();
    (0..shape.producers).for_each(|_| workers.push(Box::new(push)));
    (0..shape.consumers).for_each(|_| workers.push(Box::new(pop)));
    time(workers)
}

type Work<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Runs each in a thread and returns the time from the first start to the last end, by the workers' own clocks: a main
/// thread that is scheduled late would measure too little.
fn time(workers: Vec<Work<'_>>) -> Duration {
    let start = Barrier::new(workers.len());
    let times: Vec<_> = thread::scope(|threads| {
        let handles: Vec<_> = workers
            .into_iter()
            .map(|work| {
                let start = &start;
                threads.spawn(move || {
                    start.wait();
                    let begin = Instant::now();
                    work();
                    (begin, Instant::now())
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().expect("a worker panicked")).collect()
    });
    let begin = times.iter().map(|time| time.0).min().expect("there are workers");
    let end = times.iter().map(|time| time.1).max().expect("there are workers");
    end - begin
}
