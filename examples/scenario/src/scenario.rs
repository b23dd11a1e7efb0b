//! The scenario as data: its parameters, their documented defaults, and the check that they can be run.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The parameters of a run: producers, consumers, the bounded channel between them, and their delays.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Number of slots of the channel.
    pub capacity: usize,
    /// Number of threads that push.
    pub producers: usize,
    /// Number of threads that pop at the start; a [`Run`](crate::Run) can add and remove consumers.
    pub consumers: usize,
    /// Number of items that each producer pushes.
    pub items: u64,
    /// Range of the values of items; half-open, as all ranges here.
    pub values: Range<u32>,
    /// Range of a producer's delay after each item, in milliseconds.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
            values: 0..100,
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
    /// The largest capacity that [`validate`](Self::validate) accepts. A larger number is more likely a typing error.
    pub const MAX_CAPACITY: usize = 1 << 20;

    /// The largest number of threads on a side that [`validate`](Self::validate) accepts.
    pub const MAX_THREADS: usize = 1 << 10;

    /// The factor of the delays of a slow side. With the documented delays, it turns a buffer that is often empty into one that
    /// is full.
    pub const SLOWER: u32 = 4;

    /// Checks that the scenario can be run.
    ///
    /// ```
    /// # use scenario::Scenario;
    /// let error = Scenario { capacity: 0, ..Scenario::default() }.validate().unwrap_err();
    /// assert_eq!(error.to_string(), "the capacity must be from 1 to 1048576, not 0");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first invalid parameter, described in one line.
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
}

/// A parameter of a [`Scenario`] that cannot be run. Displayed as one line for the user.
#[derive(Clone, Debug, PartialEq)]
pub enum ScenarioError {
    /// A number is 0 or larger than the limit.
    OutOfBounds {
        /// The name of the parameter.
        what: &'static str,
        /// Its value.
        given: usize,
        /// The largest accepted value.
        max: usize,
    },
    /// A range contains no number.
    EmptyRange {
        /// The name of the range.
        what: &'static str,
        /// Its start.
        start: u64,
        /// Its end, which is not part of it.
        end: u64,
    },
    /// The time scale is negative, infinite or not a number.
    TimeScale(f64),
    /// The planned failure names a producer or an item that does not exist.
    NoSuchItem {
        /// The planned failure.
        fail: Failure,
        /// Number of producers.
        producers: usize,
        /// Number of items of each.
        items: u64,
    },
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfBounds { what, given, max } => write!(f, "{what} must be from 1 to {max}, not {given}"),
            Self::EmptyRange { what, start, end } => write!(f, "{what} {start}..{end} is empty"),
            Self::TimeScale(scale) => write!(f, "the time scale must be a finite number of at least 0, not {scale}"),
            Self::NoSuchItem { fail, producers, items } => write!(
                f,
                "producer {} cannot fail at item {}: there are {producers} producers of {items} items each",
                fail.producer, fail.item
            ),
        }
    }
}

impl Error for ScenarioError {}
