//! Why a scenario does not run: one line each, fit for the user who wrote it.

use std::error::Error;
use std::fmt;
use std::io;

use super::scenario::Failure;

/// A scenario that cannot be run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ScenarioError {
    /// A number that is 0, or beyond all reason.
    OutOfBounds {
        /// Which number.
        what: &'static str,
        /// What it is.
        given: usize,
        /// What it may be at most.
        max: usize,
    },
    /// A range to draw from that holds nothing.
    EmptyRange {
        /// Which range.
        what: &'static str,
        /// Its start.
        start: u64,
        /// Its end, which is not part of it.
        end: u64,
    },
    /// A time scale that is negative, infinite or not a number.
    TimeScale(f64),
    /// A producer is to fail that does not exist, or at an item that it will not make.
    NoSuchItem {
        /// What was asked for.
        fail: Failure,
        /// How many producers there are.
        producers: usize,
        /// How many items each makes.
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

/// A run that could not be started, or not be given another consumer.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The scenario is not valid.
    Scenario(ScenarioError),
    /// The channel, named here, admits one consumer only.
    OneConsumerOnly(&'static str),
    /// The run is over as far as consumers go: they are all gone.
    NoConsumerLeft,
    /// The system refused a thread.
    Thread(io::Error),
}

impl From<ScenarioError> for StartError {
    fn from(error: ScenarioError) -> Self {
        Self::Scenario(error)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(error) => error.fmt(f),
            Self::OneConsumerOnly(channel) => write!(f, "the channel {channel} admits one consumer only"),
            Self::NoConsumerLeft => f.write_str("all consumers are gone"),
            Self::Thread(error) => write!(f, "cannot start a thread: {error}"),
        }
    }
}

impl Error for StartError {}
