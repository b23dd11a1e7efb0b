//! What a thread does before it parks: it spins, then yields, for a bounded number of rounds.
//!
//! Waking a parked thread costs two system calls and takes microseconds at least; `cargo run --release --example
//! ladder` prints the time. An item passes between two running threads in a fraction of that. A spinning thread reads a
//! *snapshot* of the length outside the lock. The snapshot may be stale, so the condition is checked again under the
//! lock: a wrong snapshot costs time, never an item.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::sync::{self, AtomicU32};

/// Selects what a thread does while it cannot push or pop.
///
/// `Adaptive` gains most with few slots and little work between the operations. With 10 µs of work on each side, both
/// have about the same throughput. When items arrive at a low rate, `Adaptive` parks, too, after a few waits. At higher
/// rates next to other programs, `Park` takes an item sooner.
/// `BENCHMARKS.md` has the measurements under "Latency in an open loop".
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
/// spinning works from then on. Without this, 18 cells with 1 and 5 slots lost 8 % near (AMD EPYC, two cores).
const YIELDED_WAITS: u8 = 64;

/// A wait that took longer than this, and longer than [`WORTH_SPINNING`] for each item that the other side moved
/// meanwhile, is *rare*: spinning would not have seen an item.
///
/// Not less, because two sides that both park would then keep each other parked: between them spinning is in vain only
/// because the other side is being woken, which takes up to 60 µs.
const RARE: Duration = Duration::from_micros(60);

/// Spinning longer than this for one item is not worth it.
///
/// More than the time from one item to the next between two sides that park, because they would otherwise keep each
/// other parked. With 15 µs, four threads and four tasks on one slot did (AMD EPYC, near): an eighth of the throughput.
const WORTH_SPINNING: Duration = Duration::from_micros(40);

/// Number of waits that park immediately after a rare one.
const PARKS_AFTER_RARE: u32 = 4;

/// A yield that took longer gave the core to another program: the time slices of Linux last 3 to 4 ms, and the yields
/// between the threads of one pipeline on one core well below this.
const SLOW_YIELD: Duration = Duration::from_micros(500);

/// Number of waits that park immediately after a rare one with a slow yield. Doubled each time that this happens again,
/// and halved by a wait that a quick yield ended, so that one try in thousands of waits yields on a core that other
/// programs use.
const PARKS_AFTER_SLOW_YIELD: std::ops::RangeInclusive<u32> = 32..=4096;

/// Of this many consecutive waits that a yield ended, one reads the clock after that yield. With one thread on each side,
/// no work and 64 slots, a clock that is read each time cost about 13 % of the throughput (AMD EPYC, near).
const TIMED_YIELDS: u8 = 8;

/// How one wait of a thread went.
#[derive(Default)]
pub(crate) struct Wait {
    /// When the thread began to spin, and when it last stopped.
    began: Option<Instant>,
    pub(crate) spun_until: Option<Instant>,
    /// Since when it waited on the condition variable, if it did.
    pub(crate) parked_at: Option<Instant>,
    /// Number of items that the other side moved meanwhile.
    pub(crate) moved: u64,
    /// Whether a yield took longer than [`SLOW_YIELD`].
    slow_yield: bool,
    /// Whether the clock is read after a yield that ends it.
    pub(crate) times_yields: bool,
    /// Whether a yield ended it, and the clock was read.
    yielded: bool,
}

impl Wait {
    /// Reads the clock. The lock is not held.
    pub(crate) fn begin(&mut self) -> Instant {
        let now = Instant::now();
        self.began.get_or_insert(now);
        self.spun_until = Some(now);
        now
    }

    /// Returns whether the other side was too slow for a spinning thread, or its time is known.
    pub(crate) fn teaches(&self) -> bool {
        self.yielded || self.parked_at.is_some()
    }
}

/// What the waits of one side have taught: how many of the next ones park immediately.
///
/// Read and written without the lock, without read-modify-writes, and `Relaxed`: a count that is lost changes how long
/// a thread spins, nothing else.
#[derive(Default)]
pub(crate) struct Experience {
    parks: AtomicU32,
    /// The last number of parks after a slow yield.
    penalty: AtomicU32,
}

impl Experience {
    /// Returns whether to read the clock after a yield that ends the next wait: always while a slow yield is remembered.
    pub(crate) fn times_yields(&self, yielded_waits: u8) -> bool {
        yielded_waits % TIMED_YIELDS == 0 || self.penalty.load(Ordering::Relaxed) > 0
    }

    /// Returns whether the next wait may spin.
    pub(crate) fn permits_spinning(&self) -> bool {
        let parks = self.parks.load(Ordering::Relaxed);
        if parks > 0 {
            self.parks.store(parks - 1, Ordering::Relaxed);
        }
        parks == 0
    }

    /// Threads of the program that share a core move many items during a slow yield, so it is no reason to park.
    /// Without that condition, pipelines with more threads than cores lost up to half of their throughput.
    pub(crate) fn learn(&self, wait: &Wait) {
        let (Some(began), Some(spun_until)) = (wait.began, wait.spun_until) else { return };
        let time = if wait.parked_at.is_some() { began.elapsed() } else { spun_until - began };
        let is_rare = time > RARE && time.as_nanos() > WORTH_SPINNING.as_nanos() * u128::from(wait.moved.max(1));
        let penalty = self.penalty.load(Ordering::Relaxed);
        if !sync::HAS_CLOCK {
            // What a wait teaches would differ between two runs of a model.
        } else if is_rare && wait.slow_yield {
            let penalty = (penalty * 2).clamp(*PARKS_AFTER_SLOW_YIELD.start(), *PARKS_AFTER_SLOW_YIELD.end());
            self.penalty.store(penalty, Ordering::Relaxed);
            self.parks.store(penalty, Ordering::Relaxed);
        } else if is_rare {
            self.parks.store(self.parks.load(Ordering::Relaxed).max(PARKS_AFTER_RARE), Ordering::Relaxed);
        } else if wait.yielded && wait.parked_at.is_none() && penalty > 0 {
            self.penalty.store(penalty / 2, Ordering::Relaxed); // not 0 again: a store takes the cache line
        }
    }
}

/// Returns whether a thread spins before it parks, after so many consecutive waits that a yield ended.
pub(crate) fn should_spin(yielded_waits: u8) -> bool {
    sync::is_single_core() || u32::from(yielded_waits) < sync::rounds(YIELDED_WAITS.into())
}

/// Spins, then yields, until the wait `seems_over`, the rounds or the time are used up, or the deadline is near.
/// Returns whether a yield ended the wait.
pub(crate) fn spin_then_yield(
    capacity: usize,
    deadline: Option<Instant>,
    seems_over: impl Fn() -> bool,
    wait: &mut Wait,
) -> bool {
    let remaining = |now| deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
    let begin = wait.begin();
    wait.yielded = false;
    if remaining(begin).is_zero() || (capacity < SPIN_BELOW && spin(&seems_over)) {
        return false;
    }
    let mut now = begin;
    for _ in 0..sync::rounds(YIELDS) {
        if now - begin > YIELD_TIME || remaining(now) < LONGEST_YIELD {
            break;
        }
        sync::yield_now();
        let is_over = seems_over();
        if is_over && !wait.times_yields {
            return true;
        }
        let before = now;
        now = wait.begin();
        // With one core, yields are how the other side runs.
        wait.slow_yield |= now - before > SLOW_YIELD && !sync::is_single_core();
        wait.yielded = is_over;
        if is_over {
            return true;
        }
    }
    false
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
        let mut wait = Wait { times_yields: true, ..Wait::default() };
        let yielded = spin_then_yield(capacity, deadline, seems_over, &mut wait);
        assert_eq!(wait.yielded, yielded);
        (yielded, reads.get())
    }

    /// Number of reads of a spin that does not see the end of the wait.
    fn spins() -> u32 {
        if sync::is_single_core() { 0 } else { SPINS }
    }

    #[test]
    fn a_thread_does_not_spin_after_many_yielded_waits() {
        assert!(should_spin(0) && should_spin(YIELDED_WAITS - 1));
        // With one core there is no idle one to which parking would move the thread.
        assert_eq!(should_spin(YIELDED_WAITS), sync::is_single_core());
        assert_eq!(should_spin(YIELDED_WAITS + 1), sync::is_single_core());
    }

    /// A wait that did not park and took `time`.
    fn wait_of(time: Duration, moved: u64, slow_yield: bool, yielded: bool) -> Wait {
        let began = Instant::now();
        let spun_until = Some(began + time);
        Wait { began: Some(began), spun_until, moved, slow_yield, yielded, ..Wait::default() }
    }

    /// The number of waits that park immediately.
    fn parks(experience: &Experience) -> u32 {
        let mut parks = 0;
        while !experience.permits_spinning() {
            parks += 1;
        }
        parks
    }

    #[test]
    fn a_rare_wait_lets_the_next_ones_park() {
        let experience = Experience::default();
        assert!(experience.permits_spinning());
        let (short, long, ms) = (RARE, RARE + Duration::from_nanos(1), Duration::from_millis(1));
        for (time, moved, expected) in
            [(short, 0, 0), (long, 0, 4), (long, 1, 4), (long, 2, 0), (ms, 24, 4), (ms, 25, 0)]
        {
            experience.learn(&wait_of(time, moved, false, false));
            assert_eq!(parks(&experience), expected, "{time:?} for {moved} items");
        }
    }

    #[test]
    fn each_further_slow_yield_doubles_the_parks_and_a_quick_one_halves_them() {
        let experience = Experience::default();
        let slow = wait_of(Duration::from_millis(4), 1, true, true);
        for expected in [32, 64, 128, 256, 512, 1024, 2048, 4096, 4096] {
            experience.learn(&slow);
            assert_eq!(parks(&experience), expected);
        }
        experience.learn(&wait_of(Duration::from_micros(2), 1, false, true));
        experience.learn(&wait_of(Duration::from_micros(2), 1, false, true));
        experience.learn(&slow);
        assert_eq!(parks(&experience), 2048);
    }

    #[test]
    fn a_slow_yield_teaches_nothing_if_many_items_moved_and_a_rare_wait_does_not_shorten_its_parks() {
        let experience = Experience::default();
        experience.learn(&wait_of(Duration::from_millis(4), 300, true, true));
        assert_eq!(parks(&experience), 0);
        experience.learn(&wait_of(Duration::from_millis(4), 1, true, true));
        experience.learn(&wait_of(Duration::from_millis(4), 1, false, false));
        assert_eq!(parks(&experience), 32);
    }

    #[test]
    fn a_slow_yield_is_noticed_unless_there_is_one_core() {
        let mut wait = Wait { times_yields: true, ..Wait::default() };
        let seems_over = || {
            let begin = Instant::now();
            while begin.elapsed() <= SLOW_YIELD {} // as if other programs had the core
            true
        };
        assert!(spin_then_yield(SPIN_BELOW, None, seems_over, &mut wait));
        assert_eq!(wait.slow_yield, !sync::is_single_core());
    }

    #[test]
    fn one_of_several_yielded_waits_reads_the_clock_and_each_one_after_a_slow_yield() {
        let experience = Experience::default();
        let timed =
            |experience: &Experience| (0..16).filter(|&waits| experience.times_yields(waits)).collect::<Vec<_>>();
        assert_eq!(timed(&experience), [0, 8]);
        experience.learn(&wait_of(Duration::from_millis(4), 1, true, true));
        assert_eq!(timed(&experience).len(), 16);
        let mut wait = Wait::default();
        assert!(spin_then_yield(SPIN_BELOW, None, || true, &mut wait));
        assert!(!wait.yielded && !wait.teaches(), "the clock was not read");
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
        assert!(!spin_then_yield(SPIN_BELOW, None, seems_over, &mut Wait::default()));
        assert_eq!(reads.get(), 1);
    }

    #[test]
    fn a_wait_with_a_near_deadline_does_not_yield_and_one_whose_deadline_has_passed_does_not_spin() {
        assert_eq!(wait(1, Some(Instant::now()), 0), (false, 0));
        assert_eq!(wait(1, Some(Instant::now() + LONGEST_YIELD), u32::MAX), (false, spins()));
    }

    #[test]
    fn a_small_buffer_spins_first_a_larger_one_yields_and_the_result_says_what_ended_the_wait() {
        assert_eq!(wait(SPIN_BELOW - 1, None, 0), (sync::is_single_core(), 1));
        assert_eq!(wait(SPIN_BELOW, None, 0), (true, 1));
        if !sync::is_single_core() {
            assert_eq!(wait(1, None, SPINS - 1), (false, SPINS));
        }
        assert_eq!(wait(1, None, spins()), (true, spins() + 1));
    }
}
