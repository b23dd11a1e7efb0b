//! What a thread does before it parks: it spins, then yields, for a bounded number of rounds.
//!
//! Waking a parked thread costs two system calls and takes microseconds at least; `cargo run --release --example
//! ladder` prints the time. An item passes between two running threads in a fraction of that. A spinning thread reads a
//! *snapshot* of the length outside the lock. The snapshot may be stale, so the condition is checked again under the
//! lock: a wrong snapshot costs time, never an item.

use std::time::{Duration, Instant};

use crate::sync;

/// Selects what a thread does while it cannot push or pop.
///
/// `Adaptive` gains most with few slots and little work between the operations. With 10 µs of work on each side, both
/// have about the same throughput. When items arrive at a low rate next to other programs, `Park` takes an item sooner.
/// `BENCHMARKS.md` has the measurements under "Which wait strategy" and "Latency in an open loop".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitStrategy {
    /// Spins for about a microsecond if the buffer has fewer than 16 slots, then yields for at most 15 µs, then parks.
    ///
    /// A yield lasts as long as the operating system runs other threads on the core: well under a microsecond on an
    /// idle machine, several milliseconds next to busy threads. A wait whose deadline is nearer than 10 ms does not
    /// yield.
    #[default]
    Adaptive,
    /// Parks immediately. For long waits, and where other threads need the processor.
    Park,
}

/// Smallest capacity at which a thread yields without spinning first.
///
/// In a small buffer, the other side waits for each change, and spinning sees it soonest. In a larger one the other
/// side has work in store, and a spinning thread only occupies a core that the other side may need. With 500 ns of work
/// on one side, 4 and 4 threads on two cores and 64 or 1024 slots, yielding without spinning gained 30 to 60 % in
/// throughput.
const SPIN_BELOW: usize = 16;

/// Number of reads while spinning: long enough for an item to pass between two cores.
const SPINS: u32 = 12;

/// Number of spin-loop hints between two reads. Each read takes the snapshot's cache line from the thread that is about
/// to write it, so reading more often delays the change that the thread waits for.
const PAUSES: u32 = 4;

/// Largest number of yields before a thread parks. On an idle core they take about as long as [`YIELD_TIME`].
const YIELDS: u32 = 30;

/// Longest time that a thread spends on yields before it parks.
///
/// If other threads need the core, the first yield takes longer than this, and the thread parks and leaves the core to
/// them. With 5 µs, two threads alternating on 64 slots parked far more often (a third of the throughput); 15 µs lost
/// nothing measurable.
const YIELD_TIME: Duration = Duration::from_micros(15);

/// A wait whose deadline is nearer than this does not yield: next to four busy threads on two cores, one yield was
/// measured to last up to 8 ms.
const LONGEST_YIELD: Duration = Duration::from_millis(10);

/// After this many consecutive waits of a side that only a yield ended, the next waiter of that side parks.
///
/// If a yield ends a wait, both sides share a core: one ran because the other gave way. They can continue like that,
/// one context switch an item, next to an idle core. A parked thread is placed on an idle core when it is woken, and
/// spinning works from then on. Where this does not help, one park in 64 waits costs little.
const YIELDED_WAITS: u8 = 64;

impl WaitStrategy {
    /// Returns whether a thread spins before it parks, after so many consecutive waits that a yield ended.
    pub(crate) fn should_spin(self, yielded_waits: u8) -> bool {
        self == Self::Adaptive
            && (sync::is_single_core() || u32::from(yielded_waits) < sync::rounds(YIELDED_WAITS.into()))
    }
}

/// How a thread has spun.
#[derive(Clone, Copy)]
pub(crate) struct Spun {
    /// Whether a yield ended the wait.
    pub(crate) yielded: bool,
    /// The last reading of the clock.
    pub(crate) end: Instant,
}

/// Spins, then yields, until the wait `seems_over`, the rounds or the time are used up, or the deadline is near.
pub(crate) fn spin_then_yield(capacity: usize, deadline: Option<Instant>, seems_over: impl Fn() -> bool) -> Spun {
    let remaining = |now| deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
    let begin = Instant::now();
    if remaining(begin).is_zero() || (capacity < SPIN_BELOW && spin(&seems_over)) {
        return Spun { yielded: false, end: begin };
    }
    let mut now = begin;
    for _ in 0..sync::rounds(YIELDS) {
        if now - begin > YIELD_TIME || remaining(now) < LONGEST_YIELD {
            break;
        }
        sync::yield_now();
        if seems_over() {
            return Spun { yielded: true, end: now };
        }
        now = Instant::now();
    }
    Spun { yielded: false, end: now }
}

/// Spins for a bounded number of rounds and returns whether the wait seems over.
fn spin(seems_over: impl Fn() -> bool) -> bool {
    if sync::is_single_core() {
        return false; // nothing changes while this thread keeps the core
    }
    for _ in 0..sync::rounds(SPINS) {
        if seems_over() {
            return true;
        }
        for _ in 0..sync::rounds(PAUSES) {
            sync::spin_loop();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Waits until read number `over_at`, counted from 0. Returns the result and the number of reads.
    fn wait(capacity: usize, deadline: Option<Instant>, over_at: u32) -> (bool, u32) {
        let reads = Cell::new(0);
        let seems_over = || {
            reads.set(reads.get() + 1);
            reads.get() > over_at
        };
        (spin_then_yield(capacity, deadline, seems_over).yielded, reads.get())
    }

    /// Number of reads of a spin that does not see the end of the wait.
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
    fn spinning_is_bounded() {
        for deadline in [None, Some(Instant::now() + Duration::from_secs(1000))] {
            let (yielded, reads) = wait(1, deadline, u32::MAX);
            assert!(!yielded);
            assert!(reads > spins() && reads <= spins() + YIELDS, "{reads}"); // fewer yields if they take long
        }
    }

    #[test]
    fn a_yield_that_takes_too_long_is_the_last() {
        let reads = Cell::new(0);
        let seems_over = || {
            reads.set(reads.get() + 1);
            let begin = Instant::now();
            while begin.elapsed() <= YIELD_TIME {} // as if other threads had the core
            false
        };
        assert!(!spin_then_yield(SPIN_BELOW, None, seems_over).yielded);
        assert_eq!(reads.get(), 1);
    }

    #[test]
    fn a_wait_whose_deadline_has_passed_does_not_spin() {
        assert_eq!(wait(1, Some(Instant::now()), 0), (false, 0));
    }

    #[test]
    fn a_wait_with_a_near_deadline_does_not_yield() {
        assert_eq!(wait(1, Some(Instant::now() + LONGEST_YIELD), u32::MAX), (false, spins()));
    }

    #[test]
    fn a_small_buffer_spins_first_and_a_larger_one_yields() {
        assert_eq!(wait(SPIN_BELOW - 1, None, 0), (sync::is_single_core(), 1));
        assert_eq!(wait(SPIN_BELOW, None, 0), (true, 1));
    }

    #[test]
    fn the_result_says_whether_a_yield_ended_the_wait() {
        if !sync::is_single_core() {
            assert_eq!(wait(1, None, SPINS - 1), (false, SPINS));
        }
        assert_eq!(wait(1, None, spins()), (true, spins() + 1));
    }
}
