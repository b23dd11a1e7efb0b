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

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict on producers that pushed so many items each, and on consumers that popped these, by producer and number.
    fn verdict(accepted: &[u64], popped: &[&[(usize, u64)]]) -> Verdict {
        let (at, value) = (std::time::Instant::now(), 0);
        let pushed = (1..).zip(accepted).flat_map(|(id, &items)| {
            (0..items).map(move |sequence| (Worker::Producer(id), Action::Pushed { sequence, value }))
        });
        let popped = (1..).zip(popped).flat_map(|(id, items)| {
            let action = move |&(producer, sequence)| Action::Popped { producer, sequence, value };
            items.iter().map(move |item| (Worker::Consumer(id), action(item)))
        });
        let events: Vec<_> = pushed.chain(popped).map(|(worker, action)| Event { at, worker, action }).collect();
        Verdict::of(&events)
    }

    #[test]
    fn interleaved_producers_are_in_order_if_each_producer_is() {
        let verdict = verdict(&[3, 2], &[&[(1, 0), (2, 0), (1, 2)], &[(2, 1), (1, 1)]]);
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn each_fault_is_counted_in_its_own_field() {
        let good = Verdict::default();
        assert_eq!(verdict(&[2], &[&[(1, 1)]]), Verdict { lost: 1, ..good });
        assert_eq!(verdict(&[2], &[&[(1, 0)]]), Verdict { lost: 1, ..good });
        assert_eq!(verdict(&[2], &[]), Verdict { lost: 2, ..good });
        assert_eq!(verdict(&[2], &[&[(1, 0), (1, 0), (1, 1)]]), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict(&[2], &[&[(1, 0), (1, 1)], &[(1, 0)]]), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict(&[1], &[&[(1, 0), (1, 1)]]), Verdict { unaccepted: 1, ..good });
        assert_eq!(verdict(&[2], &[&[(1, 1), (1, 0)]]), Verdict { reordered: 1, ..good });
        assert_eq!(verdict(&[1], &[&[(1, 0), (1, 3)]]), Verdict { unaccepted: 1, ..good });
    }
}
