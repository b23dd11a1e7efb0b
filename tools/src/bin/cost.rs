//! The operations that `scripts/cost` counts: uncontended pushes and pops, and a fixed pattern of waits.
//!
//! The work does not depend on time or random numbers, so the counts of instructions and notifications are repeatable.

use std::collections::VecDeque;
use std::hint::black_box;
use std::process::ExitCode;
use std::thread;

use bounded_buffer::{BoundedBuffer, Stats, WaitStrategy};
use clap::{Parser, ValueEnum};
use support::{cli, stdout};

/// Repeats one kind of work.
#[derive(Parser)]
struct Args {
    /// The work
    #[arg(value_enum)]
    work: Work,
    /// The number of pairs, batches or bursts
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Work {
    /// Push and pop one item
    Pairs,
    /// Push and pop 256 items, with one lock acquisition each
    Batches,
    /// Push 100 items to a waiting consumer, and print the notifications per thousand items
    Bursts,
    /// Print the size of a buffer without its slots, in bytes
    Memory,
}

const BATCH: usize = 256;
const BURST: usize = 100;

fn main() -> ExitCode {
    cli::main(|&Args { work, times }| {
        match work {
            Work::Pairs => pairs(times),
            Work::Batches => batches(times),
            Work::Bursts => stdout::print(format_args!("{:.2}", bursts(times))),
            Work::Memory => stdout::print(format_args!("{}", size_of::<BoundedBuffer<u64>>())),
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn pairs(times: u32) {
    let buffer = BoundedBuffer::new(1024);
    for item in 0..times {
        buffer.push(black_box(item)).expect("no thread closes it");
        black_box(buffer.pop()).expect("no thread closes it");
    }
}

fn batches(times: u32) {
    let buffer = BoundedBuffer::new(1024);
    let (mut from, mut into) = (VecDeque::from(vec![0_u64; BATCH]), Vec::with_capacity(BATCH));
    for _ in 0..times {
        buffer.push_many(&mut from).expect("no thread closes it");
        buffer.pop_many(&mut into, BATCH).expect("no thread closes it");
        black_box(&into);
        from.extend(into.drain(..));
    }
}

/// Each burst finds one waiting consumer, so it sends one notification for any number of items: at most one wake-up per side is
/// pending. The next burst begins when the consumer waits again.
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
            wait_until_consumer_waits(&buffer);
            buffer.push_many(&mut VecDeque::from(vec![0; BURST])).expect("no thread closes it");
        }
        let stats = wait_until_consumer_waits(&buffer);
        buffer.close();
        #[allow(clippy::cast_precision_loss, reason = "counts of one short run")]
        let per_thousand = stats.notifications as f64 * 1000.0 / stats.popped as f64;
        per_thousand
    })
}

/// Returns when the consumer waits and no item is left. The count of waiters alone does not suffice: a woken thread counts as
/// waiting until it has reacquired the lock.
fn wait_until_consumer_waits(buffer: &BoundedBuffer<u64>) -> Stats {
    loop {
        let stats = buffer.stats();
        if stats.waiting_consumers == 1 && stats.popped == stats.pushed {
            return stats;
        }
        thread::yield_now();
    }
}
