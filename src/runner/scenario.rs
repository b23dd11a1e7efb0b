//! What is to be run, as data.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::error::{ScenarioError, StartError};
use super::event::{Observer, Worker};
use super::item::Item;
use super::report::Report;
use super::run::Run;
use crate::BoundedBuffer;

/// Producers, consumers, a bounded channel between them, and their pace.
///
/// The default is the documented scenario: 2 producers of 10 items each, 3 consumers, 5 slots, pauses of some tenths of a
/// second. Change what should differ:
///
/// ```
/// # use bounded_buffer::runner::Scenario;
/// let single = Scenario { producers: 1, consumers: 1, ..Scenario::default() };
/// assert_eq!((single.capacity, single.items), (5, 10));
/// ```
///
/// # The same again
///
/// With the same `seed`, each thread gets the same values and pauses, however the threads are scheduled: a thread draws from
/// a generator of its own, made from the seed, its role and its number. Who gets which item is still the scheduler's
/// choice. A seed keeps its meaning as long as this crate's major version and that of `rand` stay the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Slots of the channel.
    pub capacity: usize,
    /// How many threads push.
    pub producers: usize,
    /// How many threads pop, at first; more can be added to a [`Run`].
    pub consumers: usize,
    /// How many items each producer pushes.
    pub items: u64,
    /// What items are drawn from; half-open, as all ranges here.
    pub values: Range<u32>,
    /// How long a producer pauses after each item, in whole milliseconds.
    pub produce_ms: Range<u64>,
    /// How long a consumer pauses after each item, in whole milliseconds.
    pub consume_ms: Range<u64>,
    /// Where values and pauses come from; `None` draws a seed, which the report tells.
    pub seed: Option<u64>,
    /// Each pause is multiplied by this; 0 means no pause at all.
    pub time_scale: f64,
    /// A producer that is to panic.
    pub fail: Option<Failure>,
}

/// A panic made to order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Which producer; the first is 1.
    pub producer: usize,
    /// In the place of which of its items; the first is 1.
    pub item: u64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            capacity: 5,
            producers: 2,
            consumers: 3,
            items: 10,
            values: 0..100,
            produce_ms: 100..300,
            consume_ms: 100..400,
            seed: None,
            time_scale: 1.0,
            fail: None,
        }
    }
}

impl Scenario {
    /// The most slots that [`validate`](Self::validate) lets through; a larger number is more likely a slip than a wish.
    pub const MAX_CAPACITY: usize = 1 << 20;

    /// The most threads a side that [`validate`](Self::validate) lets through.
    pub const MAX_THREADS: usize = 1 << 10;

    /// Can this be run?
    ///
    /// ```
    /// # use bounded_buffer::runner::Scenario;
    /// let error = Scenario { capacity: 0, ..Scenario::default() }.validate().unwrap_err();
    /// assert_eq!(error.to_string(), "the capacity must be from 1 to 1048576, not 0");
    /// ```
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, as one line.
    pub fn validate(&self) -> Result<(), ScenarioError> {
        let within = |what, given, max| {
            if (1..=max).contains(&given) { Ok(()) } else { Err(ScenarioError::OutOfBounds { what, given, max }) }
        };
        within("the capacity", self.capacity, Self::MAX_CAPACITY)?;
        within("the number of producers", self.producers, Self::MAX_THREADS)?;
        within("the number of consumers", self.consumers, Self::MAX_THREADS)?;

        let values = u64::from(self.values.start)..u64::from(self.values.end);
        for (what, range) in [
            ("the range of values", &values),
            ("the range of produce delays", &self.produce_ms),
            ("the range of consume delays", &self.consume_ms),
        ] {
            if range.is_empty() {
                return Err(ScenarioError::EmptyRange { what, start: range.start, end: range.end });
            }
        }
        if !self.time_scale.is_finite() || self.time_scale < 0.0 {
            return Err(ScenarioError::TimeScale(self.time_scale));
        }
        match self.fail {
            Some(fail) if !(1..=self.producers).contains(&fail.producer) || !(1..=self.items).contains(&fail.item) => {
                Err(ScenarioError::NoSuchItem { fail, producers: self.producers, items: self.items })
            }
            _ => Ok(()),
        }
    }

    /// Runs the scenario on a [`BoundedBuffer`], unobserved, and waits for its end.
    ///
    /// # Errors
    ///
    /// As [`start_on`](Self::start_on).
    pub fn run(&self) -> Result<Report, StartError> {
        Ok(self.start(())?.join())
    }

    /// Starts the scenario on a [`BoundedBuffer`].
    ///
    /// # Errors
    ///
    /// As [`start_on`](Self::start_on).
    pub fn start<O: Observer>(&self, observer: O) -> Result<Run<BoundedBuffer<Item>, O>, StartError> {
        self.start_on(observer)
    }

    /// Starts the scenario on a channel of the caller's choice.
    ///
    /// # Errors
    ///
    /// If the scenario is not valid, if the channel admits one consumer only and there are to be more, or if the system
    /// refuses a thread; those already running are then stopped.
    pub fn start_on<C: Channel, O: Observer>(&self, observer: O) -> Result<Run<C, O>, StartError> {
        self.validate()?;
        let seed = self.seed.unwrap_or_else(random_seed);
        Run::start(Self { seed: Some(seed), ..self.clone() }, seed, observer)
    }

    /// What a producer does with this seed, item by item and without end: the value it pushes, and how long it pauses after.
    /// The first producer is 1.
    ///
    /// # Panics
    ///
    /// If the scenario is not valid; so does the iterator of [`pauses`](Self::pauses).
    pub fn steps(&self, seed: u64, producer: usize) -> impl Iterator<Item = (u32, Duration)> + use<> {
        let mut rng = generator(seed, Worker::Producer(producer));
        let (values, delays, scale) = (self.values.clone(), self.produce_ms.clone(), self.time_scale);
        std::iter::repeat_with(move || {
            (rng.random_range(values.clone()), scaled(rng.random_range(delays.clone()), scale))
        })
    }

    /// How long a consumer pauses with this seed after its first item, its second, and so on without end. The first consumer
    /// is 1.
    pub fn pauses(&self, seed: u64, consumer: usize) -> impl Iterator<Item = Duration> + use<> {
        let mut rng = generator(seed, Worker::Consumer(consumer));
        let (delays, scale) = (self.consume_ms.clone(), self.time_scale);
        std::iter::repeat_with(move || scaled(rng.random_range(delays.clone()), scale))
    }
}

/// A delay as it is slept; what no `Duration` can hold is as good as forever.
fn scaled(millis: u64, scale: f64) -> Duration {
    Duration::try_from_secs_f64(Duration::from_millis(millis).as_secs_f64() * scale).unwrap_or(Duration::MAX)
}

/// A thread's own generator. Its key holds the seed, the role and the number side by side, and the generator is a cipher
/// (ChaCha), so no two of them are related.
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

/// A seed nobody chose, from the randomness that std keeps for its hash maps. 32 bits: short enough to be typed, and exact in
/// every reader of JSON.
fn random_seed() -> u64 {
    RandomState::new().hash_one(()) >> 32
}
