//! What the producers and the consumers of a round do, and what they write down for the check after it.

use std::collections::VecDeque;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use bounded_buffer::{Consumer, PopTimeoutError, Producer, PushTimeoutError, TryPopError, TryPushError};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::plan::{FaultKind, Role, Style};
use crate::tasks;

#[derive(Debug)]
pub(crate) struct Item {
    /// The references to a producer are counted after the round.
    pub(crate) producer: Arc<u32>,
    pub(crate) number: u32,
}

/// Creates the items with these numbers.
pub(crate) fn batch(producer: &Arc<u32>, numbers: Range<u32>) -> VecDeque<Item> {
    numbers.map(|number| Item { producer: producer.clone(), number }).collect()
}

/// The log of one thread. It survives a panic of the thread.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The number of a producer's accepted items. They have the numbers `0..accepted`.
    pub(crate) accepted: u32,
    /// The items that the thread received, in this order: popped, drained or, by a producer, evicted.
    pub(crate) taken: Vec<Item>,
    pub(crate) timeouts: u64,
    pub(crate) cancelled: u64,
    pub(crate) closed_it: bool,
    /// The thread ended through its fault, and not because the buffer was closed.
    pub(crate) left: bool,
    pub(crate) panicked: bool,
}

/// The buffer is closed and, for a consumer, drained: the thread ends.
pub(crate) struct Closed;

pub(crate) fn produce(buffer: &Producer<Item>, producer: &Arc<u32>, role: &Role, log: &mut Log) {
    let mut rng = SmallRng::seed_from_u64(role.seed);
    let mut fault = role.fault;
    while log.accepted < role.items {
        let due = fault.take_if(|fault| log.accepted >= fault.after).map(|fault| fault.kind);
        log.left = matches!(due, Some(FaultKind::Panic | FaultKind::Leave));
        match due {
            Some(FaultKind::Panic) => resume_unwind(Box::new("a fault of the plan")), // no message on stderr
            Some(FaultKind::Leave) => return,
            Some(FaultKind::Close) => log.closed_it |= buffer.buffer().close(),
            None => {}
        }
        if role.is_task && rng.random_range(0..8) > 0 {
            let count = if matches!(role.style, Style::Single) { 1 } else { rng.random_range(1..100) };
            let items = batch(producer, log.accepted..role.items.min(log.accepted + count));
            if tasks::push(buffer, items, &mut rng, log).is_err() {
                return;
            }
            continue;
        }
        let item = Item { producer: producer.clone(), number: log.accepted };
        let attempt = match (role.style, rng.random_range(0..8)) {
            (Style::Batch, choice) | (Style::Any, choice @ 0..2) => {
                let end = role.items.min(log.accepted + rng.random_range(0..100));
                push_batch(buffer, batch(producer, log.accepted..end), choice % 2 == 0, log)
            }
            (Style::Single, _) | (Style::Any, 2) => accept(buffer.push(item).map_err(|_| Closed), log),
            (Style::Any, 3) => match buffer.force_push(item) {
                Ok(evicted) => {
                    log.taken.extend(evicted);
                    accept(Ok(()), log)
                }
                Err(_) => Err(Closed),
            },
            (_, 4) => match buffer.try_push(item) {
                Err(TryPushError::Full(_)) => Ok(()), // the next iteration offers the item again
                result => accept(result.map_err(|_| Closed), log),
            },
            _ => match buffer.push_timeout(item, short_time(&mut rng)) {
                Err(PushTimeoutError::Timeout(_)) => {
                    log.timeouts += 1;
                    Ok(())
                }
                result => accept(result.map_err(|_| Closed), log),
            },
        };
        if attempt.is_err() {
            return;
        }
    }
}

fn accept(result: Result<(), Closed>, log: &mut Log) -> Result<(), Closed> {
    log.accepted += u32::from(result.is_ok());
    result
}

fn push_batch(buffer: &Producer<Item>, mut batch: VecDeque<Item>, blocking: bool, log: &mut Log) -> Result<(), Closed> {
    let offered = batch.len();
    let closed = if blocking {
        buffer.push_many(&mut batch).is_err()
    } else {
        buffer.try_push_many(&mut batch) == Err(TryPushError::Closed(()))
    };
    // The items that left the deque were accepted, also if the push returned an error.
    log.accepted += u32::try_from(offered - batch.len()).expect("batches are short");
    if closed { Err(Closed) } else { Ok(()) }
}

pub(crate) fn consume(buffer: &Consumer<Item>, role: &Role, log: &mut Log) {
    let mut rng = SmallRng::seed_from_u64(role.seed);
    let mut fault = role.fault;
    let mut attempt = Ok(());
    while attempt.is_ok() {
        let due = fault.take_if(|fault| log.taken.len() >= fault.after as usize).map(|fault| fault.kind);
        log.left = matches!(due, Some(FaultKind::Panic | FaultKind::Leave));
        match due {
            Some(FaultKind::Panic) => resume_unwind(Box::new("a fault of the plan")),
            Some(FaultKind::Leave) => return,
            Some(FaultKind::Close) => {
                log.taken.extend(buffer.buffer().close_and_drain());
                log.closed_it = true;
            }
            None => {}
        }
        let max = rng.random_range(1..100);
        if role.is_task && rng.random_range(0..8) > 0 {
            let max = if matches!(role.style, Style::Single) { 1 } else { max };
            attempt = tasks::pop(buffer, max, &mut rng, log);
            continue;
        }
        attempt = match (role.style, rng.random_range(0..9)) {
            (Style::Batch, 0..5) | (Style::Any, 0) => {
                buffer.pop_many(&mut log.taken, max).map(drop).map_err(|_| Closed)
            }
            (Style::Batch, _) | (Style::Any, 1) => {
                buffer.pop_batch(&mut log.taken, max, short_time(&mut rng)).map(drop).map_err(|_| Closed)
            }
            (Style::Single, _) | (Style::Any, 2) => buffer.pop().map(|item| log.taken.push(item)).map_err(|_| Closed),
            (Style::Any, 3) => {
                log.taken.extend(buffer.drain());
                Ok(())
            }
            (Style::Any, 4) => {
                let mut items = buffer.iter_many(max);
                log.taken.extend(items.by_ref().take(max / 2));
                log.taken.extend(items.into_remaining());
                Ok(())
            }
            (_, 5) => match buffer.try_pop_many(&mut log.taken, max) {
                Err(TryPopError::Closed) => Err(Closed),
                _ => Ok(()),
            },
            (_, 6) => {
                log.taken.extend(buffer.try_iter().take(max));
                Ok(())
            }
            (_, 7) => timed(buffer.pop_many_timeout(&mut log.taken, max, short_time(&mut rng)).map(drop), log),
            _ => timed(buffer.pop_timeout(short_time(&mut rng)).map(|item| log.taken.push(item)), log),
        };
    }
}

fn timed(result: Result<(), PopTimeoutError>, log: &mut Log) -> Result<(), Closed> {
    match result {
        Err(PopTimeoutError::Closed) => Err(Closed),
        Err(PopTimeoutError::Timeout) => {
            log.timeouts += 1;
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// About as long as a wake-up takes, so that time-outs and notifications coincide.
fn short_time(rng: &mut SmallRng) -> Duration {
    Duration::from_micros(rng.random_range(0..120))
}
