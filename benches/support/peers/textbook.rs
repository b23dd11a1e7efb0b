//! The buffer of textbooks: lock, wait `while` the condition does not hold, change, unlock, notify one. On std's primitives and
//! on parking_lot's, to separate the gain of this crate's protocol from the gain of the lock.

use std::collections::VecDeque;

use super::Queue;

pub(crate) struct OnStd<T> {
    capacity: usize,
    items: std::sync::Mutex<VecDeque<T>>,
    not_full: std::sync::Condvar,
    not_empty: std::sync::Condvar,
}

pub(crate) struct OnParkingLot<T> {
    capacity: usize,
    items: parking_lot::Mutex<VecDeque<T>>,
    not_full: parking_lot::Condvar,
    not_empty: parking_lot::Condvar,
}

impl<T: Send + 'static> Queue<T> for OnStd<T> {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            items: VecDeque::with_capacity(capacity).into(),
            not_full: std::sync::Condvar::new(),
            not_empty: std::sync::Condvar::new(),
        }
    }
    #[inline]
    fn push(&self, item: T) {
        let mut items = self.items.lock().expect("no thread panics");
        while items.len() == self.capacity {
            items = self.not_full.wait(items).expect("no thread panics");
        }
        items.push_back(item);
        drop(items);
        self.not_empty.notify_one();
    }
    #[inline]
    fn pop(&self) -> T {
        let mut items = self.items.lock().expect("no thread panics");
        loop {
            if let Some(item) = items.pop_front() {
                drop(items);
                self.not_full.notify_one();
                return item;
            }
            items = self.not_empty.wait(items).expect("no thread panics");
        }
    }
}

impl<T: Send + 'static> Queue<T> for OnParkingLot<T> {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            items: VecDeque::with_capacity(capacity).into(),
            not_full: parking_lot::Condvar::new(),
            not_empty: parking_lot::Condvar::new(),
        }
    }
    #[inline]
    fn push(&self, item: T) {
        let mut items = self.items.lock();
        while items.len() == self.capacity {
            self.not_full.wait(&mut items);
        }
        items.push_back(item);
        drop(items);
        self.not_empty.notify_one();
    }
    #[inline]
    fn pop(&self) -> T {
        let mut items = self.items.lock();
        loop {
            if let Some(item) = items.pop_front() {
                drop(items);
                self.not_full.notify_one();
                return item;
            }
            self.not_empty.wait(&mut items);
        }
    }
}
