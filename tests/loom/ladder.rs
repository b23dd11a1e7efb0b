//! Models of each step of `examples/ladder`: the steps differ in speed, and all have the same properties.

#![allow(dead_code, reason = "the example counts how often a step waits")]
#![allow(clippy::disallowed_types, reason = "the first step uses the primitives of std")]

use std::collections::VecDeque;

use loom::sync::Arc;
use loom::thread;

use crate::explore::{explore_part, explore_part_both_orders};
use crate::harness::models;

/// The facade of the steps: the model of the primitives.
mod sync {
    use std::fmt;
    use std::ops::{Deref, DerefMut};

    use bounded_buffer::sync::model;

    pub(crate) use loom::sync as std_sync; // for the step that uses the primitives of std
    pub(crate) use model::{AtomicUsize, Condvar, read_snapshot, rounds, spin_loop, yield_now};
    pub(crate) use std::sync::atomic::Ordering;

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

#[path = "../../examples/ladder/step1_textbook.rs"]
mod step1_textbook;
#[path = "../../examples/ladder/step2_parking_lot.rs"]
mod step2_parking_lot;
#[path = "../../examples/ladder/step3_notify_if_waiting.rs"]
mod step3_notify_if_waiting;
#[path = "../../examples/ladder/step4_chained_wakeups.rs"]
mod step4_chained_wakeups;
#[path = "../../examples/ladder/step5_spin.rs"]
mod step5_spin;
#[path = "../../examples/ladder/step6_back_off.rs"]
mod step6_back_off;
#[path = "../../examples/ladder/step7_batches.rs"]
mod step7_batches;
#[path = "../../examples/ladder/waits.rs"]
mod waits;

use waits::Waits;

trait Step: Send + Sync + 'static {
    fn new(capacity: usize) -> Self;
    /// Pushes all items, in one batch if the step has batches.
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
single!(step3_notify_if_waiting);
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

/// One slot and two items: the producer waits in some schedules, and so does the consumer.
fn items_arrive_in_order<S: Step>() {
    explore_part("items arrive in order", || {
        let step = Arc::new(S::new(1));
        let producer = spawn(&step, |step| step.push_all([1, 2].into()));
        assert_eq!((step.pop(), step.pop()), (Some(1), Some(2)));
        assert!(producer.join().unwrap());
    });
}

/// Two items for two consumers: a lost wake-up is a deadlock.
fn each_consumer_gets_an_item<S: Step>() {
    explore_part_both_orders("each consumer gets an item", || {
        let step = Arc::new(S::new(2));
        let consumers = [spawn(&step, S::pop), spawn(&step, S::pop)];
        assert!(step.push_all([1, 2].into()));
        let mut taken = consumers.map(|consumer| consumer.join().unwrap());
        taken.sort_unstable();
        assert_eq!(taken, [Some(1), Some(2)]);
    });
}

/// Close concurrently with a pop from an empty buffer and a push into a full one.
fn close_ends_each_wait<S: Step>() {
    explore_part("close ends each wait", || {
        let (empty, full) = (Arc::new(S::new(1)), Arc::new(S::new(1)));
        full.push_all([1].into());
        let consumer = spawn(&empty, S::pop);
        let producer = spawn(&full, |step| step.push_all([2].into()));
        empty.close();
        full.close();
        assert_eq!(consumer.join().unwrap(), None);
        assert!(!producer.join().unwrap());
        assert_eq!((full.pop(), full.pop()), (Some(1), None), "an accepted item is delivered");
    });
}

macro_rules! steps {
    ($($step:ident)+) => {
        $(
            fn $step() {
                items_arrive_in_order::<$step::Buffer<u32>>();
                each_consumer_gets_an_item::<$step::Buffer<u32>>();
                close_ends_each_wait::<$step::Buffer<u32>>();
            }
        )+

        models! { $($step),+ }
    };
}
steps!(step1_textbook step2_parking_lot step3_notify_if_waiting step4_chained_wakeups step5_spin step6_back_off step7_batches);
