//! Every step behind one interface, and those it is set beside.

use std::collections::VecDeque;

use bounded_buffer::BoundedBuffer;

use crate::{
    Slept, step1_textbook, step2_parking_lot, step3_ask_first, step4_chained_wakeups, step5_spin, step6_back_off,
    step7_batches,
};

/// What can be climbed: opened, and used from both sides.
pub(crate) trait Rung: Sync + Sized + 'static {
    fn new(capacity: usize) -> Self;
    /// Pushes so many items.
    fn push_all(&self, items: u64);
    /// Pops so many items.
    fn pop_all(&self, items: u64);
    /// `None` where nobody counts.
    fn slept(&self) -> Option<Slept>;
}

macro_rules! step {
    ($step:ident) => {
        impl Rung for $step::Buffer<u64> {
            fn new(capacity: usize) -> Self {
                Self::new(capacity)
            }
            fn push_all(&self, items: u64) {
                (0..items).for_each(|item| self.push(item).expect("nobody closes it"));
            }
            fn pop_all(&self, items: u64) {
                (0..items).for_each(|_| _ = std::hint::black_box(self.pop()));
            }
            fn slept(&self) -> Option<Slept> {
                Some(self.slept())
            }
        }
    };
}
step!(step1_textbook);
step!(step2_parking_lot);
step!(step3_ask_first);
step!(step4_chained_wakeups);
step!(step5_spin);
step!(step6_back_off);

/// How many items a batch has at the most.
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
            assert!(self.push_many(&mut batch), "nobody closes it");
        }
    }
    fn pop_all(&self, items: u64) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut left = usize::try_from(items).expect("so many could not be run");
        while left > 0 {
            self.pop_many(&mut batch, BATCH.min(left));
            left -= batch.len();
            batch.clear();
        }
    }
    fn slept(&self) -> Option<Slept> {
        Some(self.slept())
    }
}

/// The shipped buffer.
impl Rung for BoundedBuffer<u64> {
    fn new(capacity: usize) -> Self {
        Self::new(capacity)
    }
    fn push_all(&self, items: u64) {
        (0..items).for_each(|item| self.push(item).expect("nobody closes it"));
    }
    fn pop_all(&self, items: u64) {
        (0..items).for_each(|_| _ = std::hint::black_box(self.pop()));
    }
    fn slept(&self) -> Option<Slept> {
        let stats = self.stats();
        let for_nothing = stats.futile_wakeups;
        Some(Slept { times: stats.push_waits + stats.pop_waits + for_nothing, for_nothing })
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
        (0..items).for_each(|item| self.0.send(item).expect("the receiver is there"));
    }
    fn pop_all(&self, items: u64) {
        (0..items).for_each(|_| _ = std::hint::black_box(self.1.recv()));
    }
    fn slept(&self) -> Option<Slept> {
        None
    }
}
