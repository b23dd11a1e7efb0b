//! Models of the shipped buffer. Each is named after its property and uses the smallest configuration that can violate it.
//!
//! A lost wake-up is a deadlock, which loom reports, so a model without assertions checks that all its threads end. Only the
//! models of `spinning` and `handles` use the default wait strategy. The others park without spinning, because the spin
//! multiplies the schedules.

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

use std::time::Duration;

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

use crate::harness::Model;

pub(crate) fn models() -> Vec<Model> {
    [
        batches::MODELS,
        cancelling::MODELS,
        closed::MODELS,
        closing::MODELS,
        handles::MODELS,
        items::MODELS,
        lingering::MODELS,
        nested_wakers::MODELS,
        spinning::MODELS,
        task_batches::MODELS,
        tasks::MODELS,
        timing::MODELS,
        waking::MODELS,
    ]
    .concat()
}

type Buffer = BoundedBuffer<u32>;

/// The value has no effect: the model has no clock, and explores an early and a late expiry of each timed wait.
const TIMEOUT: Duration = Duration::from_mins(1);

fn empty(capacity: usize) -> Arc<Buffer> {
    Arc::new(Buffer::with_wait_strategy(capacity, WaitStrategy::Park))
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
