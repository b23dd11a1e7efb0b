//! How long to look before sleeping.
//!
//! Waking a sleeping thread costs 50 to 100 µs; an item is handed over in a fraction of one. So [`WaitStrategy::Adaptive`]
//! looks a bounded while, first spinning, then giving its time slice away, before it sleeps. It looks at a *hint*, outside
//! the lock; whatever it believes to have seen is checked again under the lock, so a wrong hint costs time and nothing else.

use std::num::NonZero;
use std::sync::OnceLock;
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

/// How many times [`pause`] looks with a spin of the processor in between; none where there is one core, because nothing
/// can change while this thread keeps it.
const SPINS: u32 = 100;

/// How many times [`pause`] looks with a yield in between, after the spins.
const YIELDS: u32 = 20;

/// The longest back-off in front of a contended lock, as a power of two of spins.
const MAX_BACK_OFF: u32 = 6;

impl WaitStrategy {
    /// Looks until `ready`, until it is time to sleep, or until the deadline; a spin is too short to look at the clock.
    pub(crate) fn pause(self, deadline: Option<Instant>, ready: impl Fn() -> bool) {
        let in_time = || deadline.is_none_or(|deadline| Instant::now() < deadline);
        if self == Self::Park || !in_time() {
            return;
        }
        let spins = if one_core() { 0 } else { SPINS };
        for _ in 0..sync::rounds(spins) {
            if ready() {
                return;
            }
            sync::spin_loop();
        }
        for _ in 0..sync::rounds(YIELDS) {
            if ready() || !in_time() {
                return;
            }
            sync::yield_now();
        }
    }

    /// Takes a lock that was just seen taken: backs off a little, so that its holder can work in a burst with a warm cache.
    #[cold]
    pub(crate) fn lock<T>(self, mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        if self == Self::Adaptive && !one_core() {
            for exponent in 0..=MAX_BACK_OFF {
                for _ in 0..1_u32 << exponent {
                    sync::spin_loop();
                }
                if let Some(guard) = mutex.try_lock() {
                    return guard;
                }
            }
        }
        mutex.lock()
    }
}

/// Asked once a process: the answer costs tens of microseconds, and a process that is moved to other cores later loses
/// speed, not correctness.
fn one_core() -> bool {
    static ONE_CORE: OnceLock<bool> = OnceLock::new();
    *ONE_CORE.get_or_init(|| std::thread::available_parallelism().is_ok_and(|cores| cores == NonZero::<usize>::MIN))
}
