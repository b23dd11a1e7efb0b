//! One round: runs the threads of a plan, then checks their logs and the buffer's counters against each other.

use std::fmt;
use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use bounded_buffer::{Observer, Stats, bounded_with};

use crate::plan::{End, Plan};
use crate::threads::{Item, Log, consume, produce};

/// The counts of a round, or of several.
#[derive(Debug, Default)]
pub struct Outcome {
    pub rounds: u64,
    /// The accepted ones.
    pub items: u64,
    evicted: u64,
    /// Dropped with the last consumer.
    dropped: u64,
    timeouts: u64,
    /// Futures that were dropped before they were ready.
    cancelled: u64,
    panics: u64,
    closed_early: u64,
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.items += other.items;
        self.evicted += other.evicted;
        self.dropped += other.dropped;
        self.timeouts += other.timeouts;
        self.cancelled += other.cancelled;
        self.panics += other.panics;
        self.closed_early += other.closed_early;
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} items in {} rounds", self.items, self.rounds)?;
        write!(
            f,
            "faults: {} time-outs, {} cancelled futures, {} panics, {} rounds closed early, {} items evicted, {} dropped with the last consumer",
            self.timeouts, self.cancelled, self.panics, self.closed_early, self.evicted, self.dropped
        )
    }
}

/// Runs a plan. The error names the violated property.
pub fn run(plan: &Plan) -> Result<Outcome, String> {
    let (push_end, pop_end) = bounded_with(plan.capacity, plan.strategy);
    let buffer = push_end.observer();
    // The producers by number. Each live item has a reference to its producer.
    let ids: Vec<_> = (0..).map(Arc::new).take(plan.producers.len()).collect();
    let (produced, consumed) = thread::scope(|threads| {
        let consumers: Vec<_> = plan
            .consumers
            .iter()
            .map(|role| {
                let consumer = pop_end.clone();
                threads.spawn(move || logged(consumer, |consumer, log| consume(consumer, role, log)))
            })
            .collect();
        let producers: Vec<_> = ids
            .iter()
            .zip(&plan.producers)
            .map(|(id, role)| {
                let producer = push_end.clone();
                threads.spawn(move || logged(producer, |producer, log| produce(producer, id, role, log)))
            })
            .collect();
        // The main thread keeps the handles whose drop must not end the round.
        match plan.end {
            End::Close => {}
            End::LastProducer => drop(push_end),
            End::LastConsumer => drop(pop_end),
        }
        let produced = join(producers);
        if plan.end != End::LastProducer {
            buffer.close();
        }
        (produced, join(consumers))
    });
    let live = ids.iter().map(|id| Arc::strong_count(id) - 1).sum();
    check(plan, &produced, &consumed, at_rest(&buffer)?, live)
}

/// Runs the work of a thread. A panic is caught here and not at the join, so that the log survives; unwinding drops the handle.
fn logged<H>(handle: H, work: impl FnOnce(&H, &mut Log)) -> Log {
    let mut log = Log::default();
    let result = catch_unwind(AssertUnwindSafe(|| {
        let handle = handle;
        work(&handle, &mut log);
    }));
    log.panicked = result.is_err();
    log
}

fn join(threads: Vec<ScopedJoinHandle<'_, Log>>) -> Vec<Log> {
    threads.into_iter().map(|thread| thread.join().expect("panics are caught in the thread")).collect()
}

fn at_rest(buffer: &Observer<Item>) -> Result<Stats, String> {
    let stats = buffer.stats();
    let idle = buffer.is_closed() && buffer.is_empty() && stats.waiting_producers + stats.waiting_consumers == 0;
    if idle { Ok(stats) } else { Err(format!("not at rest: {buffer:?} {stats:?}")) }
}

/// `live` is the number of items that are not dropped.
fn check(plan: &Plan, produced: &[Log], consumed: &[Log], stats: Stats, live: usize) -> Result<Outcome, String> {
    let mut seen: Vec<_> = produced.iter().map(|log| vec![false; log.accepted as usize]).collect();
    for log in produced.iter().chain(consumed) {
        let mut next = vec![0; produced.len()];
        for item in &log.taken {
            let id = *item.producer as usize;
            let next = &mut next[id];
            if item.number < *next {
                return Err(format!("{item:?} was taken after number {} by the same thread", *next - 1));
            }
            *next = item.number + 1;
            match seen[id].get_mut(item.number as usize) {
                None => return Err(format!("{item:?} was taken, but its push returned an error")),
                Some(true) => return Err(format!("{item:?} was taken twice")),
                Some(seen) => *seen = true,
            }
        }
    }

    let accepted: u64 = produced.iter().map(|log| u64::from(log.accepted)).sum();
    let evicted: u64 = produced.iter().map(|log| log.taken.len() as u64).sum();
    let popped: u64 = consumed.iter().map(|log| log.taken.len() as u64).sum();
    let missing = accepted - evicted - popped;
    // Only the last consumer drops items: at most a full buffer, and of each producer its last ones.
    let may_drop = plan.end == End::LastConsumer && consumed.iter().all(|log| log.left);
    if missing > if may_drop { plan.capacity as u64 } else { 0 } {
        return Err(format!("{missing} items were lost"));
    }
    if !seen.iter().all(|seen| seen.is_sorted_by(|earlier, later| earlier >= later)) {
        return Err("an item was lost although a later one of its producer was delivered".into());
    }

    if live as u64 != evicted + popped {
        return Err(format!("{live} items are not dropped, and {evicted} + {popped} were taken"));
    }
    let counted = [stats.pushed, stats.evicted, stats.popped, stats.dropped];
    let expected = [accepted, evicted, popped, missing];
    if counted != expected || stats.high_water > plan.capacity {
        return Err(format!("pushed, evicted, popped, dropped should be {expected:?}: {stats:?}"));
    }
    let logs = || produced.iter().chain(consumed);
    Ok(Outcome {
        rounds: 1,
        items: accepted,
        evicted,
        dropped: missing,
        timeouts: logs().map(|log| log.timeouts).sum(),
        cancelled: logs().map(|log| log.cancelled).sum(),
        panics: logs().filter(|log| log.panicked).count() as u64,
        closed_early: u64::from(logs().any(|log| log.closed_it)),
    })
}
