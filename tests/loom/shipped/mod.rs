//! Models of the shipped buffer. Each is named after its property and uses the smallest configuration that can violate it.
//!
//! A lost wake-up is a deadlock, which loom reports, so a model without assertions checks that all its threads end. The
//! models of `spinning` and `handles` use the default wait strategy. The others park without spinning, because the spin
//! multiplies the schedules; those about waking and waiting run once more with the default strategy and fewer preemptions.

mod batches;
mod cancelling;
mod closed;
mod closing;
mod handles;
mod items;
mod lingering;
mod nested_wakers;
mod spinning;
mod task_batches;
mod tasks;
mod timing;
mod waking;

use std::collections::VecDeque;
use std::ops::Deref;
use std::task::Poll;
use std::time::Duration;

use bounded_buffer::{
    BoundedBuffer, PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError,
};
use bounded_buffer_model::record;
use linearizability::task::{block_on, poll};
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

use crate::harness::{Model, of, strategy};

/// With two preemptions and the default strategy, these take minutes.
const ONLY_PARK: [&str; 2] =
    ["two_producers_and_two_consumers_on_one_slot_end", "two_lingering_consumers_and_a_producer_on_one_slot_end"];

pub(crate) fn models() -> Vec<Model> {
    let with_both = [
        of("shipped::batches", batches::MODELS),
        of("shipped::cancelling", cancelling::MODELS),
        of("shipped::closed", closed::MODELS),
        of("shipped::closing", closing::MODELS),
        of("shipped::lingering", lingering::MODELS),
        of("shipped::task_batches", task_batches::MODELS),
        of("shipped::tasks", tasks::MODELS),
        of("shipped::timing", timing::MODELS),
        of("shipped::waking", waking::MODELS),
    ];
    let with_one = [
        of("shipped::handles", handles::MODELS),
        of("shipped::items", items::MODELS),
        of("shipped::nested_wakers", nested_wakers::MODELS),
        of("shipped::spinning", spinning::MODELS),
    ];
    let spinning = |model: Model| if ONLY_PARK.contains(&model.split().0) { model } else { model.spinning() };
    with_both.concat().into_iter().map(spinning).chain(with_one.concat()).map(Model::compared).collect()
}

/// The shipped buffer. Notes the calls of the most common operations in the timeline of a failure.
struct Buffer(BoundedBuffer<u32>);

/// No thread and no future uses it any more, so each model checks that no waiter is left in a count.
impl Drop for Buffer {
    fn drop(&mut self) {
        let stats = self.0.stats();
        assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0), "waiters that are counted");
    }
}

impl Deref for Buffer {
    type Target = BoundedBuffer<u32>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

macro_rules! noted {
    ($($call:ident($($argument:ident: $type:ty),*) -> $result:ty;)+) => {
        impl Buffer {
            $(
                fn $call(&self, $($argument: $type),*) -> $result {
                    let name = stringify!($call);
                    let arguments: Vec<String> = vec![$(format!("{:?}", $argument)),*];
                    record::note(format_args!("calls {name}({})", arguments.join(", ")));
                    let result = self.0.$call($($argument),*);
                    record::note(format_args!("{name} returns {result:?}"));
                    result
                }
            )+
        }
    };
}

noted! {
    push(item: u32) -> Result<(), PushError<u32>>;
    try_push(item: u32) -> Result<(), TryPushError<u32>>;
    push_timeout(item: u32, timeout: Duration) -> Result<(), PushTimeoutError<u32>>;
    force_push(item: u32) -> Result<Option<u32>, PushError<u32>>;
    push_many(items: &mut VecDeque<u32>) -> Result<usize, PushError<()>>;
    pop() -> Result<u32, PopError>;
    try_pop() -> Result<u32, TryPopError>;
    pop_timeout(timeout: Duration) -> Result<u32, PopTimeoutError>;
    pop_many(into: &mut Vec<u32>, max: usize) -> Result<usize, PopError>;
    pop_batch(into: &mut Vec<u32>, max: usize, linger: Duration) -> Result<usize, PopError>;
    drain() -> Vec<u32>;
    close() -> bool;
    close_and_drain() -> Vec<u32>;
}

/// The value has no effect: the model has no clock, and explores an early and a late expiry of each timed wait.
const TIMEOUT: Duration = Duration::from_mins(1);

fn empty(capacity: usize) -> Arc<Buffer> {
    Arc::new(Buffer(BoundedBuffer::with_wait_strategy(capacity, strategy())))
}

/// Creates a full buffer with the items `0, 1, …, capacity - 1`.
fn full(capacity: u32) -> Arc<Buffer> {
    let buffer = empty(capacity as usize);
    (0..capacity).for_each(|item| buffer.push(item).unwrap());
    buffer
}

fn spawn<R: 'static>(buffer: &Arc<Buffer>, work: impl FnOnce(&Buffer) -> R + 'static) -> JoinHandle<R> {
    let buffer = buffer.clone();
    thread::spawn(move || work(&buffer))
}

fn join<R>(thread: JoinHandle<R>) -> R {
    thread.join().unwrap()
}

fn push(buffer: &Buffer, item: u32) {
    buffer.push(item).unwrap();
}

fn push_task(buffer: &Buffer, item: u32) {
    block_on(buffer.push_async(item)).unwrap();
}

fn pop(buffer: &Buffer) -> u32 {
    buffer.pop().unwrap()
}

fn pop_task(buffer: &Buffer) -> u32 {
    block_on(buffer.pop_async()).unwrap()
}

/// Both sides wait in some schedules.
fn pass_items(buffer: &Arc<Buffer>, count: u32, push: fn(&Buffer, u32), pop: fn(&Buffer) -> u32) {
    let producer = spawn(buffer, move |buffer| (0..count).for_each(|item| push(buffer, item)));
    (0..count).for_each(|item| assert_eq!(pop(buffer), item));
    join(producer);
}

/// Two consumers get an item each.
fn share_items(buffer: &Arc<Buffer>, pops: [fn(&Buffer) -> u32; 2]) {
    let consumers = pops.map(|pop| spawn(buffer, pop));
    (1..=2).for_each(|item| buffer.push(item).unwrap());
    assert_eq!(consumers.map(join).iter().sum::<u32>(), 3);
}

/// The same, and the items are a batch.
fn share_a_batch(pops: [fn(&Buffer) -> u32; 2]) {
    let buffer = empty(2);
    let consumers = pops.map(|pop| spawn(&buffer, pop));
    assert_eq!(buffer.push_many(&mut [1, 2].into()), Ok(2));
    assert_eq!(consumers.map(join).iter().sum::<u32>(), 3);
}

/// Polls a future that must wait.
fn start<F: Future + Unpin>(mut future: F) -> F {
    assert!(poll(&mut future).is_pending());
    future
}

/// Polls a future once and drops it. loom explores where the drop comes: while the task waits, at the wake-up, and after it.
fn poll_and_drop<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    match poll(&mut future) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
