//! All steps, the shipped buffer and a peer behind one interface.

use std::collections::VecDeque;

use bounded_buffer::BoundedBuffer;

use crate::{
    Waits, step1_textbook, step2_parking_lot, step3_notify_if_waiting, step4_chained_wakeups, step5_spin,
    step6_back_off, step7_batches,
};

/// A row of the table.
pub(crate) trait Rung: Sync + Sized + 'static {
    fn new(capacity: usize) -> Self;
    /// Pushes the given number of items.
    fn push_all(&self, items: u64);
    /// Pops the given number of items.
    fn pop_all(&self, items: u64);
    /// `None` if parks are not counted.
    fn waits(&self) -> Option<Waits>;
}

macro_rules! step {
    ($step:ident) => {
        impl Rung for $step::Buffer<u64> {
            fn new(capacity: usize) -> Self {
                Self::new(capacity)
            }
            fn push_all(&self, items: u64) {
                (0..items).for_each(|item| self.push(item).expect("no thread closes it"));
            }
            fn pop_all(&self, items: u64) {
                (0..items).for_each(|_| _ = std::hint::black_box(self.pop()));
            }
            fn waits(&self) -> Option<Waits> {
                Some(self.waits())
            }
        }
    };
}
step!(step1_textbook);
step!(step2_parking_lot);
step!(step3_notify_if_waiting);
step!(step4_chained_wakeups);
step!(step5_spin);
step!(step6_back_off);

/// Maximum number of items in a batch.
const BATCH: usize = 64;

impl Rung for step7_batches::Buffer<u64> {
    fn new(capacity: usize) -> Self {
        Self::new(capacity)
    }
    fn push_all(&self, items: u64) {
        let mut batch = VecDeque::with_capacity(BATCH);
        let mut items = 0..items;
        while !items.is_empty() {
            batch.extend(items.by_ref().take(BATCH));
            assert!(self.push_many(&mut batch), "no thread closes it");
        }
    }
    fn pop_all(&self, items: u64) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut left = usize::try_from(items).expect("the number of items of a run fits");
        while left > 0 {
            self.pop_many(&mut batch, BATCH.min(left));
            left -= batch.len();
            batch.clear();
        }
    }
    fn waits(&self) -> Option<Waits> {
        Some(self.waits())
    }
}

/// The shipped buffer.
impl Rung for BoundedBuffer<u64> {
    fn new(capacity: usize) -> Self {
        Self::new(capacity)
    }
    fn push_all(&self, items: u64) {
        (0..items).for_each(|item| self.push(item).expect("no thread closes it"));
    }
    fn pop_all(&self, items: u64) {
        (0..items).for_each(|_| _ = std::hint::black_box(self.pop()));
    }
    fn waits(&self) -> Option<Waits> {
        let stats = self.stats();
        let wasted = stats.wasted_wakeups;
        Some(Waits { parks: stats.push_waits + stats.pop_waits + wasted, wasted })
    }
}

/// crossbeam-channel.
pub(crate) struct Crossbeam(crossbeam_channel::Sender<u64>, crossbeam_channel::Receiver<u64>);

impl Rung for Crossbeam {
    fn new(capacity: usize) -> Self {
        let (sender, receiver) = crossbeam_channel::bounded(capacity);
        Self(sender, receiver)
    }
    fn push_all(&self, items: u64) {
        (0..items).for_each(|item| self.0.send(item).expect("the receiver is not dropped"));
    }
    fn pop_all(&self, items: u64) {
        (0..items).for_each(|_| _ = std::hint::black_box(self.1.recv()));
    }
    fn waits(&self) -> Option<Waits> {
        None
    }
}
