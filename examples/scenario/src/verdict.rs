//! The check of a run: each accepted item arrives exactly once, and the items of a producer stay in order.

use std::fmt;

use serde::Serialize;

use crate::item::Item;

/// The result of checking each item of a run. A correct channel has zero in each field.
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
        let mut verdict = Self::default();
        for tally in tallies {
            verdict.duplicated += tally.duplicated;
            verdict.reordered += tally.reordered;
        }
        for (producer, &accepted) in accepted.iter().enumerate() {
            let mut all = BitSet::default();
            for popped in tallies.iter().filter_map(|tally| tally.producers.get(producer)) {
                verdict.duplicated += all.merge(&popped.sequences);
            }
            let arrived = all.count_below(accepted);
            verdict.lost += accepted - arrived;
            verdict.unaccepted += all.count_below(u64::MAX) - arrived;
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

/// The items that one consumer popped, one bit each. Each consumer has its own, so that recording needs no synchronisation.
#[derive(Default)]
pub(crate) struct Tally {
    producers: Vec<Popped>,
    duplicated: u64,
    reordered: u64,
}

/// The items of one producer that one consumer popped.
#[derive(Clone, Default)]
struct Popped {
    sequences: BitSet,
    /// One more than the highest sequence number so far.
    next: u64,
}

impl Tally {
    pub(crate) fn record(&mut self, item: &Item) {
        let (producer, sequence) = (item.producer() - 1, item.sequence());
        if producer >= self.producers.len() {
            self.producers.resize(producer + 1, Popped::default());
        }
        let popped = &mut self.producers[producer];
        if !popped.sequences.insert(sequence) {
            self.duplicated += 1;
        } else if sequence < popped.next {
            self.reordered += 1;
        }
        popped.next = popped.next.max(sequence + 1);
    }
}

/// A set of numbers that count from 0, one bit each.
#[derive(Clone, Default)]
struct BitSet(Vec<u64>);

impl BitSet {
    /// Adds a number. Returns false if the set already contains it.
    fn insert(&mut self, number: u64) -> bool {
        let (word, bit) = Self::position(number);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    /// Adds the numbers of the other set. Returns how many were in both.
    fn merge(&mut self, other: &Self) -> u64 {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut both = 0;
        for (word, others) in self.0.iter_mut().zip(&other.0) {
            both += u64::from((*word & others).count_ones());
            *word |= others;
        }
        both
    }

    /// Returns how many numbers in the set are less than `limit`.
    fn count_below(&self, limit: u64) -> u64 {
        let (word, bit) = Self::position(limit);
        let full = self.0.iter().take(word).map(|bits| u64::from(bits.count_ones())).sum::<u64>();
        full + self.0.get(word).map_or(0, |bits| u64::from((bits & (bit - 1)).count_ones()))
    }

    /// Returns the index of the word and the bit in it.
    fn position(number: u64) -> (usize, u64) {
        let word = usize::try_from(number / 64).unwrap_or(usize::MAX); // beyond any set, because memory has fewer bits
        (word, 1 << (number % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn popped(items: &[(usize, u64)]) -> Tally {
        let mut tally = Tally::default();
        for &(producer, sequence) in items {
            tally.record(&Item::new(producer, sequence, 0));
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
        assert_eq!(verdict(2, &[]), Verdict { lost: 2, ..good });
        assert_eq!(verdict(2, &[popped(&[(1, 0), (1, 0), (1, 1)])]), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict(2, &[popped(&[(1, 0), (1, 1)]), popped(&[(1, 0)])]), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict(1, &[popped(&[(1, 0), (1, 1)])]), Verdict { unaccepted: 1, ..good });
        assert_eq!(verdict(2, &[popped(&[(1, 1), (1, 0)])]), Verdict { reordered: 1, ..good });
    }

    #[test]
    fn the_set_counts_across_words() {
        let mut set = BitSet::default();
        for number in [0, 63, 64, 127, 128, 200] {
            assert!(set.insert(number));
            assert!(!set.insert(number));
        }
        for (limit, count) in [(0, 0), (1, 1), (63, 1), (64, 2), (65, 3), (128, 4), (129, 5), (201, 6), (u64::MAX, 6)] {
            assert_eq!(set.count_below(limit), count, "below {limit}");
        }
    }
}
