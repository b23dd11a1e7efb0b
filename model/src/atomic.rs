//! Atomics whose accesses are steps, for shuttle. shuttle's own read the newest value only; an observer of [`step`] can
//! let a relaxed load return an older one, as the memory model permits and loom explores.

use std::panic::Location;
use std::sync::atomic::Ordering;

use crate::checker::sync::atomic;
use crate::record::Origin;
use crate::step::{self, Operation};

/// `std::sync::atomic::AtomicUsize`.
#[derive(Debug)]
pub struct AtomicUsize {
    raw: atomic::AtomicUsize,
    origin: Origin,
}

impl AtomicUsize {
    /// Creates an atomic.
    #[must_use]
    #[track_caller]
    pub fn new(value: usize) -> Self {
        let origin = Location::caller();
        writes(origin, value);
        Self { raw: atomic::AtomicUsize::new(value), origin }
    }

    /// Loads a value.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> usize {
        step::before(Operation::Load(self.origin));
        reads(self.origin, self.raw.load(order))
    }

    /// Stores a value.
    #[track_caller]
    pub fn store(&self, value: usize, order: Ordering) {
        step::before(Operation::Store(self.origin));
        writes(self.origin, value);
        self.raw.store(value, order);
    }

    /// Adds to the value and returns the previous one.
    #[track_caller]
    pub fn fetch_add(&self, addend: usize, order: Ordering) -> usize {
        step::before(Operation::Modify(self.origin));
        let previous = reads(self.origin, self.raw.fetch_add(addend, order));
        if addend > 0 {
            writes(self.origin, previous + addend);
        }
        previous
    }

    /// Subtracts from the value and returns the previous one.
    #[track_caller]
    pub fn fetch_sub(&self, subtrahend: usize, order: Ordering) -> usize {
        step::before(Operation::Modify(self.origin));
        let previous = reads(self.origin, self.raw.fetch_sub(subtrahend, order));
        writes(self.origin, previous - subtrahend);
        previous
    }

    /// Replaces the value by `update` of it and returns the previous one; `Err` if `update` returns `None`.
    #[track_caller]
    pub fn fetch_update(
        &self,
        set: Ordering,
        fetch: Ordering,
        mut update: impl FnMut(usize) -> Option<usize>,
    ) -> Result<usize, usize> {
        step::before(Operation::Modify(self.origin));
        self.raw.fetch_update(set, fetch, |value| {
            update(reads(self.origin, value)).inspect(|&updated| writes(self.origin, updated))
        })
    }
}

/// `std::sync::atomic::AtomicBool`.
#[derive(Debug)]
pub struct AtomicBool {
    raw: atomic::AtomicBool,
    origin: Origin,
}

impl AtomicBool {
    /// Creates an atomic.
    #[must_use]
    #[track_caller]
    pub fn new(value: bool) -> Self {
        let origin = Location::caller();
        writes(origin, value.into());
        Self { raw: atomic::AtomicBool::new(value), origin }
    }

    /// Sets the value if `value` is true, and returns the previous one.
    #[track_caller]
    pub fn fetch_or(&self, value: bool, order: Ordering) -> bool {
        step::before(Operation::Modify(self.origin));
        let previous = reads(self.origin, self.raw.fetch_or(value, order).into()) != 0;
        if value {
            writes(self.origin, 1);
        }
        previous
    }
}

fn writes(atomic: Origin, value: usize) {
    if let Some(observer) = step::observer() {
        observer.writes(atomic, value);
    }
}

fn reads(atomic: Origin, newest: usize) -> usize {
    step::observer().map_or(newest, |observer| observer.reads(atomic, newest))
}
