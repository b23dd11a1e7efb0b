//! The sum of the outcomes of all rounds.

use std::fmt;

use crate::round::Outcome;

#[derive(Default)]
pub struct Total {
    pub rounds: u64,
    pub items: u64,
    evicted: u64,
    dropped: u64,
    timeouts: u64,
    cancelled: u64,
    panics: u64,
    closed_early: u64,
}

impl Total {
    pub fn add(&mut self, outcome: &Outcome) {
        self.rounds += 1;
        self.items += outcome.accepted;
        self.evicted += outcome.evicted;
        self.dropped += outcome.dropped;
        self.timeouts += outcome.timeouts;
        self.cancelled += outcome.cancelled;
        self.panics += outcome.panics;
        self.closed_early += u64::from(outcome.closed_early);
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} items in {} rounds", self.items, self.rounds)?;
        write!(
            f,
            "faults: {} time-outs, {} cancelled futures, {} panics, {} rounds closed early, {} items evicted, {} dropped with the last consumer",
            self.timeouts, self.cancelled, self.panics, self.closed_early, self.evicted, self.dropped
        )
    }
}
