//! A crate that has a bounded buffer inside and checks its own code with loom. `docs/loom.md` describes the setup.

use bounded_buffer::BoundedBuffer;

#[cfg(loom)]
use loom::sync::atomic::{AtomicUsize, Ordering};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicUsize, Ordering};

/// Jobs that wait for a worker, and the number of jobs that are not done.
#[derive(Debug)]
pub struct Jobs<T> {
    queue: BoundedBuffer<T>,
    unfinished: AtomicUsize,
}

impl<T> Jobs<T> {
    /// Creates a queue of jobs with so many slots.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { queue: BoundedBuffer::new(capacity), unfinished: AtomicUsize::new(0) }
    }

    /// Queues a job, blocking while the queue is full. Returns `false` if the queue is closed.
    pub fn submit(&self, job: T) -> bool {
        // Counted before the push: a worker can finish the job before `push` returns.
        self.unfinished.fetch_add(1, Ordering::Relaxed);
        let is_queued = self.queue.push(job).is_ok();
        if !is_queued {
            self.unfinished.fetch_sub(1, Ordering::Relaxed);
        }
        is_queued
    }

    /// Does jobs until the queue is closed and empty.
    pub fn work(&self, mut job: impl FnMut(T)) {
        for item in &self.queue {
            job(item);
            self.unfinished.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Returns the number of jobs that were submitted and are not done.
    pub fn unfinished(&self) -> usize {
        self.unfinished.load(Ordering::Relaxed)
    }

    /// Ends the workers after the jobs that are queued.
    pub fn close(&self) {
        self.queue.close();
    }
}
