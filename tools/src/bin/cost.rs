//! What `scripts/cost` counts: a fixed number of operations without company, and a fixed pattern of sleeps.
//!
//! Nothing here depends on the time of day or on chance, so neither do the instructions, nor the notifications.

use std::collections::VecDeque;
use std::hint::black_box;
use std::thread;

use bounded_buffer::{BoundedBuffer, Stats, WaitStrategy};
use clap::{Parser, ValueEnum};

/// Does one kind of work a number of times.
#[derive(Parser)]
struct Args {
    /// The work to do.
    #[arg(value_enum)]
    work: Work,
    /// How often: pairs, batches, or bursts.
    times: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Work {
    /// One item pushed and popped.
    Pairs,
    /// 256 items pushed and popped, under one lock each way.
    Batches,
    /// Wakes a sleeping consumer with bursts of 100 items, and prints the notifications for a thousand items.
    Bursts,
}

const BATCH: usize = 256;
const BURST: usize = 100;

fn main() {
    let Args { work, times } = Args::parse();
    match work {
        Work::Pairs => pairs(times),
        Work::Batches => batches(times),
        Work::Bursts => println!("{:.2}", bursts(times)),
    }
}

fn pairs(times: u32) {
    let buffer = BoundedBuffer::new(1024);
    for item in 0..times {
        buffer.push(black_box(item)).expect("nobody closes it");
        black_box(buffer.pop()).expect("nobody closes it");
    }
}

fn batches(times: u32) {
    let buffer = BoundedBuffer::new(1024);
    let (mut from, mut into) = (VecDeque::from(vec![0_u64; BATCH]), Vec::with_capacity(BATCH));
    for _ in 0..times {
        buffer.push_many(&mut from).expect("nobody closes it");
        buffer.pop_many(&mut into, BATCH).expect("nobody closes it");
        black_box(&into);
        from.extend(into.drain(..));
    }
}

/// Each burst finds one consumer waiting, and the throttle owes it one wake-up, however many items follow. The consumer
/// cannot run ahead: the next burst begins when it sleeps again, and the buffer is as large as a burst.
fn bursts(times: u32) -> f64 {
    let buffer = BoundedBuffer::with_wait_strategy(BURST, WaitStrategy::Park);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut into = Vec::new();
            while buffer.pop_many(&mut into, BURST).is_ok() {
                into.clear();
            }
        });
        for _ in 0..times {
            waiting(&buffer);
            buffer.push_many(&mut VecDeque::from(vec![0; BURST])).expect("nobody closes it");
        }
        let stats = waiting(&buffer);
        buffer.close();
        #[allow(clippy::cast_precision_loss, reason = "counts of one short run")]
        let a_thousand = stats.notifications as f64 * 1000.0 / stats.popped as f64;
        a_thousand
    })
}

/// Until the consumer sleeps and has nothing to wake for. One that is woken counts as waiting until it has the lock again, so
/// the count alone would not do.
fn waiting(buffer: &BoundedBuffer<u64>) -> Stats {
    loop {
        let stats = buffer.stats();
        if stats.waiting_consumers == 1 && stats.popped == stats.pushed {
            return stats;
        }
        thread::yield_now();
    }
}
