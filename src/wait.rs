//! What a thread does before it parks: it spins, then yields, for a bounded number of rounds.
//!
//! Waking a parked thread takes tens of microseconds; an item passes between two running threads in a fraction of one. A
//! spinning thread polls a *snapshot* of the length outside the lock. The snapshot may be stale, so the condition is checked
//! again under the lock: a wrong snapshot costs time, never an item.

use std::time::{Duration, Instant};

use crate::sync;

/// Selects what a thread does while it cannot push or pop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitStrategy {
    /// Spins for about a microsecond, then yields up to 20 times, then parks.
    ///
    /// A yield lasts as long as the operating system runs other threads on the core: well under a microsecond on an idle
    /// machine, several milliseconds next to busy threads. A wait whose deadline is nearer than that does not yield.
    #[default]
    Adaptive,
    /// Parks immediately. For long waits, and where other threads need the processor.
    Park,
}

/// Number of polls while spinning: long enough for an item to pass between two cores.
const SPINS: u32 = 12;

/// Number of spin-loop hints between two polls. Each poll takes the snapshot's cache line from the thread that is about to
/// write it, so polling more often delays the change that the poll waits for.
const PAUSES: u32 = 4;

/// Smallest capacity at which a spinning thread lets the other side run on. A smaller buffer is full after a few items.
const BURST: usize = 16;

/// Number of polls while yielding, after the spins.
const YIELDS: u32 = 20;

/// A wait whose deadline is nearer than this does not yield: next to four busy threads on two cores, one yield was measured to
/// last up to 8 ms.
const LONGEST_YIELD: Duration = Duration::from_millis(10);

/// After this many consecutive waits of a side that only a yield ended, the next waiter of that side parks.
///
/// If a yield ends a wait, both sides share a core: one ran because the other gave way. They can continue like that, one
/// context switch an item, next to an idle core. A parked thread is placed on an idle core when it is woken, and spinning
/// works from then on. Where this does not help, one park in 64 waits costs little.
const YIELDED_WAITS: u8 = 64;

impl WaitStrategy {
    /// Returns whether a thread spins before it parks, after so many consecutive waits that a yield ended.
    pub(crate) fn should_spin(self, yielded_waits: u8) -> bool {
        self == Self::Adaptive
            && (sync::is_single_core() || u32::from(yielded_waits) < sync::rounds(YIELDED_WAITS.into()))
    }
}

/// Polls until there is `progress`, the rounds are used up, or the deadline is near. Returns whether it took a yield.
pub(crate) fn spin_then_yield(capacity: usize, deadline: Option<Instant>, progress: impl Fn() -> usize) -> bool {
    let remaining = || deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
    if remaining().is_zero() || spin(capacity, &progress) {
        return false;
    }
    for _ in 0..sync::rounds(YIELDS) {
        if remaining() < LONGEST_YIELD {
            break;
        }
        sync::yield_now();
        if progress() > 0 {
            return true;
        }
    }
    false
}

/// Polls a bounded number of times and returns whether there was progress.
///
/// It does not return at the first item or slot: while the number grows, the other side runs in a burst, and both sides
/// are faster if it is not interrupted.
fn spin(capacity: usize, progress: impl Fn() -> usize) -> bool {
    if sync::is_single_core() {
        return false; // nothing changes while this thread keeps the core
    }
    let enough = if capacity < BURST { 1 } else { capacity };
    let mut before = 0;
    for _ in 0..sync::rounds(SPINS) {
        let now = progress();
        if now >= enough || (now > 0 && now <= before) {
            return true;
        }
        before = now;
        for _ in 0..sync::rounds(PAUSES) {
            sync::spin_loop();
        }
    }
    before > 0
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Polls a sequence of lengths, of which the last is repeated. Returns the result and the number of polls.
    fn poll(capacity: usize, deadline: Option<Instant>, lengths: &[usize]) -> (bool, u32) {
        let polls = Cell::new(0);
        let progress = || {
            let now = lengths[lengths.len().min(polls.get() as usize + 1) - 1];
            polls.set(polls.get() + 1);
            now
        };
        (spin_then_yield(capacity, deadline, progress), polls.get())
    }

    /// Number of polls of a spin that sees no progress.
    fn spins() -> u32 {
        if sync::is_single_core() { 0 } else { SPINS }
    }

    #[test]
    fn only_adaptive_spins_and_not_after_many_yielded_waits() {
        assert!(!WaitStrategy::Park.should_spin(0) && !WaitStrategy::Park.should_spin(YIELDED_WAITS));
        assert!(WaitStrategy::Adaptive.should_spin(0) && WaitStrategy::Adaptive.should_spin(YIELDED_WAITS - 1));
        // With one core there is no idle one to which parking would move the thread.
        assert_eq!(WaitStrategy::Adaptive.should_spin(YIELDED_WAITS), sync::is_single_core());
        assert_eq!(WaitStrategy::Adaptive.should_spin(YIELDED_WAITS + 1), sync::is_single_core());
    }

    #[test]
    fn polling_without_progress_is_bounded() {
        assert_eq!(poll(1, None, &[0]), (false, spins() + YIELDS));
        assert_eq!(poll(1, Some(Instant::now() + Duration::from_secs(1000)), &[0]), (false, spins() + YIELDS));
    }

    #[test]
    fn a_wait_whose_deadline_has_passed_does_not_poll() {
        assert_eq!(poll(1, Some(Instant::now()), &[1]), (false, 0));
    }

    #[test]
    fn a_wait_with_a_near_deadline_does_not_yield() {
        assert_eq!(poll(1, Some(Instant::now() + LONGEST_YIELD), &[0]), (false, spins()));
    }

    #[test]
    fn the_result_says_whether_it_took_a_yield() {
        let lengths = [vec![0; spins() as usize + 2], vec![1]].concat();
        assert_eq!(poll(1, None, &lengths), (true, spins() + 3));
    }

    #[test]
    fn a_spin_continues_during_a_burst_and_ends_with_it() {
        if sync::is_single_core() {
            return; // it does not spin there
        }
        assert_eq!(poll(1, None, &[1, 2]), (false, 1), "a small buffer");
        assert_eq!(poll(BURST - 1, None, &[1, 2]), (false, 1));
        assert_eq!(poll(BURST, None, &[0, 1, 2, 3, 3]), (false, 5), "no growth");
        assert_eq!(poll(BURST, None, &[0, 2, 1]), (false, 3), "fewer than before");
        assert_eq!(poll(BURST, None, &[BURST]), (false, 1), "the most there can be");
        assert_eq!(poll(BURST, None, &[0, 0, BURST + 1]), (false, 3), "closed");
        let growing: Vec<_> = (1..=SPINS as usize).collect();
        assert_eq!(poll(SPINS as usize * 2, None, &growing), (false, SPINS), "a burst longer than the spin");
        let late = [vec![0; SPINS as usize - 1], vec![1]].concat();
        assert_eq!(poll(BURST, None, &late), (false, SPINS), "progress at the last poll");
    }
}
