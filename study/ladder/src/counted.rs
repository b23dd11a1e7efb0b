//! The primitives of the steps, which count how often threads parked, so that the steps show a buffer and no counters.
//!
//! The same names and signatures as in parking_lot and, for step 1, in std.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::sync;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    pub parks: u64,
    /// The parks that followed a wasted wake-up: the woken thread could not act.
    pub wasted: u64,
}

/// What the mutex of a step guards, and the counts.
#[derive(Default)]
struct Counted<T> {
    state: T,
    waits: Waits,
}

impl<T> Counted<T> {
    fn new(state: T) -> Self {
        Self { state, waits: Waits::default() }
    }

    /// Counts a park. `again` is true from the second park under one guard on.
    fn count(&mut self, again: &mut bool) {
        self.waits.parks += 1;
        self.waits.wasted += u64::from(*again);
        *again = true;
    }
}

/// The model's mutex requires `Display`, for timelines. The steps print nothing.
impl<T> fmt::Display for Counted<T> {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

pub(crate) struct Mutex<T>(sync::Mutex<Counted<T>>);

pub(crate) struct MutexGuard<'a, T> {
    guard: sync::MutexGuard<'a, Counted<T>>,
    has_parked: bool,
}

impl<T> Mutex<T> {
    pub(crate) fn new(state: T) -> Self {
        Self(sync::Mutex::new(Counted::new(state)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { guard: self.0.lock(), has_parked: false }
    }

    pub(crate) fn waits(&self) -> Waits {
        self.0.lock().waits
    }
}

pub(crate) struct Condvar(sync::Condvar);

impl Condvar {
    #[track_caller] // timelines name it after the line that creates it
    pub(crate) fn new() -> Self {
        Self(sync::Condvar::new())
    }

    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        guard.guard.count(&mut guard.has_parked);
        self.0.wait(&mut guard.guard);
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

macro_rules! deref {
    ($($guard:ident)::+) => {
        impl<T> Deref for $($guard)::+<'_, T> {
            type Target = T;
            fn deref(&self) -> &T {
                &self.guard.state
            }
        }

        impl<T> DerefMut for $($guard)::+<'_, T> {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.guard.state
            }
        }
    };
}
deref!(MutexGuard);
deref!(std_sync::MutexGuard);

/// As above, on std's primitives.
#[allow(clippy::disallowed_types, reason = "the first step uses the primitives of std")]
pub(crate) mod std_sync {
    use std::sync::{LockResult, PoisonError};

    use super::{Counted, Waits};
    use crate::sync::std_sync;

    pub(crate) struct Mutex<T>(std_sync::Mutex<Counted<T>>);

    pub(crate) struct MutexGuard<'a, T> {
        pub(super) guard: std_sync::MutexGuard<'a, Counted<T>>,
        has_parked: bool,
    }

    impl<'a, T> MutexGuard<'a, T> {
        fn of(result: LockResult<std_sync::MutexGuard<'a, Counted<T>>>, has_parked: bool) -> LockResult<Self> {
            let wrap = |guard| Self { guard, has_parked };
            result.map(wrap).map_err(|poisoned| PoisonError::new(wrap(poisoned.into_inner())))
        }
    }

    impl<T> Mutex<T> {
        pub(crate) fn new(state: T) -> Self {
            Self(std_sync::Mutex::new(Counted::new(state)))
        }

        pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
            MutexGuard::of(self.0.lock(), false)
        }

        pub(crate) fn waits(&self) -> Waits {
            self.0.lock().expect("no thread panics while it holds the lock").waits
        }
    }

    pub(crate) struct Condvar(std_sync::Condvar);

    impl Condvar {
        pub(crate) fn new() -> Self {
            Self(std_sync::Condvar::new())
        }

        pub(crate) fn wait<'a, T>(&self, mut guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
            guard.guard.count(&mut guard.has_parked);
            MutexGuard::of(self.0.wait(guard.guard), true)
        }

        pub(crate) fn notify_one(&self) {
            self.0.notify_one();
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;

    use test_support::{until, watched};

    use super::*;

    const WASTED_ONCE: Waits = Waits { parks: 2, wasted: 1 };

    #[test]
    fn the_second_park_under_one_guard_follows_a_wasted_wakeup() {
        watched(|| {
            let (mutex, condvar) = (Mutex::new(()), Condvar::new());
            thread::scope(|scope| {
                scope.spawn(|| {
                    let mut guard = mutex.lock();
                    condvar.wait(&mut guard);
                    condvar.wait(&mut guard);
                });
                for parks in 1..=2 {
                    until(|| mutex.waits().parks == parks); // counted before the wait unlocks
                    condvar.notify_one();
                }
            });
            assert_eq!(mutex.waits(), WASTED_ONCE);
        });
    }

    #[test]
    fn it_does_on_the_primitives_of_std() {
        watched(|| {
            let (mutex, condvar) = (std_sync::Mutex::new(()), std_sync::Condvar::new());
            thread::scope(|scope| {
                scope.spawn(|| {
                    let guard = mutex.lock().unwrap();
                    let guard = condvar.wait(guard).unwrap();
                    drop(condvar.wait(guard).unwrap());
                });
                for parks in 1..=2 {
                    until(|| mutex.waits().parks == parks);
                    condvar.notify_one();
                }
            });
            assert_eq!(mutex.waits(), WASTED_ONCE);
        });
    }
}
