//! The reasons why a run, or another consumer, does not start.

use std::error::Error;
use std::fmt;
use std::io;

use crate::scenario::ScenarioError;

/// A run that did not start, or a consumer that could not be added. Displayed as one line for the user.
#[derive(Debug)]
pub enum StartError {
    /// The scenario is not valid.
    Scenario(ScenarioError),
    /// The channel of this name supports only one consumer.
    OneConsumerOnly(&'static str),
    /// All consumers have failed, so the run accepts no further consumer.
    NoConsumerLeft,
    /// The operating system did not start a thread.
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
            Self::OneConsumerOnly(channel) => write!(f, "the channel {channel} supports only one consumer"),
            Self::NoConsumerLeft => f.write_str("all consumers have failed"),
            Self::Thread(error) => write!(f, "cannot start a thread: {error}"),
        }
    }
}

impl Error for StartError {}
