//! The lessons before the gallery: smaller buffers, one idea each, and the programs that use them.

mod buffers;

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::task::Waker;
use std::time::Instant;

use bounded_buffer_model::thread::{Builder, JoinHandle};
use bounded_buffer_model::{Arc, Condvar, Mutex, record, task};

use crate::queue::waiting;
use crate::reference::Side;
use crate::textbook;
use buffers::{BusyWait, Chained, Closed, Counted, Pending, RingBuffer, SpinningBuffer, Tasks, TimedBuffer};

/// What a lesson's buffer can do.
pub(crate) trait Lesson: Send + Sync {
    fn push(&self, item: u32);
    /// Returns none if no item comes: the time is up, or the buffer is closed and drained.
    fn pop(&self) -> Option<u32>;
}

/// What is behind the lock. Each lesson uses a part of it.
#[derive(Default)]
pub(crate) struct State {
    items: VecDeque<u32>,
    closed: bool,
    producers: Side,
    consumers: Side,
    wakers: VecDeque<Waker>,
}

/// As the timelines show it.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = if self.closed { ", closed" } else { "" };
        let [producers, consumers] = [("producers", &self.producers), ("consumers", &self.consumers)]
            .map(|(name, side)| waiting(name, side.waiting, side.wakeup_pending));
        write!(f, "{:?}{closed}{producers}{consumers}", self.items)?;
        let wakers = self.wakers.iter().map(|waker| task::thread_of(waker).unwrap_or("a waker".to_owned()));
        let wakers = wakers.collect::<Vec<_>>().join(", ");
        if wakers.is_empty() { Ok(()) } else { write!(f, "; waiting tasks: {wakers}") }
    }
}

/// The parts of a textbook buffer. A lesson that needs no other part is a type `Idea`, which says what its push and its pop are.
pub(crate) struct Buffer<Idea> {
    state: Mutex<State>,
    not_full: Condvar,
    not_empty: Condvar,
    capacity: usize,
    idea: PhantomData<Idea>,
}

impl<Idea> Buffer<Idea> {
    pub(crate) fn new(capacity: usize) -> Self {
        let not_full = Condvar::new();
        let not_empty = Condvar::new();
        Self { state: Mutex::new(State::default()), not_full, not_empty, capacity, idea: PhantomData }
    }
}

/// A lesson: the name of its program, and the program.
pub struct Program {
    pub name: &'static str,
    pub run: fn(),
}

macro_rules! lessons {
    ($($name:ident),*) => {
        &[$(Program { name: stringify!($name), run: $name }),*]
    };
}

/// The lessons, in the order of their numbers.
pub const LESSONS: &[Program] = lessons![
    one_thread_and_a_ring,
    a_lock_and_a_busy_wait,
    a_condition_variable,
    notify_only_if_a_thread_waits,
    at_most_one_wakeup_pending,
    chained_wakeups,
    a_deadline,
    close,
    a_task_and_its_waker,
    a_snapshot_and_spinning
];

/// One thread, two slots: three items go through, so the ring wraps around.
pub fn one_thread_and_a_ring() {
    let buffer = RingBuffer::new();
    push(&buffer, 1);
    push(&buffer, 2);
    pop_expecting(&buffer, 1);
    push(&buffer, 3);
    pop_expecting(&buffer, 2);
    pop_expecting(&buffer, 3);
}

/// One slot. `main` pushes an item, a consumer pops it. A thread that cannot act releases the lock and tries again: it spins, with the lock.
pub fn a_lock_and_a_busy_wait() {
    one_producer_one_consumer(Buffer::<BusyWait>::new(1), 1);
}

/// One slot, two items. `main` pushes, a consumer pops. A thread that cannot act waits on a condition variable.
pub fn a_condition_variable() {
    one_producer_one_consumer(textbook::Buffer::new(1, 0), 2);
}

/// One slot, two items. `main` pushes, a consumer pops. Each side counts its waiting threads.
pub fn notify_only_if_a_thread_waits() {
    one_producer_one_consumer(Buffer::<Counted>::new(1), 2);
}

/// Two items. `main` pushes, a consumer pops, and `main` does not wait.
pub fn at_most_one_wakeup_pending() {
    one_producer_one_consumer(Buffer::<Pending>::new(2), 2);
}

/// Two consumers pop one item each. `main` pushes both items in one batch.
pub fn chained_wakeups() {
    let buffer = Arc::new(Buffer::<Chained>::new(2));
    let consumers = [1, 2].map(|number| consumer(&buffer, number, |buffer| _ = pop(buffer)));
    record::note("calls push_many(1..=2)");
    buffer.push_many(&[1, 2]);
    record::note("push_many(1..=2) returns");
    join(consumers);
}

/// One item. `main` pushes it. A consumer pops with a deadline, so its wait can time out at any moment.
pub fn a_deadline() {
    let buffer = Arc::new(TimedBuffer::new(Instant::now()));
    let consumer = consumer(&buffer, 1, |buffer| _ = pop(buffer));
    push(&*buffer, 1);
    join([consumer]);
}

/// `main` pushes one item and closes the buffer. A consumer pops until it finds the buffer closed and drained.
pub fn close() {
    let buffer = Arc::new(Buffer::<Closed>::new(1));
    let consumer = consumer(&buffer, 1, |buffer| {
        pop_expecting(buffer, 1);
        assert!(pop(buffer).is_none(), "no item comes after the close");
    });
    push(&*buffer, 1);
    record::note("calls close()");
    buffer.close();
    record::note("close() returns");
    join([consumer]);
}

/// One item. `main` pushes it, and a task pops it.
pub fn a_task_and_its_waker() {
    one_producer_one_consumer(Buffer::<Tasks>::new(1), 1);
}

/// One item. `main` pushes it. A consumer reads the length without the lock before it pops.
pub fn a_snapshot_and_spinning() {
    one_producer_one_consumer(SpinningBuffer::new(), 1);
}

fn one_producer_one_consumer(buffer: impl Lesson + 'static, items: u32) {
    let buffer = Arc::new(buffer);
    let consumer = consumer(&buffer, 1, move |buffer| (1..=items).for_each(|item| pop_expecting(buffer, item)));
    (1..=items).for_each(|item| push(&*buffer, item));
    join([consumer]);
}

fn consumer<B: Lesson + 'static>(
    buffer: &Arc<B>,
    number: u32,
    work: impl FnOnce(&B) + Send + 'static,
) -> JoinHandle<()> {
    let buffer = buffer.clone();
    let thread = Builder::new().name(format!("consumer {number}"));
    thread.spawn(move || work(&buffer)).expect("a model's thread")
}

fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    threads.into_iter().for_each(|thread| thread.join().expect("it does not panic"));
}

fn push(buffer: &impl Lesson, item: u32) {
    let call = format!("push({item})");
    record::note(format_args!("calls {call}"));
    buffer.push(item);
    record::note(format_args!("{call} returns"));
}

fn pop(buffer: &impl Lesson) -> Option<u32> {
    record::note("calls pop()");
    let item = buffer.pop();
    match item {
        Some(item) => record::note(format_args!("pop() returns {item}")),
        None => record::note("pop() returns None"),
    }
    item
}

fn pop_expecting(buffer: &impl Lesson, expected: u32) {
    assert_eq!(pop(buffer), Some(expected), "first in, first out");
}
