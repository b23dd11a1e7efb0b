//! A script for each of several threads, drawn from one input, on real threads.
//!
//! Each script ends: when all producers have ended, the buffer closes, and so it does when all consumers have. A lost wake-up
//! shows as an input that does not end (`-timeout`). Afterwards the logs of the threads are compared.

#![no_main]

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use arbitrary::Arbitrary;
use bounded_buffer::{Consumer, Producer, PushTimeoutError, TryPopError, TryPushError, WaitStrategy, bounded_with};
use libfuzzer_sys::fuzz_target;

const MAX_THREADS: usize = 3;
const MAX_OPERATIONS: usize = 64;

#[derive(Arbitrary, Debug)]
struct Input {
    capacity: u8,
    park: bool,
    producers: Vec<Vec<Push>>,
    consumers: Vec<Pops>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Push {
    One,
    Try,
    Timeout { micros: u8 },
    Force,
    Many(u8),
    TryMany(u8),
    Close,
    Yield,
}

#[derive(Arbitrary, Clone, Debug)]
struct Pops {
    script: Vec<Pop>,
    /// After the script, pops until the buffer is closed and drained. Otherwise drops the handle.
    to_the_end: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Pop {
    One,
    Try,
    Timeout { micros: u8 },
    Many(u8),
    TryMany(u8),
    Batch { max: u8, micros: u8 },
    IterMany { max: u8, take: u8 },
    Drain,
    CloseAndDrain,
    Yield,
}

/// Producer and number. The `Arc` counts the live items.
#[derive(Debug)]
struct Item(usize, usize, #[allow(dead_code, reason = "counted when it is dropped")] Arc<()>);

fn micros(count: u8) -> Duration {
    Duration::from_micros(count.into())
}

fn one<E>(result: Result<(), E>, is_closed: impl FnOnce(E) -> bool) -> (usize, bool) {
    result.map_or_else(|error| (0, is_closed(error)), |()| (1, false))
}

/// Runs a script. Returns the number of accepted items and the evicted ones.
fn produce(id: usize, script: &[Push], buffer: &Producer<Item>, live: &Arc<()>) -> (usize, Vec<Item>) {
    let (mut accepted, mut evicted) = (0, Vec::new());
    for push in script {
        let item = Item(id, accepted, live.clone());
        let batch = |count: u8| (0..count.into()).map(|offset| Item(id, accepted + offset, live.clone())).collect();
        // The number of items that were accepted, and whether the buffer reported that it is closed.
        let (more, closed) = match *push {
            Push::One => one(buffer.push(item), |_| true),
            Push::Try => one(buffer.try_push(item), |error| matches!(error, TryPushError::Closed(_))),
            Push::Timeout { micros: time } => {
                one(buffer.push_timeout(item, micros(time)), |error| matches!(error, PushTimeoutError::Closed(_)))
            }
            Push::Force => one(buffer.force_push(item).map(|oldest| evicted.extend(oldest)), |_| true),
            Push::Many(count) => {
                let mut items: VecDeque<_> = batch(count);
                let closed = buffer.push_many(&mut items).is_err();
                (usize::from(count) - items.len(), closed)
            }
            Push::TryMany(count) => {
                let mut items: VecDeque<_> = batch(count);
                let closed = buffer.try_push_many(&mut items) == Err(TryPushError::Closed(()));
                (usize::from(count) - items.len(), closed)
            }
            Push::Close => {
                buffer.buffer().close();
                (0, true)
            }
            Push::Yield => {
                thread::yield_now();
                (0, false)
            }
        };
        accepted += more;
        assert!(!closed || buffer.buffer().is_closed());
    }
    (accepted, evicted)
}

/// A batch of at most 0 items panics.
fn at_least_one(max: u8) -> usize {
    max.max(1).into()
}

/// Runs a script. Returns the items in the order in which they were taken.
fn consume(pops: &Pops, buffer: &Consumer<Item>) -> Vec<Item> {
    let mut taken = Vec::new();
    for pop in pops.script.iter().take(MAX_OPERATIONS) {
        let before = taken.len();
        match *pop {
            Pop::One => taken.extend(buffer.pop()),
            Pop::Try => match buffer.try_pop() {
                Ok(item) => taken.push(item),
                Err(error) => assert!(error == TryPopError::Empty || buffer.buffer().is_closed()),
            },
            Pop::Timeout { micros: time } => taken.extend(buffer.pop_timeout(micros(time))),
            Pop::Many(max) => {
                let count = buffer.pop_many(&mut taken, at_least_one(max)).unwrap_or(0);
                assert_eq!(taken.len(), before + count);
            }
            Pop::TryMany(max) => {
                let count = buffer.try_pop_many(&mut taken, at_least_one(max)).unwrap_or(0);
                assert_eq!(taken.len(), before + count);
            }
            Pop::Batch { max, micros: time } => {
                let count = buffer.pop_batch(&mut taken, at_least_one(max), micros(time)).unwrap_or(0);
                assert_eq!(taken.len(), before + count);
            }
            Pop::IterMany { max, take } => {
                let mut items = buffer.iter_many(at_least_one(max));
                taken.extend(items.by_ref().take(take.into()));
                taken.extend(items.into_remaining());
            }
            Pop::Drain => taken.extend(buffer.drain()),
            Pop::CloseAndDrain => taken.extend(buffer.buffer().close_and_drain()),
            Pop::Yield => thread::yield_now(),
        }
    }
    if pops.to_the_end {
        taken.extend(buffer.iter());
    }
    taken
}

fn join<R>(threads: Vec<ScopedJoinHandle<'_, R>>) -> Vec<R> {
    threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
}

fuzz_target!(|input: Input| {
    let Input { capacity, park, mut producers, mut consumers } = input;
    if producers.is_empty() || consumers.is_empty() {
        return;
    }
    producers.truncate(MAX_THREADS);
    consumers.truncate(MAX_THREADS);
    producers.iter_mut().for_each(|script| script.truncate(MAX_OPERATIONS));
    let capacity = usize::from(capacity % 8) + 1;
    let strategy = if park { WaitStrategy::Park } else { WaitStrategy::Adaptive };

    let live = Arc::new(());
    let (producer, consumer) = bounded_with(capacity, strategy);
    // Without a consumer that runs to the end, the last consumer closes the buffer and drops the remaining items.
    let all_may_leave = consumers.iter().all(|pops| !pops.to_the_end);
    let (produced, consumed, stats) = thread::scope(|threads| {
        let producing: Vec<_> = (0..)
            .zip(&producers)
            .map(|(id, script)| {
                let (producer, live) = (producer.clone(), &live);
                threads.spawn(move || produce(id, script, &producer, live))
            })
            .collect();
        let consuming: Vec<_> = consumers
            .iter()
            .map(|pops| {
                let consumer = consumer.clone();
                threads.spawn(move || consume(pops, &consumer))
            })
            .collect();
        // One handle is kept to read the counters: the one whose drop does not have to end the run.
        let produced: Vec<_>;
        let consumed: Vec<_>;
        let stats = if all_may_leave {
            drop(consumer);
            produced = join(producing);
            producer.buffer().close();
            consumed = join(consuming);
            producer.buffer().stats()
        } else {
            drop(producer);
            produced = join(producing);
            consumed = join(consuming);
            consumer.buffer().stats()
        };
        (produced, consumed, stats)
    });

    let mut seen: Vec<_> = produced.iter().map(|(accepted, _)| vec![false; *accepted]).collect();
    for items in consumed.iter().chain(produced.iter().map(|(_, evicted)| evicted)) {
        let mut next = vec![0; produced.len()];
        for Item(producer, number, _) in items {
            assert!(*number >= next[*producer], "a thread received the items of a producer out of order");
            next[*producer] = number + 1;
            assert!(!std::mem::replace(&mut seen[*producer][*number], true), "an item was delivered twice");
        }
    }
    let accepted: usize = produced.iter().map(|(accepted, _)| accepted).sum();
    let evicted: usize = produced.iter().map(|(_, evicted)| evicted.len()).sum();
    let popped: usize = consumed.iter().map(Vec::len).sum();
    let missing = accepted - evicted - popped;
    assert!(missing <= if all_may_leave { capacity } else { 0 }, "{missing} items were lost");
    assert_eq!(Arc::strong_count(&live) - 1, evicted + popped, "live items");
    assert_eq!(
        [stats.pushed, stats.evicted, stats.popped, stats.dropped],
        [accepted, evicted, popped, missing].map(|count| count as u64)
    );
    assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
});
