//! Work that a program does between two operations of a channel: a chain of multiplications, without a clock or memory.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A fixed amount of work before each push and after each pop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    pub before_push: Steps,
    pub after_pop: Steps,
}

/// An amount of work: about so many nanoseconds on an idle core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    pub nanos: u64,
    steps: u64,
}

impl Steps {
    fn of_nanos(nanos: u64) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a count that was measured to a few percent"
        )]
        let steps = (nanos as f64 * steps_per_nano()).round() as u64;
        Self { nanos, steps }
    }

    #[inline]
    pub fn run(self) {
        if self.steps > 0 {
            black_box(chain(self.steps));
        }
    }
}

/// Each multiplication needs the result of the one before it, so the time is the same in each iteration.
#[inline(never)]
fn chain(steps: u64) -> u64 {
    let mut x = black_box(3_u64);
    for _ in 0..steps {
        x = x.wrapping_mul(x | 1); // not by a constant: the compiler would merge two steps into one
    }
    x
}

/// Measured once: the least of many samples, because an interruption prolongs a sample.
fn steps_per_nano() -> f64 {
    static RATE: OnceLock<f64> = OnceLock::new();
    *RATE.get_or_init(|| {
        const STEPS: u32 = 50_000;
        let sample = || {
            let begin = Instant::now();
            black_box(chain(STEPS.into()));
            begin.elapsed()
        };
        let least = (0..200).map(|_| sample()).min().expect("200 samples").max(Duration::from_nanos(1));
        f64::from(STEPS) / (least.as_secs_f64() * 1e9)
    })
}

impl Work {
    pub fn of_nanos(before_push: u64, after_pop: u64) -> Self {
        Self { before_push: Steps::of_nanos(before_push), after_pop: Steps::of_nanos(after_pop) }
    }

    /// Million items per second if the cores did nothing but this work; `None` if there is no work.
    pub fn ideal(self, producers: usize, consumers: usize, cores: usize) -> Option<f64> {
        let limit = |workers: usize, nanos: u64| {
            #[allow(clippy::cast_precision_loss, reason = "a few cores, nanoseconds below a second")]
            let rate = workers as f64 / nanos as f64 * 1e3;
            (nanos > 0).then_some(rate)
        };
        let (before, after) = (self.before_push.nanos, self.after_pop.nanos);
        let limits = [limit(producers, before), limit(consumers, after), limit(cores, before + after)];
        limits.into_iter().flatten().reduce(f64::min)
    }
}
