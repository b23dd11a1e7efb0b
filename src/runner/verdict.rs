//! Did every accepted item arrive, once, and in order?

use std::fmt;

use serde::Serialize;

use super::item::Item;

/// What a channel promises, checked item by item. All zero is the only good verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Items that were accepted and never came out.
    pub lost: u64,
    /// Items that came out more than once, counted once for each time too many.
    pub doubled: u64,
    /// Items that came out though no push of them had succeeded.
    pub unaccepted: u64,
    /// Items that a consumer got after a later one of the same producer.
    pub reordered: u64,
}

impl Verdict {
    /// Nothing lost, nothing twice, per-producer order kept?
    #[must_use]
    pub fn holds(&self) -> bool {
        *self == Self::default()
    }

    /// The verdict on what all consumers saw, where producer number `n` had `accepted[n - 1]` items accepted.
    pub(crate) fn of(accepted: &[u64], tallies: &[Tally]) -> Self {
        let mut verdict = Self::default();
        for tally in tallies {
            verdict.doubled += tally.doubled;
            verdict.reordered += tally.reordered;
        }
        for (producer, &accepted) in accepted.iter().enumerate() {
            let mut all = Set::default();
            for seen in tallies.iter().filter_map(|tally| tally.producers.get(producer)) {
                verdict.doubled += all.merge(&seen.items);
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
            return f.write_str("nothing lost, nothing twice, per-producer order kept");
        }
        let Self { lost, doubled, unaccepted, reordered } = self;
        write!(f, "BROKEN: {lost} lost, {doubled} doubled, {unaccepted} never accepted, {reordered} out of order")
    }
}

/// What one consumer saw. Kept by the consumer alone, so that looking costs no synchronisation: one bit an item.
#[derive(Default)]
pub(crate) struct Tally {
    producers: Vec<Seen>,
    doubled: u64,
    reordered: u64,
}

/// What one consumer saw of one producer.
#[derive(Clone, Default)]
struct Seen {
    items: Set,
    /// One past the latest item.
    next: u64,
}

impl Tally {
    pub(crate) fn note(&mut self, item: &Item) {
        let (producer, sequence) = (item.producer() - 1, item.sequence());
        if producer >= self.producers.len() {
            self.producers.resize(producer + 1, Seen::default());
        }
        let seen = &mut self.producers[producer];
        if !seen.items.insert(sequence) {
            self.doubled += 1;
        } else if sequence < seen.next {
            self.reordered += 1;
        }
        seen.next = seen.next.max(sequence + 1);
    }
}

/// A set of small numbers, a bit each.
#[derive(Clone, Default)]
struct Set(Vec<u64>);

impl Set {
    /// False if it was there already.
    fn insert(&mut self, number: u64) -> bool {
        let (word, bit) = Self::place(number);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    /// Takes the other's numbers in; returns how many were in both.
    fn merge(&mut self, other: &Self) -> u64 {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut both = 0;
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            both += u64::from((*mine & theirs).count_ones());
            *mine |= theirs;
        }
        both
    }

    fn count_below(&self, limit: u64) -> u64 {
        let (word, bit) = Self::place(limit);
        let full = self.0.iter().take(word).map(|bits| u64::from(bits.count_ones())).sum::<u64>();
        full + self.0.get(word).map_or(0, |bits| u64::from((bits & (bit - 1)).count_ones()))
    }

    fn place(number: u64) -> (usize, u64) {
        let word = usize::try_from(number / 64).expect("a number of items that was counted one by one");
        (word, 1 << (number % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saw(items: &[(usize, u64)]) -> Tally {
        let mut tally = Tally::default();
        for &(producer, sequence) in items {
            tally.note(&Item::new(producer, sequence, 0));
        }
        tally
    }

    #[test]
    fn interleaved_producers_are_in_order_as_long_as_each_is() {
        let verdict = Verdict::of(&[3, 2], &[saw(&[(1, 0), (2, 0), (1, 2)]), saw(&[(2, 1), (1, 1)])]);
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn each_fault_is_counted_as_what_it_is() {
        let verdict = |accepted, tallies: &[Tally]| Verdict::of(&[accepted], tallies);
        let good = Verdict::default();
        assert_eq!(verdict(2, &[saw(&[(1, 1)])]), Verdict { lost: 1, ..good });
        assert_eq!(verdict(2, &[]), Verdict { lost: 2, ..good });
        assert_eq!(verdict(2, &[saw(&[(1, 0), (1, 0), (1, 1)])]), Verdict { doubled: 1, ..good });
        assert_eq!(verdict(2, &[saw(&[(1, 0), (1, 1)]), saw(&[(1, 0)])]), Verdict { doubled: 1, ..good });
        assert_eq!(verdict(1, &[saw(&[(1, 0), (1, 1)])]), Verdict { unaccepted: 1, ..good });
        assert_eq!(verdict(2, &[saw(&[(1, 1), (1, 0)])]), Verdict { reordered: 1, ..good });
    }

    #[test]
    fn the_set_counts_across_words() {
        let mut set = Set::default();
        for number in [0, 63, 64, 127, 128, 200] {
            assert!(set.insert(number));
            assert!(!set.insert(number));
        }
        for (limit, count) in [(0, 0), (1, 1), (63, 1), (64, 2), (65, 3), (128, 4), (129, 5), (201, 6), (u64::MAX, 6)] {
            assert_eq!(set.count_below(limit), count, "below {limit}");
        }
    }
}
