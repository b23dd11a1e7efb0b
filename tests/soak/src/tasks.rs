//! The operations of a task. Its futures run on the thread of the role, and some are dropped before they are ready: after the
//! first poll, after a second one with another waker, or after the wake-up.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use bounded_buffer::{Consumer, Producer};
use rand::RngExt;
use rand::rngs::SmallRng;

use crate::threads::{Closed, Item, Log};

/// A waker that resumes the thread of the task.
struct Resume {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Resume {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Resume {
    fn new() -> Arc<Self> {
        Arc::new(Self { thread: thread::current(), woken: AtomicBool::new(false) })
    }

    fn wait(&self) {
        while !self.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

/// Where a future is dropped, if it is still not ready.
#[derive(Clone, Copy, PartialEq)]
enum Cancel {
    Never,
    AfterPoll,
    AfterWakeup,
}

/// Runs a future to its end, or drops it: then the result is `None`.
fn run<F: Future>(future: F, rng: &mut SmallRng) -> Option<F::Output> {
    let cancel = match rng.random_range(0..8) {
        0 => Cancel::AfterPoll,
        1 | 2 => Cancel::AfterWakeup,
        _ => Cancel::Never,
    };
    let mut future = pin!(future);
    let mut resume = Resume::new();
    loop {
        if let Poll::Ready(output) = poll(future.as_mut(), &resume) {
            return Some(output);
        }
        if rng.random_ratio(1, 4) {
            resume = Resume::new(); // the wake-up must use this one from now on
            if let Poll::Ready(output) = poll(future.as_mut(), &resume) {
                return Some(output);
            }
        }
        if cancel == Cancel::AfterPoll {
            return None;
        }
        resume.wait();
        if cancel == Cancel::AfterWakeup {
            return None;
        }
        if rng.random_ratio(1, 16) {
            thread::yield_now(); // polled late
        }
    }
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>, resume: &Arc<Resume>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&Waker::from(resume.clone())))
}

pub(crate) fn push(
    buffer: &Producer<Item>,
    mut items: VecDeque<Item>,
    rng: &mut SmallRng,
    log: &mut Log,
) -> Result<(), Closed> {
    let offered = items.len();
    let result = if offered == 1 {
        let result = run(buffer.push_async(items.remove(0).expect("there is one")), rng).map(|result| result.is_ok());
        log.accepted += u32::from(result == Some(true));
        result
    } else {
        let result = run(buffer.push_many_async(&mut items), rng).map(|result| result.is_ok());
        // The items that left the deque were accepted, also if the future was dropped.
        log.accepted += u32::try_from(offered - items.len()).expect("batches are short");
        result
    };
    log_end(result, log)
}

pub(crate) fn pop(buffer: &Consumer<Item>, max: usize, rng: &mut SmallRng, log: &mut Log) -> Result<(), Closed> {
    let result = if max == 1 {
        run(buffer.pop_async(), rng).map(|result| result.map(|item| log.taken.push(item)).is_ok())
    } else {
        run(buffer.pop_many_async(&mut log.taken, max), rng).map(|result| result.is_ok())
    };
    log_end(result, log)
}

fn log_end(result: Option<bool>, log: &mut Log) -> Result<(), Closed> {
    log.cancelled += u64::from(result.is_none());
    if result == Some(false) { Err(Closed) } else { Ok(()) }
}
