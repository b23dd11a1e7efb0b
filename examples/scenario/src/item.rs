//! The items that the scenario sends through a channel.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// An item: a value to print, and the origin and time that the report needs.
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
    /// Immediately: the time at which it was offered.
    At(Instant),
    /// After a wait for a slot. The producer sets the time when its push returns.
    AfterWait(Arc<OnceLock<Instant>>),
}

impl Item {
    /// Creates an item that is offered now.
    pub(crate) fn new(producer: usize, sequence: u64, value: u32) -> Self {
        Self { producer, sequence, value, entered: Entered::At(Instant::now()) }
    }

    /// Returns the same item for a push that waits, and the cell for the time at which that push returns.
    pub(crate) fn waiting(self) -> (Self, Arc<OnceLock<Instant>>) {
        let cell = Arc::new(OnceLock::new());
        (Self { entered: Entered::AfterWait(cell.clone()), ..self }, cell)
    }

    /// Returns the number of the producer that pushed it; the first producer is 1.
    #[must_use]
    pub fn producer(&self) -> usize {
        self.producer
    }

    /// Returns its number among the items of its producer, from 0.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Returns its value, which is what the scenario prints.
    #[must_use]
    pub fn value(&self) -> u32 {
        self.value
    }

    /// Returns how long it was in the channel, if it was popped at `now`. The producer's wait for a slot does not count.
    ///
    /// An item that is popped before its producer returns from a push that waited counts as 0: it was in the channel for less
    /// time than that return takes.
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

        cell.set(offered + Duration::from_secs(10)).expect("the cell is set once");
        assert_eq!(item.time_in_buffer(offered + Duration::from_secs(13)), Duration::from_secs(3));
    }
}
