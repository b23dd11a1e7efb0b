//! The check of a run: each accepted item arrives exactly once, and the items of a producer stay in order.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::event::{Action, Event, Worker};

/// The result of checking each item of a run. A correct buffer has zero in each field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Items that were accepted and not popped.
    pub lost: u64,
    /// Surplus pops: an item that is popped three times counts as 2.
    pub duplicated: u64,
    /// Items that were popped although their push failed.
    pub unaccepted: u64,
    /// Items that a consumer popped after a later item of the same producer.
    pub reordered: u64,
}

impl Verdict {
    /// Returns whether no item was lost, duplicated, popped without being accepted, or reordered.
    #[must_use]
    pub fn holds(&self) -> bool {
        *self == Self::default()
    }

    /// Compares what the consumers popped with what was accepted. The events of each thread are in order.
    pub(crate) fn of(events: &[Event]) -> Self {
        let mut verdict = Self::default();
        let mut accepted = HashSet::new();
        let mut pops = HashMap::<_, u64>::new();
        let mut latest = HashMap::new();
        for Event { worker, action, .. } in events {
            match (*worker, *action) {
                (Worker::Producer(producer), Action::Pushed { sequence, .. }) => {
                    accepted.insert((producer, sequence));
                }
                (_, Action::Popped { producer, sequence, .. }) => {
                    *pops.entry((producer, sequence)).or_default() += 1;
                    let latest = latest.entry((worker, producer)).or_insert(sequence);
                    verdict.reordered += u64::from(sequence < *latest);
                    *latest = sequence.max(*latest);
                }
                _ => {}
            }
        }
        verdict.lost = accepted.iter().filter(|item| !pops.contains_key(item)).count() as u64;
        verdict.unaccepted = pops.keys().filter(|item| !accepted.contains(item)).count() as u64;
        verdict.duplicated = pops.values().map(|pops| pops - 1).sum();
        verdict
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.holds() {
            return f.write_str("nothing lost, nothing duplicated, per-producer order kept");
        }
        let Self { lost, duplicated, unaccepted, reordered } = self;
        write!(f, "BROKEN: {lost} lost, {duplicated} duplicated, {unaccepted} not accepted, {reordered} out of order")
    }
}
