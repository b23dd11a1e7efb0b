//! One round: runs the threads of a plan, then checks their logs and the buffer's counters against each other.

use std::fmt;
use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use bounded_buffer::{BoundedBuffer, Consumer, Producer, Stats, bounded};

use crate::plan::{Plan, Sharing};
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

/// A thread's access to the buffer. Dropped when the thread returns or panics.
enum Access {
    Reference(Arc<BoundedBuffer<Item>>),
    Producer(Producer<Item>),
    Consumer(Consumer<Item>),
}

impl Access {
    fn buffer(&self) -> &BoundedBuffer<Item> {
        match self {
            Self::Reference(buffer) => buffer,
            Self::Producer(producer) => producer.buffer(),
            Self::Consumer(consumer) => consumer.buffer(),
        }
    }

    fn another(&self) -> Self {
        match self {
            Self::Reference(buffer) => Self::Reference(buffer.clone()),
            Self::Producer(producer) => Self::Producer(producer.clone()),
            Self::Consumer(consumer) => Self::Consumer(consumer.clone()),
        }
    }
}

/// Runs a plan. The error names the violated property.
pub fn run(plan: &Plan) -> Result<Outcome, String> {
    let (push_end, pop_end) = match plan.sharing {
        Sharing::Reference(strategy) => {
            let buffer = Arc::new(BoundedBuffer::with_wait_strategy(plan.capacity, strategy));
            (Access::Reference(buffer.clone()), Access::Reference(buffer))
        }
        Sharing::LastProducer | Sharing::LastConsumer => {
            let (producer, consumer) = bounded(plan.capacity);
            (Access::Producer(producer), Access::Consumer(consumer))
        }
    };
    let (produced, consumed, stats) = thread::scope(|threads| {
        let consumers: Vec<_> = plan
            .consumers
            .iter()
            .map(|role| {
                let access = pop_end.another();
                threads.spawn(move || logged(access, |buffer, log| consume(buffer, role, log)))
            })
            .collect();
        let producers: Vec<_> = (0..)
            .zip(&plan.producers)
            .map(|(id, role)| {
                let access = push_end.another();
                threads.spawn(move || logged(access, |buffer, log| produce(buffer, id, role, log)))
            })
            .collect();
        // The main thread keeps the access that does not delay the close, to read the counters at the end.
        match plan.sharing {
            Sharing::LastProducer => {
                drop(push_end);
                let produced = join(producers);
                let consumed = join(consumers);
                (produced, consumed, at_rest(&pop_end))
            }
            Sharing::Reference(_) | Sharing::LastConsumer => {
                drop(pop_end);
                let produced = join(producers);
                push_end.buffer().close();
                let consumed = join(consumers);
                (produced, consumed, at_rest(&push_end))
            }
        }
    });
    check(plan, &produced, &consumed, stats?)
}

/// Runs the work of a thread. A panic is caught here and not at the join, so that the log survives; unwinding drops the access.
fn logged(access: Access, work: impl FnOnce(&BoundedBuffer<Item>, &mut Log)) -> Log {
    let mut log = Log::default();
    let result = catch_unwind(AssertUnwindSafe(|| {
        let access = access;
        work(access.buffer(), &mut log);
    }));
    log.panicked = result.is_err();
    log
}

fn join(threads: Vec<ScopedJoinHandle<'_, Log>>) -> Vec<Log> {
    threads.into_iter().map(|thread| thread.join().expect("panics are caught in the thread")).collect()
}

fn at_rest(access: &Access) -> Result<Stats, String> {
    let buffer = access.buffer();
    let stats = buffer.stats();
    let idle = buffer.is_closed() && buffer.is_empty() && stats.waiting_producers + stats.waiting_consumers == 0;
    if idle { Ok(stats) } else { Err(format!("not at rest: {buffer:?} {stats:?}")) }
}

fn check(plan: &Plan, produced: &[Log], consumed: &[Log], stats: Stats) -> Result<Outcome, String> {
    let mut seen: Vec<_> = produced.iter().map(|log| vec![false; log.accepted as usize]).collect();
    for log in produced.iter().chain(consumed) {
        let mut next = vec![0; produced.len()];
        for item in &log.taken {
            let next = &mut next[item.producer as usize];
            if item.number < *next {
                return Err(format!("{item:?} was taken after number {} by the same thread", *next - 1));
            }
            *next = item.number + 1;
            match seen[item.producer as usize].get_mut(item.number as usize) {
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
    let may_drop = matches!(plan.sharing, Sharing::LastConsumer) && consumed.iter().all(|log| log.left);
    if missing > if may_drop { plan.capacity as u64 } else { 0 } {
        return Err(format!("{missing} items were lost"));
    }
    if !seen.iter().all(|seen| seen.is_sorted_by(|earlier, later| earlier >= later)) {
        return Err("an item was lost although a later one of its producer was delivered".into());
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
