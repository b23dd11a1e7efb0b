//! Models of every step of `examples/ladder`: faster from step to step, and as correct as the first.

#![allow(dead_code, reason = "how often a step slept is for the example")]
#![allow(clippy::disallowed_types, reason = "the first step is built on std's own")]

use std::collections::VecDeque;

use loom::sync::Arc;
use loom::thread;

use crate::explore::{explore, explore_both_orders};

/// What the steps take from the door: the model of it.
mod sync {
    use std::fmt;
    use std::ops::{Deref, DerefMut};

    use bounded_buffer::sync::model;

    pub(crate) use loom::sync as std_sync; // for the step that uses std's own
    pub(crate) use model::{AtomicUsize, Condvar, read_snapshot, rounds, spin_loop, yield_now};

    /// The model's mutex requires `Display`, for timelines. The steps print none.
    pub(crate) struct Mutex<T>(model::Mutex<Silent<T>>);
    pub(crate) type MutexGuard<'a, T> = model::MutexGuard<'a, Silent<T>>;
    pub(crate) struct Silent<T>(T);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(model::Mutex::new(Silent(value)))
        }
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock()
        }
        pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
            self.0.try_lock()
        }
    }

    impl<T> fmt::Display for Silent<T> {
        fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
            Ok(())
        }
    }

    impl<T> Deref for Silent<T> {
        type Target = T;
        fn deref(&self) -> &T {
            &self.0
        }
    }

    impl<T> DerefMut for Silent<T> {
        fn deref_mut(&mut self) -> &mut T {
            &mut self.0
        }
    }
}

#[path = "../../examples/ladder/slept.rs"]
mod slept;
#[path = "../../examples/ladder/step1_textbook.rs"]
mod step1_textbook;
#[path = "../../examples/ladder/step2_parking_lot.rs"]
mod step2_parking_lot;
#[path = "../../examples/ladder/step3_ask_first.rs"]
mod step3_ask_first;
#[path = "../../examples/ladder/step4_chained_wakeups.rs"]
mod step4_chained_wakeups;
#[path = "../../examples/ladder/step5_spin.rs"]
mod step5_spin;
#[path = "../../examples/ladder/step6_back_off.rs"]
mod step6_back_off;
#[path = "../../examples/ladder/step7_batches.rs"]
mod step7_batches;

use slept::Slept;

trait Step: Send + Sync + 'static {
    fn new(capacity: usize) -> Self;
    /// All of them at once where the step has batches.
    fn push_all(&self, items: VecDeque<u32>) -> bool;
    fn pop(&self) -> Option<u32>;
    fn close(&self);
}

macro_rules! single {
    ($step:ident) => {
        impl Step for $step::Buffer<u32> {
            fn new(capacity: usize) -> Self {
                Self::new(capacity)
            }
            fn push_all(&self, items: VecDeque<u32>) -> bool {
                items.into_iter().all(|item| self.push(item).is_ok())
            }
            fn pop(&self) -> Option<u32> {
                self.pop()
            }
            fn close(&self) {
                self.close();
            }
        }
    };
}
single!(step1_textbook);
single!(step2_parking_lot);
single!(step3_ask_first);
single!(step4_chained_wakeups);
single!(step5_spin);
single!(step6_back_off);

impl Step for step7_batches::Buffer<u32> {
    fn new(capacity: usize) -> Self {
        Self::new(capacity)
    }
    fn push_all(&self, mut items: VecDeque<u32>) -> bool {
        self.push_many(&mut items)
    }
    fn pop(&self) -> Option<u32> {
        let mut items = Vec::new();
        self.pop_many(&mut items, 1);
        items.pop()
    }
    fn close(&self) {
        self.close();
    }
}

fn spawn<S: Step, R: 'static>(step: &Arc<S>, work: impl FnOnce(&S) -> R + 'static) -> thread::JoinHandle<R> {
    let step = step.clone();
    thread::spawn(move || work(&step))
}

/// One slot, two items: the producer must wait, and so may the consumer.
fn hands_over_in_order<S: Step>(name: &str) {
    explore(&format!("{name} hands over in order"), || {
        let step = Arc::new(S::new(1));
        let producer = spawn(&step, |step| step.push_all([1, 2].into()));
        assert_eq!((step.pop(), step.pop()), (Some(1), Some(2)));
        assert!(producer.join().unwrap());
    });
}

/// Two items for two consumers: whoever sleeps beside an item was forgotten, and the model ends in a deadlock.
fn forgets_no_consumer<S: Step>(name: &str) {
    explore_both_orders(&format!("{name} forgets no consumer"), || {
        let step = Arc::new(S::new(2));
        let consumers = [spawn(&step, S::pop), spawn(&step, S::pop)];
        assert!(step.push_all([1, 2].into()));
        let mut taken = consumers.map(|consumer| consumer.join().unwrap());
        taken.sort_unstable();
        assert_eq!(taken, [Some(1), Some(2)]);
    });
}

/// Close against a consumer and a producer that wait, or are about to.
fn close_ends_every_wait<S: Step>(name: &str) {
    explore(&format!("{name} ends every wait at close"), || {
        let (empty, full) = (Arc::new(S::new(1)), Arc::new(S::new(1)));
        full.push_all([1].into());
        let consumer = spawn(&empty, S::pop);
        let producer = spawn(&full, |step| step.push_all([2].into()));
        empty.close();
        full.close();
        assert_eq!(consumer.join().unwrap(), None);
        assert!(!producer.join().unwrap());
        assert_eq!((full.pop(), full.pop()), (Some(1), None), "what was accepted is delivered");
    });
}

macro_rules! model {
    ($($step:ident)+) => {
        $(
            #[test]
            fn $step() {
                let name = concat!("ladder, ", stringify!($step));
                hands_over_in_order::<$step::Buffer<u32>>(name);
                forgets_no_consumer::<$step::Buffer<u32>>(name);
                close_ends_every_wait::<$step::Buffer<u32>>(name);
            }
        )+
    };
}
model!(step1_textbook step2_parking_lot step3_ask_first step4_chained_wakeups step5_spin step6_back_off step7_batches);
