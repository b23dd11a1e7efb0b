//! How long to look before sleeping, and how to stand in front of a lock that is taken.
//!
//! Waking a sleeping thread costs 50 to 100 µs; an item is handed over in a fraction of one. So [`WaitStrategy::Adaptive`]
//! looks a bounded while, first spinning, then giving its time slice away, before it sleeps. It looks at a *len_snapshot*, outside
//! the lock; whatever it believes to have seen is checked again under the lock, so a wrong len_snapshot costs time and nothing else.

use std::time::Instant;

use crate::sync::{self, Mutex, MutexGuard};

/// What a thread does while it cannot push or pop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitStrategy {
    /// Spins and yields for a bounded while, some tens of microseconds, then sleeps. The fast one.
    #[default]
    Adaptive,
    /// Sleeps at once and never spins. For when the waits are long or the processor has other work.
    Park,
}

/// How often a waiter looks while spinning: long enough for a hand-over between two cores.
const LOOKS: u32 = 12;

/// Spins between two looks. Each look takes the len_snapshot's cache line from the thread that is about to change it, so looking
/// more often makes what is waited for come later.
const SPINS_A_LOOK: u32 = 4;

/// The fewest slots at which a burst is worth being left alone while spinning. A smaller buffer is full at once.
const BURST: usize = 16;

/// How often a waiter looks while yielding, after the spins.
const YIELDS: u32 = 20;

/// After how many waits in a row that only a yield could end a side's next waiter sleeps without looking.
///
/// That a yield helps tells that the two sides share a core: the one ran because the other made way. They can go on like
/// that for long, a switch an item, beside an idle core. A thread that sleeps is placed anew when it is woken, on an idle core if
/// there is one; from then on the spins hit. One sleep in 64 waits is cheap, where it does not help.
const YIELDED_WAITS: u32 = 64;

/// Back-off in front of a taken lock: from 2³ to 2⁶ spins. It lets the holder work in a burst with a warm cache.
const BACK_OFF: std::ops::RangeInclusive<u32> = 3..=6;

impl WaitStrategy {
    /// May a thread look before it sleeps, after so many waits in a row that a yield ended?
    pub(crate) fn looks(self, yielded_waits: u32) -> bool {
        self == Self::Adaptive && (sync::is_single_core() || yielded_waits < sync::rounds(YIELDED_WAITS))
    }

    /// Looks until there is `progress`, until it is time to sleep, or until the deadline. Says whether it took a yield.
    pub(crate) fn look(capacity: usize, deadline: Option<Instant>, progress: impl Fn() -> usize) -> bool {
        let in_time = || deadline.is_none_or(|deadline| Instant::now() < deadline);
        if !in_time() || spin(capacity, &progress) {
            return false;
        }
        for _ in 0..sync::rounds(YIELDS) {
            sync::yield_now();
            if progress() > 0 {
                return true;
            }
            if !in_time() {
                break;
            }
        }
        false
    }

    /// Takes a lock that was just seen taken.
    #[cold]
    pub(crate) fn lock<T>(self, mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        if self == Self::Adaptive && !sync::is_single_core() {
            for exponent in BACK_OFF {
                spin_for(1 << exponent);
                if let Some(guard) = mutex.try_lock() {
                    return guard;
                }
            }
        }
        mutex.lock()
    }
}

/// Looks a bounded while, and says whether there was progress.
///
/// It does not pounce on the first item or slot: as long as there are more at every look, the other side is in a burst, and
/// leaving it alone is faster for both. The while is bounded, so nothing can hang on that.
fn spin(capacity: usize, progress: impl Fn() -> usize) -> bool {
    if sync::is_single_core() {
        return false; // nothing changes while this thread keeps the core
    }
    let enough = if capacity < BURST { 1 } else { capacity };
    let mut before = 0;
    for _ in 0..sync::rounds(LOOKS) {
        let now = progress();
        if now >= enough || (now > 0 && now <= before) {
            return true;
        }
        before = now;
        spin_for(SPINS_A_LOOK);
    }
    before > 0
}

fn spin_for(spins: u32) {
    for _ in 0..sync::rounds(spins) {
        sync::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    /// What a look at `seen`, one after the other and the last one for ever, says, and after how many looks.
    fn look(capacity: usize, deadline: Option<Instant>, seen: &[usize]) -> (bool, u32) {
        let looks = Cell::new(0);
        let progress = || {
            let now = seen[seen.len().min(looks.get() as usize + 1) - 1];
            looks.set(looks.get() + 1);
            now
        };
        (WaitStrategy::look(capacity, deadline, progress), looks.get())
    }

    /// How often it looks while it spins, if nothing comes.
    fn spins() -> u32 {
        if sync::is_single_core() { 0 } else { LOOKS }
    }

    #[test]
    fn only_the_adaptive_looks_and_not_after_a_row_of_yielded_waits() {
        assert!(!WaitStrategy::Park.looks(0) && !WaitStrategy::Park.looks(YIELDED_WAITS));
        assert!(WaitStrategy::Adaptive.looks(0) && WaitStrategy::Adaptive.looks(YIELDED_WAITS - 1));
        // With one core there is no idle one that a sleep would move the thread to.
        assert_eq!(WaitStrategy::Adaptive.looks(YIELDED_WAITS), sync::is_single_core());
        assert_eq!(WaitStrategy::Adaptive.looks(YIELDED_WAITS + 1), sync::is_single_core());
    }

    #[test]
    fn a_look_that_finds_nothing_is_bounded() {
        assert_eq!(look(1, None, &[0]), (false, spins() + YIELDS));
        assert_eq!(look(1, Some(Instant::now() + Duration::from_hours(1)), &[0]), (false, spins() + YIELDS));
    }

    #[test]
    fn a_look_after_the_deadline_does_not_look() {
        assert_eq!(look(1, Some(Instant::now()), &[1]), (false, 0));
    }

    #[test]
    fn a_look_ends_with_the_deadline() {
        let deadline = Instant::now() + Duration::from_millis(200);
        let slow = || {
            while Instant::now() < deadline {
                sync::yield_now();
            }
            0
        };
        let looks = Cell::new(0);
        // The spins are too short to ask the clock each time; the yields do.
        assert!(!WaitStrategy::look(1, Some(deadline), || {
            looks.set(looks.get() + 1);
            slow()
        }));
        assert_eq!(looks.get(), spins() + 1);
    }

    #[test]
    fn a_look_tells_when_it_took_a_yield() {
        let seen = [vec![0; spins() as usize + 2], vec![1]].concat();
        assert_eq!(look(1, None, &seen), (true, spins() + 3));
    }

    #[test]
    fn a_spin_leaves_a_burst_alone_and_ends_with_it() {
        if sync::is_single_core() {
            return; // which does not spin
        }
        assert_eq!(look(1, None, &[1, 2]), (false, 1), "a small buffer is not worth it");
        assert_eq!(look(BURST - 1, None, &[1, 2]), (false, 1));
        assert_eq!(look(BURST, None, &[0, 1, 2, 3, 3]), (false, 5), "no more than before");
        assert_eq!(look(BURST, None, &[0, 2, 1]), (false, 3), "less than before");
        assert_eq!(look(BURST, None, &[BURST]), (false, 1), "no more to come");
        assert_eq!(look(BURST, None, &[0, 0, BURST + 1]), (false, 3), "closed");
        let growing: Vec<_> = (1..=LOOKS as usize).collect();
        assert_eq!(look(LOOKS as usize * 2, None, &growing), (false, LOOKS), "a burst without end");
        let late = [vec![0; LOOKS as usize - 1], vec![1]].concat();
        assert_eq!(look(BURST, None, &late), (false, LOOKS), "seen at the last look");
    }
}
