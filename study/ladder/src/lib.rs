//! The ladder: a bounded buffer from the textbook towards the shipped one, one file a step, so that the `diff` of two steps is
//! one idea.
//!
//! `cargo run --release --example ladder` measures the steps; sections 3 and 9 of docs/internals.md explain them. `tests/ladder.rs`
//! runs them, and tests/loom/ladder.rs explores their schedules.

mod counted;
pub mod step1_textbook;
pub mod step2_parking_lot;
pub mod step3_notify_if_waiting;
pub mod step4_chained_wakeups;
pub mod step5_spin;
pub mod step6_batches;
mod sync;

use std::collections::VecDeque;
use std::hint::black_box;

pub use counted::Waits;

/// Maximum number of items in a batch of step 6.
pub const BATCH: usize = 64;

/// A step, for code that runs each of them.
pub trait Step<T>: Send + Sync + Sized + 'static {
    fn new(capacity: usize) -> Self;
    /// Pushes the items, in batches if the step has them. Returns false if the buffer is closed.
    fn push_all(&self, items: impl IntoIterator<Item = T>) -> bool;
    fn pop(&self) -> Option<T>;
    /// Pops and drops this number of items, in batches if the step has them.
    fn pop_all(&self, count: usize) {
        (0..count).for_each(|_| _ = black_box(self.pop()));
    }
    fn close(&self);
    fn waits(&self) -> Waits;
}

macro_rules! single {
    ($($step:ident)+) => {
        $(
            impl<T: Send + 'static> Step<T> for $step::Buffer<T> {
                fn new(capacity: usize) -> Self {
                    Self::new(capacity)
                }
                fn push_all(&self, items: impl IntoIterator<Item = T>) -> bool {
                    items.into_iter().all(|item| self.push(item).is_ok())
                }
                fn pop(&self) -> Option<T> {
                    self.pop()
                }
                fn close(&self) {
                    self.close();
                }
                fn waits(&self) -> Waits {
                    self.waits()
                }
            }
        )+
    };
}
single!(step1_textbook step2_parking_lot step3_notify_if_waiting step4_chained_wakeups step5_spin);

impl<T: Send + 'static> Step<T> for step6_batches::Buffer<T> {
    fn new(capacity: usize) -> Self {
        Self::new(capacity)
    }
    fn push_all(&self, items: impl IntoIterator<Item = T>) -> bool {
        let mut items = items.into_iter().peekable();
        let mut batch = VecDeque::with_capacity(BATCH);
        while items.peek().is_some() {
            batch.extend(items.by_ref().take(BATCH));
            if !self.push_many(&mut batch) {
                return false;
            }
        }
        true
    }
    fn pop(&self) -> Option<T> {
        let mut item = Vec::with_capacity(1);
        self.pop_many(&mut item, 1);
        item.pop()
    }
    fn pop_all(&self, mut count: usize) {
        let mut batch = Vec::with_capacity(BATCH);
        while count > 0 {
            self.pop_many(&mut batch, BATCH.min(count));
            count -= batch.len();
            batch.clear();
        }
    }
    fn close(&self) {
        self.close();
    }
    fn waits(&self) -> Waits {
        self.waits()
    }
}
