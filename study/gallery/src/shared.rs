//! A queue shared by the threads of a model. It notes each call and each result in the timeline.

use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use bounded_buffer_model::thread::{Builder, JoinHandle};
use bounded_buffer_model::{Arc, record, task};

use crate::queue::{Fail, Item, New, PopFuture, Queue};

#[derive(Clone)]
pub struct Shared(Arc<Box<dyn Queue>>);

impl Shared {
    pub fn new(new: New, capacity: usize) -> Self {
        Self::with_producers(new, capacity, 0)
    }

    pub fn with_producers(new: New, capacity: usize, producers: usize) -> Self {
        Self(Arc::new(new(capacity, producers)))
    }

    /// Creates a queue that holds items before the model starts.
    pub fn holding(new: New, capacity: usize, items: &[u32]) -> Self {
        let queue = Self::new(new, capacity);
        for &item in items {
            queue.push(item);
        }
        record::begin(); // discards the pushes above
        record::note(format_args!("starts with {items:?}"));
        queue
    }

    pub fn spawn<R: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(&Self) -> R + Send + 'static,
    ) -> JoinHandle<R> {
        let queue = self.clone();
        // loom's threads are no threads of the system, so spawning cannot fail.
        Builder::new().name(name.to_owned()).spawn(move || work(&queue)).unwrap()
    }

    pub fn spawn_each<R: Send + 'static>(
        &self,
        role: &str,
        number: u32,
        work: impl Fn(&Self, u32) -> R + Copy + Send + 'static,
    ) -> Vec<JoinHandle<R>> {
        (1..=number).map(|id| self.spawn(&format!("{role} {id}"), move |queue| work(queue, id))).collect()
    }

    pub fn push(&self, item: u32) {
        self.push_or_fail(item).unwrap_or_else(|fail| panic!("push({item}) fails though the buffer is open: {fail:?}"));
    }

    pub fn push_or_fail(&self, item: u32) -> Result<(), Fail> {
        self.call(&format!("push({item})"), |queue| queue.push(item.into()))
    }

    pub fn push_dropping(&self, number: u32, on_drop: impl FnOnce() + Send + 'static) {
        let on_drop = move || {
            record::note(format_args!("item {number} is dropped"));
            on_drop();
        };
        let item = Item { number, on_drop: Some(Box::new(on_drop)) };
        self.call(&format!("push({number})"), |queue| queue.push(item)).expect("the buffer is open");
    }

    pub fn push_many(&self, items: RangeInclusive<u32>) {
        let call = format!("push_many({items:?})");
        self.call(&call, |queue| queue.push_many(items.map(Item::from).collect())).expect("the buffer is open");
    }

    pub fn pop(&self) -> u32 {
        self.pop_or_fail().unwrap_or_else(|fail| panic!("pop() fails though the buffer is open: {fail:?}"))
    }

    pub fn pop_or_fail(&self) -> Result<u32, Fail> {
        self.call("pop()", |queue| queue.pop(None).map(|item| item.number))
    }

    pub fn pop_timeout(&self, deadline: Instant) -> Option<u32> {
        self.call("pop_timeout()", |queue| queue.pop(Some(deadline)).map(|item| item.number)).ok()
    }

    pub fn pop_many(&self, max: usize) -> Vec<u32> {
        let items = self.call(&format!("pop_many({max})"), |queue| Ok(queue.pop_many(max)));
        items.into_iter().flatten().map(|item| item.number).collect()
    }

    pub fn try_pop(&self) -> Result<u32, Fail> {
        self.call("try_pop()", |queue| queue.try_pop().map(|item| item.number))
    }

    /// Pops from a task: this thread, which polls the future to its end.
    pub fn pop_async(&self) -> u32 {
        let item = self.call("pop_async()", |queue| task::block_on(queue.pop_async()).map(|item| item.number));
        item.unwrap_or_else(|fail| panic!("pop_async() fails though the buffer is open: {fail:?}"))
    }

    /// Polls a pop once, with a waker. Returns it if it is pending.
    pub fn start_pop(&self, waker: &Waker) -> Option<PendingPop<'_>> {
        record::note("calls pop_async()");
        let mut future = self.0.pop_async();
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(waker)) {
            let item = result.expect("the buffer is open");
            record::note(format_args!("pop_async() returns {item:?}"));
            return None;
        }
        record::note("pop_async() is pending");
        Some(PendingPop(future))
    }

    pub fn clear(&self) {
        self.run("clear()", |queue| queue.clear());
    }

    pub fn close(&self) {
        self.run("close()", |queue| queue.close());
    }

    pub fn leave(&self) {
        self.run("leave()", |queue| queue.leave());
    }

    fn run(&self, call: &str, operation: impl FnOnce(&dyn Queue)) {
        record::note(format_args!("calls {call}"));
        operation(&**self.0);
        record::note(format_args!("{call} returns"));
    }

    /// Notes the call and the result of an operation.
    fn call<R: Debug>(&self, call: &str, operation: impl FnOnce(&dyn Queue) -> Result<R, Fail>) -> Result<R, Fail> {
        record::note(format_args!("calls {call}"));
        let result = operation(&**self.0);
        match &result {
            Ok(_) if size_of::<R>() == 0 => record::note(format_args!("{call} returns")),
            Ok(result) => record::note(format_args!("{call} returns {result:?}")),
            Err(fail) => record::note(format_args!("{call} fails: {fail:?}")),
        }
        result
    }
}

/// A pop that was polled once and is pending.
pub struct PendingPop<'a>(PopFuture<'a>);

impl PendingPop<'_> {
    /// Polls it to its end from this thread.
    pub fn wait(self) {
        record::note("calls await");
        let item = task::block_on(self.0).expect("the buffer is open");
        record::note(format_args!("await returns {item:?}"));
    }

    /// Drops the future before it is ready.
    pub fn cancel(self) {
        record::note("calls cancel()");
        drop(self.0);
        record::note("cancel() returns");
    }
}

/// Returns a waker that pops from the queue.
pub(crate) fn popping_waker(queue: &Shared) -> Waker {
    struct Pops(Shared);
    impl Wake for Pops {
        fn wake(self: std::sync::Arc<Self>) {
            record::note("the waker is called");
            _ = self.0.try_pop();
        }
    }
    Waker::from(std::sync::Arc::new(Pops(queue.clone())))
}

pub fn join<R>(threads: impl IntoIterator<Item = JoinHandle<R>>) -> Vec<R> {
    // A model ends at its first panic, so no thread that is joined has panicked.
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}
