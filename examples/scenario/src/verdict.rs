//! The check of a run: each accepted item arrives exactly once, and the items of a producer stay in order.

use std::fmt;

use serde::Serialize;

/// The result of checking each item of a run. A correct buffer has zero in each field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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

    /// Compares what the consumers popped with what was accepted: `accepted[n - 1]` items of producer `n`.
    pub(crate) fn of(accepted: &[u64], tallies: &[Tally]) -> Self {
        let mut verdict = Self { reordered: tallies.iter().map(|tally| tally.reordered).sum(), ..Self::default() };
        for (producer, &accepted) in accepted.iter().enumerate() {
            let pops: Vec<_> = tallies.iter().filter_map(|tally| tally.pops.get(producer)).collect();
            let popped = pops.iter().map(|counts| counts.len()).max().unwrap_or(0);
            // Accepted items after the last one that was popped are lost. Those before it are checked one by one.
            verdict.lost += accepted.saturating_sub(popped as u64);
            for (sequence, item) in (0..).zip(0..popped) {
                let pops: u64 = pops.iter().filter_map(|counts| counts.get(item)).map(|count| u64::from(*count)).sum();
                let is_accepted = sequence < accepted;
                verdict.lost += u64::from(is_accepted && pops == 0);
                verdict.unaccepted += u64::from(!is_accepted && pops > 0);
                verdict.duplicated += pops.saturating_sub(1);
            }
        }
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

/// The items that one consumer popped. Each consumer has its own, so that recording needs no synchronisation.
#[derive(Default)]
pub(crate) struct Tally {
    /// How often each item of each producer was popped, up to the last item that was popped. A byte each, because a run can
    /// have millions of items; a count ends at 255.
    pops: Vec<Vec<u8>>,
    reordered: u64,
}

impl Tally {
    pub(crate) fn record(&mut self, producer: usize, sequence: u64) {
        if producer > self.pops.len() {
            self.pops.resize(producer, Vec::new());
        }
        let counts = &mut self.pops[producer - 1];
        let item = usize::try_from(sequence).expect("memory has a byte for each item");
        if item >= counts.len() {
            counts.resize(item + 1, 0);
        } else if counts[item] == 0 {
            self.reordered += 1;
        }
        counts[item] = counts[item].saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn popped(items: &[(usize, u64)]) -> Tally {
        let mut tally = Tally::default();
        for &(producer, sequence) in items {
            tally.record(producer, sequence);
        }
        tally
    }

    #[test]
    fn interleaved_producers_are_in_order_if_each_producer_is() {
        let verdict = Verdict::of(&[3, 2], &[popped(&[(1, 0), (2, 0), (1, 2)]), popped(&[(2, 1), (1, 1)])]);
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn each_fault_is_counted_in_its_own_field() {
        let verdict = |accepted, tallies: &[Tally]| Verdict::of(&[accepted], tallies);
        let good = Verdict::default();
        assert_eq!(verdict(2, &[popped(&[(1, 1)])]), Verdict { lost: 1, ..good });
        assert_eq!(verdict(2, &[popped(&[(1, 0)])]), Verdict { lost: 1, ..good });
        assert_eq!(verdict(2, &[]), Verdict { lost: 2, ..good });
        assert_eq!(verdict(2, &[popped(&[(1, 0), (1, 0), (1, 1)])]), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict(2, &[popped(&[(1, 0), (1, 1)]), popped(&[(1, 0)])]), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict(1, &[popped(&[(1, 0), (1, 1)])]), Verdict { unaccepted: 1, ..good });
        assert_eq!(verdict(2, &[popped(&[(1, 1), (1, 0)])]), Verdict { reordered: 1, ..good });
        assert_eq!(verdict(1, &[popped(&[(1, 0), (1, 3)])]), Verdict { unaccepted: 1, ..good });
    }
}
