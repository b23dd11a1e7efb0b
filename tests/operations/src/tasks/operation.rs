//! The operations of a sequence, and how two bytes select one.

use super::{SLOTS, WAKERS};

/// A step of a sequence. A slot holds one future at a time.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    Create(usize, Kind),
    Poll(usize, usize),
    Cancel(usize),
    TryPush,
    TryPushMany(usize),
    ForcePush,
    TryPop,
    TryPopMany(usize),
    Drain,
    Close,
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Push,
    PushMany(usize),
    Pop,
    PopMany(usize),
}

impl Operation {
    /// Any two bytes are an operation, so that a fuzzer can use its input as it is.
    pub fn decode([kind, argument]: [u8; 2]) -> Self {
        let (slot, count) = (usize::from(argument) % SLOTS, usize::from(argument) / SLOTS % 5);
        match kind % 32 {
            0..3 => Self::Create(slot, Kind::Push),
            3 => Self::Create(slot, Kind::PushMany(count)),
            4..7 => Self::Create(slot, Kind::Pop),
            7 => Self::Create(slot, Kind::PopMany(count.max(1))),
            8..18 => Self::Poll(slot, count % WAKERS),
            18..22 => Self::Cancel(slot),
            22..24 => Self::TryPush,
            24 => Self::TryPushMany(count),
            25 => Self::ForcePush,
            26..28 => Self::TryPop,
            28 => Self::TryPopMany(count.max(1)),
            29 | 30 => Self::Drain,
            _ if argument > 200 => Self::Close,
            _ => Self::TryPop,
        }
    }
}
