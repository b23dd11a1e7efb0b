//! The textbook buffer: one mutex, two condition variables, each wait in a loop. The third lesson of the lab, and the reference of
//! bugs 1 and 2.
//!
//! As in [`reference`](super::reference), the code is the provided functions of a trait, of which a bug overrides some.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::time::Instant;

use bounded_buffer_model::{Condvar, Mutex};

use crate::queue::{Fail, Item, Queue};

pub(crate) struct Parts {
    pub(crate) items: Mutex<Items>,
    pub(crate) not_full: Condvar,
    pub(crate) not_empty: Condvar,
    pub(crate) capacity: usize,
}

pub(crate) trait Textbook: Deref<Target = Parts> + Send + Sync {
    fn push(&self, item: Item) {
        let mut items = self.items.lock();
        while items.len() == self.capacity {
            self.not_full.wait(&mut items);
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> Option<Item> {
        let mut items = self.items.lock();
        while items.is_empty() {
            self.not_empty.wait(&mut items);
        }
        let item = items.pop_front();
        self.not_full.notify_one();
        item
    }
}

/// A buffer of the textbook's code, or of a variant of it.
pub(crate) struct Buffer<Variant> {
    parts: Parts,
    variant: PhantomData<Variant>,
}

/// The textbook itself.
pub(crate) enum Unchanged {}

impl Textbook for Buffer<Unchanged> {}

impl<Variant> Buffer<Variant> {
    pub(crate) fn new(capacity: usize, _producers: usize) -> Self {
        let items = Mutex::new(Items::default());
        // Each in a line of its own, from which the timelines take its name.
        let not_full = Condvar::new();
        let not_empty = Condvar::new();
        let parts = Parts { items, not_full, not_empty, capacity };
        Self { parts, variant: PhantomData }
    }
}

impl<Variant> Deref for Buffer<Variant> {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// What the programs call.
impl<Variant> Queue for Buffer<Variant>
where
    Self: Textbook,
{
    fn push(&self, item: Item) -> Result<(), Fail> {
        Textbook::push(self, item);
        Ok(())
    }
    /// Ignores the deadline.
    fn pop(&self, _deadline: Option<Instant>) -> Result<Item, Fail> {
        Textbook::pop(self).ok_or(Fail::Empty)
    }
    fn try_pop(&self) -> Result<Item, Fail> {
        self.items.lock().pop_front().ok_or(Fail::Empty)
    }
}

/// The items, which describe themselves to the recorder.
#[derive(Default)]
pub(crate) struct Items(VecDeque<Item>);

impl Deref for Items {
    type Target = VecDeque<Item>;
    fn deref(&self) -> &VecDeque<Item> {
        &self.0
    }
}

impl DerefMut for Items {
    fn deref_mut(&mut self) -> &mut VecDeque<Item> {
        &mut self.0
    }
}

impl fmt::Display for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
