//! The random values and delays of a scenario, derived from its seed.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::event::Worker;
use crate::scenario::Scenario;

impl Scenario {
    /// Returns what a producer does with this seed, as an endless iterator: the value of each item, and the delay after it.
    /// The first producer is 1.
    ///
    /// # Panics
    ///
    /// Panics if a range of the scenario is empty, and so does the iterator of [`delays`](Self::delays).
    pub fn steps(&self, seed: u64, producer: usize) -> impl Iterator<Item = (u32, Duration)> + use<> {
        let mut rng = generator(seed, Worker::Producer(producer));
        let (values, delays, scale) = (self.values.clone(), self.produce_ms.clone(), self.time_scale);
        std::iter::repeat_with(move || {
            (rng.random_range(values.clone()), scaled(rng.random_range(delays.clone()), scale))
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
