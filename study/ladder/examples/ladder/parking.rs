//! The cost of parking: the time from a notification to the moment at which the woken thread runs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use serde::Serialize;

use crate::measure::Spread;

/// The wake-up time of a thread that was parked for some time.
#[derive(Serialize)]
pub(crate) struct Parking {
    parked_ms: u64,
    wake_up_micros: Spread,
}

const WAKE_UPS: usize = 200;

#[derive(Default)]
struct Shared {
    /// Set under the lock, before the wait.
    waiting: AtomicBool,
    notified: Mutex<Option<Instant>>,
    condvar: Condvar,
}

/// Measures a thread that has just parked, and one whose core has become idle in the meantime.
pub(crate) fn measure() -> Vec<Parking> {
    let after = |parked_ms| {
        let wake_ups = wake_ups(Duration::from_millis(parked_ms));
        Parking { parked_ms, wake_up_micros: Spread::of(wake_ups.iter().map(|time| time.as_secs_f64() * 1e6)) }
    };
    [0, 1, 10].map(after).into()
}

fn wake_ups(parked: Duration) -> Vec<Duration> {
    let shared = Arc::new(Shared::default());
    let waiter = thread::spawn({
        let shared = shared.clone();
        move || {
            let mut notified = shared.notified.lock();
            let wake_up = |_| {
                shared.waiting.store(true, Ordering::SeqCst);
                shared.condvar.wait_while(&mut notified, |notified| notified.is_none());
                notified.take().expect("the wait ended").elapsed()
            };
            (0..WAKE_UPS).map(wake_up).collect()
        }
    });
    for _ in 0..WAKE_UPS {
        while !shared.waiting.swap(false, Ordering::SeqCst) {
            thread::yield_now();
        }
        drop(shared.notified.lock()); // free once the waiter is in its wait
        thread::sleep(parked);
        *shared.notified.lock() = Some(Instant::now());
        shared.condvar.notify_one();
    }
    waiter.join().expect("the waiter does not panic")
}

pub(crate) struct Display<'a>(pub(crate) &'a [Parking]);

impl fmt::Display for Display<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "time from a notification to the running thread, in microseconds: median [quartiles]")?;
        for Parking { parked_ms, wake_up_micros } in self.0 {
            let parked = if *parked_ms == 0 { "just parked".to_owned() } else { format!("parked for {parked_ms} ms") };
            writeln!(f, "{parked:<22} {wake_up_micros:>18.1}")?;
        }
        Ok(())
    }
}
