//! What travels through the channel.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::sync::Arc;

/// An item: what is printed is its value; where it comes from and since when it is in the channel is for the report.
#[derive(Clone, Debug)]
pub struct Item {
    producer: usize,
    sequence: u64,
    value: u32,
    entered: Entered,
}

/// When an item entered the channel.
#[derive(Clone, Debug)]
enum Entered {
    /// At once, when it was offered.
    At(Instant),
    /// After a wait for a slot, so nobody knew when the item was made up: its producer notes the time on its return.
    AfterWait(Arc<OnceLock<Instant>>),
}

impl Item {
    /// An item that is offered now.
    pub(crate) fn new(producer: usize, sequence: u64, value: u32) -> Self {
        Self { producer, sequence, value, entered: Entered::At(Instant::now()) }
    }

    /// The same item, to be pushed by an operation that waits. When that returns, the time goes into the cell.
    pub(crate) fn waiting(self) -> (Self, Arc<OnceLock<Instant>>) {
        let cell = Arc::new(OnceLock::new());
        (Self { entered: Entered::AfterWait(cell.clone()), ..self }, cell)
    }

    /// Who pushed it; the first producer is 1.
    #[must_use]
    pub fn producer(&self) -> usize {
        self.producer
    }

    /// Its number among the items of its producer, from 0.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// What it is to the scenario.
    #[must_use]
    pub fn value(&self) -> u32 {
        self.value
    }

    /// How long it was in the channel, if it came out just `now`. The time its producer waited for a slot is not part of it.
    /// An item that is popped before its producer has come back from a push that waited counts as 0: it was there for
    /// less than that way back.
    pub(crate) fn time_in_buffer(&self, now: Instant) -> Duration {
        let entered = match &self.entered {
            Entered::At(time) => Some(time),
            Entered::AfterWait(cell) => cell.get(),
        };
        entered.map_or(Duration::ZERO, |entered| now.saturating_duration_since(*entered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_for_a_slot_is_no_time_in_the_buffer() {
        let item = Item::new(1, 0, 42);
        let offered = Instant::now();
        let (item, cell) = item.waiting();
        assert_eq!(item.time_in_buffer(offered + Duration::from_secs(9)), Duration::ZERO);

        cell.set(offered + Duration::from_secs(10)).expect("nobody else sets it");
        assert_eq!(item.time_in_buffer(offered + Duration::from_secs(13)), Duration::from_secs(3));
    }
}
