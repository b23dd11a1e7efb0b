//! Models of the shipped buffer, each named after its property, over the smallest configuration that can fail.
//!
//! A lost wake-up is a deadlock, and loom reports it by itself: a model that ends has lost none. Unless a model is about
//! looking before sleeping, its buffer parks at once: a look is a schedule more and finds nothing new.

mod batches;
mod closing;
mod handles;
mod items;
mod spinning;
mod timing;
mod waking;

use std::time::Duration;

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

type Buffer = BoundedBuffer<u32>;

/// Any time-out: the model knows no time, and lets a timed wait expire early or late.
const SOME_TIME: Duration = Duration::from_mins(1);

fn empty(capacity: usize) -> Arc<Buffer> {
    Arc::new(Buffer::with_wait_strategy(capacity, WaitStrategy::Park))
}

/// A full buffer with the items `0, 1, …, capacity - 1`.
fn full(capacity: u32) -> Arc<Buffer> {
    let buffer = empty(capacity as usize);
    (0..capacity).for_each(|item| buffer.push(item).unwrap());
    buffer
}

/// A thread that works on the buffer.
fn start<R: 'static>(buffer: &Arc<Buffer>, work: impl FnOnce(&Buffer) -> R + 'static) -> JoinHandle<R> {
    let buffer = buffer.clone();
    thread::spawn(move || work(&buffer))
}

/// What the thread's work came to.
fn end<R>(thread: JoinHandle<R>) -> R {
    thread.join().unwrap()
}
