//! What a round does, drawn from the seed: its shape, its threads, what they call and how they fail. The plan is
//! repeatable, the schedule is the machine's.

use bounded_buffer::WaitStrategy;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) capacity: usize,
    pub(crate) sharing: Sharing,
    pub(crate) producers: Vec<Role>,
    pub(crate) consumers: Vec<Role>,
}

/// How the threads hold the buffer, and so what ends the round.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sharing {
    /// One buffer by reference. It is closed when the producers are done; one consumer never fails.
    Reference(WaitStrategy),
    /// Handles. The last producer dropped closes; one consumer never fails.
    LastProducer,
    /// Handles. All consumers may go; the last one closes, and drops what was left.
    LastConsumer,
}

/// What one thread does.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) seed: u64,
    pub(crate) style: Style,
    /// A producer's items; a consumer goes on to the end.
    pub(crate) items: u32,
    pub(crate) fault: Option<Fault>,
}

/// The operations that a thread prefers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style {
    /// One item at a time, waiting as long as it takes.
    Single,
    /// As many as possible at a time.
    Batch,
    /// Attempts and short time-outs.
    Impatient,
    /// All operations; a producer evicts, a consumer drains.
    Any,
}

/// What a thread does once it has moved so many items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) after: u32,
    pub(crate) kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Panics; its handle is dropped as the stack unwinds.
    Panic,
    /// Returns and drops its handle.
    Leave,
    /// Closes the buffer for everybody; a consumer takes what is left in the same step.
    Close,
}

impl Plan {
    pub(crate) fn new(seed: u64, round: u64) -> Self {
        // An odd factor keeps the rounds of neighbouring seeds apart.
        let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(round));
        let sharing = match rng.random_range(0..4) {
            0 => Sharing::Reference(WaitStrategy::Park),
            1 => Sharing::Reference(WaitStrategy::Adaptive),
            2 => Sharing::LastProducer,
            _ => Sharing::LastConsumer,
        };
        // Small capacities are where threads wait, so they are drawn more often than a uniform choice would.
        let capacity = match rng.random_range(0..3) {
            0 => rng.random_range(1..=2),
            1 => rng.random_range(3..=8),
            _ => rng.random_range(9..=64),
        };
        let producers = rng.random_range(1..=8);
        let items = (1_u32 << rng.random_range(12..=17)) / producers;
        let consumers: u32 = rng.random_range(1..=8);
        let calm = rng.random_ratio(1, 3); // no faults: the round runs to its end
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
                2 => Style::Impatient,
                _ => Style::Any,
            };
            Role { seed: rng.random(), style, items, fault }
        };
        let share = items * producers / consumers;
        let producers_list: Vec<_> = (0..producers).map(|_| role(&mut rng, items, items)).collect();
        let mut consumers_list: Vec<_> = (0..consumers).map(|_| role(&mut rng, 0, share)).collect();
        match sharing {
            // Without one that stays, the producers could wait for nobody.
            Sharing::Reference(_) | Sharing::LastProducer => consumers_list[0].fault = None,
            // That all of them go, and leave items behind, is rare unless it is asked for.
            Sharing::LastConsumer if !calm && rng.random_bool(0.5) => {
                for role in &mut consumers_list {
                    let kind = if rng.random_bool(0.5) { FaultKind::Panic } else { FaultKind::Leave };
                    role.fault = Some(Fault { after: rng.random_range(0..share), kind });
                }
            }
            Sharing::LastConsumer => {}
        }
        Self { capacity, sharing, producers: producers_list, consumers: consumers_list }
    }
}
