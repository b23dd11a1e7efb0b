//! What each thread records about its own work, for the report.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Serialize, Serializer};

use crate::verdict::Tally;

/// The work of one thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadReport {
    /// Number among the producers, or among the consumers, from 1.
    pub id: usize,
    /// Number of items that it pushed or popped.
    pub items: u64,
    /// How often it waited because the channel was full (a producer) or empty (a consumer).
    pub blocked: u64,
    /// Total time of these waits.
    #[serde(rename = "blocked_ms", serialize_with = "as_millis")]
    pub blocked_time: Duration,
    /// The message of its panic, if it panicked.
    pub failure: Option<String>,
}

impl ThreadReport {
    pub(crate) fn new(id: usize) -> Self {
        Self { id, items: 0, blocked: 0, blocked_time: Duration::ZERO, failure: None }
    }
}

/// The work of one consumer, with the data about its items.
pub(crate) struct ConsumerLog {
    pub(crate) report: ThreadReport,
    pub(crate) tally: Tally,
    /// Time in the channel of each item, in nanoseconds.
    pub(crate) times: Histogram<u64>,
}

impl ConsumerLog {
    pub(crate) fn new(id: usize) -> Self {
        Self { report: ThreadReport::new(id), tally: Tally::default(), times: new_histogram() }
    }
}

/// Creates a histogram of three significant digits that grows as needed.
pub(crate) fn new_histogram() -> Histogram<u64> {
    Histogram::new(3).expect("3 significant digits are supported")
}

/// Serializes a time as milliseconds.
pub(crate) fn as_millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    #[allow(clippy::cast_precision_loss, reason = "exact for the first hundred days")]
    let nanos = time.as_nanos() as f64;
    serializer.serialize_f64(nanos / 1e6)
}
