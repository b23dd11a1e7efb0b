//! The lessons before the gallery: smaller buffers, one idea each, and the programs that use them.

mod busy_wait;
mod condvar;
mod ring;

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};

use bounded_buffer::sync::model::thread::Builder;
use bounded_buffer::sync::model::{Arc, record};

/// What a lesson's buffer can do.
pub(crate) trait Lesson: Send + Sync {
    fn push(&self, item: u32);
    fn pop(&self) -> u32;
}

/// The items, which describe themselves to the recorder.
pub(crate) struct Items(VecDeque<u32>);

impl Deref for Items {
    type Target = VecDeque<u32>;
    fn deref(&self) -> &VecDeque<u32> {
        &self.0
    }
}

impl DerefMut for Items {
    fn deref_mut(&mut self) -> &mut VecDeque<u32> {
        &mut self.0
    }
}

impl fmt::Display for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// One thread, two slots: three items go through, so the ring wraps around.
pub fn one_thread_and_a_ring() {
    let buffer = ring::Buffer::new();
    push(&buffer, 1);
    push(&buffer, 2);
    pop(&buffer, 1);
    push(&buffer, 3);
    pop(&buffer, 2);
    pop(&buffer, 3);
}

/// One slot. `main` pushes an item, a consumer pops it. A thread that cannot act releases the lock and tries again: it polls.
pub fn a_lock_and_a_busy_wait() {
    one_producer_one_consumer(busy_wait::Buffer::new(1), 1);
}

/// One slot, two items. `main` pushes, a consumer pops. A thread that cannot act waits on a condition variable.
pub fn a_condition_variable() {
    one_producer_one_consumer(condvar::Buffer::new(1), 2);
}

fn one_producer_one_consumer(buffer: impl Lesson + 'static, items: u32) {
    let buffer = Arc::new(buffer);
    let shared = buffer.clone();
    let consumer = Builder::new().name("consumer 1".to_owned());
    let consumer = consumer.spawn(move || (1..=items).for_each(|item| pop(&*shared, item))).expect("a model's thread");
    (1..=items).for_each(|item| push(&*buffer, item));
    consumer.join().expect("it does not panic");
}

fn push(buffer: &impl Lesson, item: u32) {
    let call = format!("push({item})");
    record::note(format_args!("calls {call}"));
    buffer.push(item);
    record::note(format_args!("{call} returns"));
}

fn pop(buffer: &impl Lesson, expected: u32) {
    record::note("calls pop()");
    let item = buffer.pop();
    record::note(format_args!("pop() returns {item}"));
    assert_eq!(item, expected, "first in, first out");
}
