//! The steps, the shipped buffer and a peer behind one interface.

use std::hint::black_box;

use bounded_buffer::BoundedBuffer;
use ladder::{Step, Waits};

/// A row of the table.
pub(crate) trait Rung: Sync + Sized + 'static {
    fn new(capacity: usize) -> Self;
    /// Pushes the given number of items.
    fn push_all(&self, count: usize);
    /// Pops the given number of items.
    fn pop_all(&self, count: usize);
    /// `None` if parks are not counted.
    fn waits(&self) -> Option<Waits>;
}

impl<S: Step<usize>> Rung for S {
    fn new(capacity: usize) -> Self {
        Step::new(capacity)
    }
    fn push_all(&self, count: usize) {
        assert!(Step::push_all(self, 0..count), "no thread closes it");
    }
    fn pop_all(&self, count: usize) {
        Step::pop_all(self, count);
    }
    fn waits(&self) -> Option<Waits> {
        Some(Step::waits(self))
    }
}

/// `BoundedBuffer`, one item at a time.
pub(crate) struct Shipped(BoundedBuffer<usize>);

impl Rung for Shipped {
    fn new(capacity: usize) -> Self {
        Self(BoundedBuffer::new(capacity))
    }
    fn push_all(&self, count: usize) {
        (0..count).for_each(|item| self.0.push(item).expect("no thread closes it"));
    }
    fn pop_all(&self, count: usize) {
        (0..count).for_each(|_| _ = black_box(self.0.pop()));
    }
    fn waits(&self) -> Option<Waits> {
        let stats = self.0.stats();
        let wasted = stats.wasted_wakeups;
        Some(Waits { parks: stats.push_waits + stats.pop_waits + wasted, wasted })
    }
}

/// crossbeam-channel.
pub(crate) struct Crossbeam(crossbeam_channel::Sender<usize>, crossbeam_channel::Receiver<usize>);

impl Rung for Crossbeam {
    fn new(capacity: usize) -> Self {
        let (sender, receiver) = crossbeam_channel::bounded(capacity);
        Self(sender, receiver)
    }
    fn push_all(&self, count: usize) {
        (0..count).for_each(|item| self.0.send(item).expect("the receiver is not dropped"));
    }
    fn pop_all(&self, count: usize) {
        (0..count).for_each(|_| _ = black_box(self.1.recv()));
    }
    fn waits(&self) -> Option<Waits> {
        None
    }
}
