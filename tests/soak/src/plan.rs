//! The plan of a round, drawn from the seed: capacity, threads, their operations and faults. A plan is repeatable, the
//! schedule of its threads is not.

use bounded_buffer::WaitStrategy;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Percentage of the roles that are tasks.
const TASKS: u32 = 40;

#[derive(Debug)]
pub struct Plan {
    pub capacity: usize,
    pub strategy: WaitStrategy,
    pub end: End,
    pub producers: Vec<Role>,
    pub consumers: Vec<Role>,
}

/// What ends the round. Each thread has a handle, which it drops when it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// The main thread closes the buffer after the producers. One consumer has no fault.
    Close,
    /// Dropping the last producer closes the buffer. One consumer has no fault.
    LastProducer,
    /// All consumers may leave. Dropping the last one closes the buffer and drops the remaining items.
    LastConsumer,
}

/// The work of one thread.
#[derive(Clone, Debug)]
pub struct Role {
    pub seed: u64,
    pub style: Style,
    /// A producer's number of items. A consumer runs until the buffer is closed and drained.
    pub items: u32,
    pub fault: Option<Fault>,
    /// Waits as a task, and cancels some of its futures.
    pub is_task: bool,
}

/// The operations that a thread uses.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// Blocking operations on single items.
    Single,
    /// Batches.
    Batch,
    /// Attempts and short time-outs.
    Timed,
    /// All operations, among them `force_push` and `drain`.
    Any,
}

/// What a thread does after it has moved the given number of items.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub after: u32,
    pub kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Panics. Unwinding drops its handle.
    Panic,
    /// Returns and drops its handle.
    Leave,
    /// Closes the buffer. A consumer takes the remaining items in the same step.
    Close,
}

impl Plan {
    pub fn new(seed: u64, round: u64) -> Self {
        // An odd factor, so that seeds in a row do not share rounds.
        let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(round));
        let strategy = if rng.random_bool(0.5) { WaitStrategy::Park } else { WaitStrategy::Adaptive };
        let end = match rng.random_range(0..4) {
            0 | 1 => End::Close,
            2 => End::LastProducer,
            _ => End::LastConsumer,
        };
        // Threads wait where the capacity is small, so small ones are drawn more often than in a uniform choice.
        let capacity: u32 = match rng.random_range(0..4) {
            0 => rng.random_range(1..=2),
            1 => rng.random_range(3..=8),
            2 => rng.random_range(9..=64),
            _ => rng.random_range(65..=1024),
        };
        let producers = rng.random_range(1..=8);
        // In proportion to the capacity: a round is so many fillings of the ring. The threads park about once a filling, and
        // a park costs as much as hundreds of items, so otherwise the smallest capacities take nearly all of the time.
        let items = (capacity << rng.random_range(8..=13)).clamp(1 << 12, 1 << 19) / producers;
        let consumers: u32 = rng.random_range(1..=8);
        let calm = rng.random_ratio(1, 3); // no faults: the round ends when all items were taken
        let role = |rng: &mut StdRng, items, of| {
            let kind = match rng.random_range(0..12) {
                0 | 1 => Some(FaultKind::Panic),
                2 | 3 => Some(FaultKind::Leave),
                4 if rng.random_bool(0.5) => Some(FaultKind::Close),
                _ => None,
            };
            let fault = kind.filter(|_| !calm).map(|kind| Fault { after: rng.random_range(0..of), kind });
            let style = match rng.random_range(0..4) {
                0 => Style::Single,
                1 => Style::Batch,
                2 => Style::Timed,
                _ => Style::Any,
            };
            let is_task = rng.random_range(0..100) < TASKS;
            Role { seed: rng.random(), style, items, fault, is_task }
        };
        let share = items * producers / consumers;
        let producers_list: Vec<_> = (0..producers).map(|_| role(&mut rng, items, items)).collect();
        let mut consumers_list: Vec<_> = (0..consumers).map(|_| role(&mut rng, 0, share)).collect();
        match end {
            // Without a consumer that stays, the producers could block indefinitely.
            End::Close | End::LastProducer => consumers_list[0].fault = None,
            // Rarely drawn by chance: all consumers leave, and items remain.
            End::LastConsumer if !calm && rng.random_bool(0.5) => {
                for role in &mut consumers_list {
                    let kind = if rng.random_bool(0.5) { FaultKind::Panic } else { FaultKind::Leave };
                    role.fault = Some(Fault { after: rng.random_range(0..share), kind });
                }
            }
            End::LastConsumer => {}
        }
        Self { capacity: capacity as usize, strategy, end, producers: producers_list, consumers: consumers_list }
    }
}
