//! The scenario as data: its parameters, their documented defaults, the check that they can be run, and the random values and
//! delays that follow from the seed.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::event::Worker;

/// The parameters of a run: producers, consumers, the buffer between them, and their delays.
///
/// The default is the documented scenario: 2 producers of 10 items each, 3 consumers, 5 slots, delays of some tenths of a
/// second. Override the fields that should differ:
///
/// ```
/// # use scenario::Scenario;
/// let single = Scenario { producers: 1, consumers: 1, ..Scenario::default() };
/// assert_eq!((single.capacity, single.items), (5, 10));
/// ```
///
/// # Repeating a run
///
/// The `seed` fixes the values and delays of each thread: a thread draws from its own generator, which is derived from the
/// seed, its role and its number. The seed does not fix the schedule, so it does not fix which consumer pops which item. A
/// seed keeps its meaning while the major version of `rand` stays the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Number of slots of the buffer.
    pub capacity: usize,
    /// Number of threads that push.
    pub producers: usize,
    /// Number of threads that pop.
    pub consumers: usize,
    /// Number of items that each producer pushes.
    pub items: u64,
    /// Range of a producer's delay after each item, in milliseconds; half-open, as all ranges here.
    pub produce_ms: Range<u64>,
    /// Range of a consumer's delay after each item, in milliseconds.
    pub consume_ms: Range<u64>,
    /// Seed of the values and delays. `None` draws a seed; the report contains it.
    pub seed: Option<u64>,
    /// Factor of each delay; 0 means no delay.
    pub time_scale: f64,
    /// Length of a phase in milliseconds; 0 means no phases. In the first phase the delays of the consumers are
    /// [`SLOWER`](Self::SLOWER) times as long, in the second those of the producers, and so on in turns.
    pub phase_ms: u64,
    /// A producer that panics.
    pub fail: Option<Failure>,
}

/// A planned panic of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Number of the producer; the first is 1.
    pub producer: usize,
    /// Number of the item in whose place the producer panics; the first is 1.
    pub item: u64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            capacity: 5,
            producers: 2,
            consumers: 3,
            items: 10,
            produce_ms: 100..300,
            consume_ms: 100..400,
            seed: None,
            time_scale: 1.0,
            phase_ms: 0,
            fail: None,
        }
    }
}

impl Scenario {
    /// The values of items are drawn from this range.
    pub const VALUES: Range<u32> = 0..100;

    /// The largest capacity that [`validate`](Self::validate) accepts. A larger number is more likely a typing error.
    pub const MAX_CAPACITY: usize = 1 << 20;

    /// The largest number of threads on a side that [`validate`](Self::validate) accepts.
    pub const MAX_THREADS: usize = 1 << 10;

    /// The factor of the delays of a slow side. With the documented delays, it turns a buffer that is often empty into one that
    /// is full.
    pub const SLOWER: u32 = 4;

    /// Checks that the scenario can be run.
    ///
    /// # Errors
    ///
    /// Returns the first invalid parameter, described in one line.
    pub fn validate(&self) -> Result<(), String> {
        let within = |what, given, max| {
            let fault = || format!("{what} must be from 1 to {max}, not {given}");
            (1..=max).contains(&given).then_some(()).ok_or_else(fault)
        };
        within("the capacity", self.capacity, Self::MAX_CAPACITY)?;
        within("the number of producers", self.producers, Self::MAX_THREADS)?;
        within("the number of consumers", self.consumers, Self::MAX_THREADS)?;

        for (what, range) in [("produce", &self.produce_ms), ("consume", &self.consume_ms)] {
            if range.is_empty() {
                return Err(format!("the range of {what} delays {range:?} is empty"));
            }
        }
        let Self { producers, items, time_scale, .. } = *self;
        if !time_scale.is_finite() || time_scale < 0.0 {
            return Err(format!("the time scale must be a finite number of at least 0, not {time_scale}"));
        }
        match self.fail {
            Some(Failure { producer, item })
                if !(1..=producers).contains(&producer) || !(1..=items).contains(&item) =>
            {
                let plan = format!("there are {producers} producers of {items} items each");
                Err(format!("producer {producer} cannot fail at item {item}: {plan}"))
            }
            _ => Ok(()),
        }
    }

    /// Returns what a producer does with this seed, as an endless iterator: the value of each item, and the delay after it.
    /// The first producer is 1.
    ///
    /// # Panics
    ///
    /// Panics if a range of the scenario is empty, and so does the iterator of [`delays`](Self::delays).
    pub fn steps(&self, seed: u64, producer: usize) -> impl Iterator<Item = (u32, Duration)> + use<> {
        let mut rng = generator(seed, Worker::Producer(producer));
        let (delays, scale) = (self.produce_ms.clone(), self.time_scale);
        std::iter::repeat_with(move || {
            (rng.random_range(Self::VALUES), scaled(rng.random_range(delays.clone()), scale))
        })
    }

    /// Returns the delays of a consumer after each item with this seed, as an endless iterator. The first consumer is 1.
    pub fn delays(&self, seed: u64, consumer: usize) -> impl Iterator<Item = Duration> + use<> {
        let mut rng = generator(seed, Worker::Consumer(consumer));
        let (delays, scale) = (self.consume_ms.clone(), self.time_scale);
        std::iter::repeat_with(move || scaled(rng.random_range(delays.clone()), scale))
    }
}

/// Returns a delay in real time; `Duration::MAX` if no `Duration` can hold it.
fn scaled(millis: u64, scale: f64) -> Duration {
    Duration::try_from_secs_f64(Duration::from_millis(millis).as_secs_f64() * scale).unwrap_or(Duration::MAX)
}

/// Creates the generator of one thread. Its key contains the seed, the role and the number. The generator is a cipher
/// (ChaCha), so different keys give unrelated sequences.
fn generator(seed: u64, worker: Worker) -> StdRng {
    let (role, id) = match worker {
        Worker::Runner => (0, 0),
        Worker::Producer(id) => (1, id as u64),
        Worker::Consumer(id) => (2, id as u64),
    };
    let mut key = [0; 32];
    for (bytes, part) in key.chunks_exact_mut(8).zip([seed, role, id]) {
        bytes.copy_from_slice(&part.to_le_bytes());
    }
    StdRng::from_seed(key)
}

/// Draws a seed from the randomness that std keeps for its hash maps. 32 bits are short enough to type, and each JSON reader
/// represents them exactly.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().hash_one(()) >> 32
}
