//! The rounds of several grids as one set of cells.

use std::collections::BTreeMap;

use support::statistics::{Estimate, Pair, mean_ratio, median, ratio};

use crate::{COUNTER, Grid, Key, Mode, OURS};

/// A variant of this crate's buffer, or a contestant that is not a queue: it cannot replace the buffer.
pub fn is_peer(name: &str) -> bool {
    !name.starts_with(OURS) && name != COUNTER
}

/// The rounds of one cell in all runs.
pub struct Cell {
    pub key: Key,
    pub ideal: Option<f64>,
    rounds: Vec<CellRound>,
}

struct CellRound {
    mode: Mode,
    /// Million items per second and nanoseconds of processor time per item, by contestant.
    figures: BTreeMap<String, (f64, f64)>,
}

/// The cells of several runs, with the rounds of all of them.
pub struct Cells(pub Vec<Cell>);

impl Cells {
    pub fn of<'a>(grids: impl Iterator<Item = &'a Grid>) -> Self {
        let mut cells = BTreeMap::<Key, Cell>::new();
        for raw in grids.flat_map(|grid| &grid.cells) {
            let new = || Cell { key: raw.key, ideal: raw.ideal, rounds: Vec::new() };
            let cell = cells.entry(raw.key).or_insert_with(new);
            cell.rounds.extend(raw.rounds.rounds.iter().map(|round| {
                let (rates, times) = (&round.measured.rates, &round.measured.processor_time_ns);
                let figures = rates.iter().copied().zip(times.iter().copied());
                CellRound { mode: round.mode, figures: raw.names.iter().cloned().zip(figures).collect() }
            }));
        }
        Self(cells.into_values().collect())
    }

    pub fn filter(&self, keep: impl Fn(Key) -> bool) -> Vec<&Cell> {
        self.0.iter().filter(|cell| keep(cell.key)).collect()
    }

    pub fn capacities(&self) -> Vec<usize> {
        let mut all: Vec<_> = self.0.iter().map(|cell| cell.key.shape.capacity).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub fn all(&self) -> Vec<&Cell> {
        self.filter(|_| true)
    }

    /// The contestants, this crate's variants first, then in the order of the alphabet.
    pub fn names(&self) -> Vec<String> {
        let rounds = self.0.iter().flat_map(|cell| &cell.rounds);
        let mut names: Vec<String> = rounds.flat_map(|round| round.figures.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names.sort_by_key(|name| (!name.starts_with(OURS), name == COUNTER));
        names
    }

    pub fn peers(&self) -> Vec<String> {
        self.names().into_iter().filter(|name| is_peer(name)).collect()
    }

    /// The modes in which at least one cell has enough rounds.
    pub fn modes(&self) -> Vec<Mode> {
        let has = |mode| self.0.iter().any(|cell| cell.rounds(mode) >= FEWEST_ROUNDS);
        Mode::ALL.into_iter().filter(|&mode| has(mode)).collect()
    }

    /// The amounts of work, those with the same on both sides first.
    pub fn works(&self) -> Vec<(u64, u64)> {
        let mut works: Vec<_> = self.0.iter().map(|cell| cell.key.work()).collect();
        works.dedup(); // cells are sorted by work
        works.sort_by_key(|&(before, after)| (before != after, before + after, before));
        works
    }
}

/// With fewer rounds, the interval of a median is meaningless, so the cell counts as not measured in that mode.
const FEWEST_ROUNDS: usize = 5;

impl Cell {
    pub fn rounds(&self, mode: Mode) -> usize {
        self.rounds.iter().filter(|round| round.mode == mode).count()
    }

    /// The median of one contestant's figures; `None` if it was not measured.
    fn median(&self, mode: Mode, name: &str, of: fn((f64, f64)) -> f64) -> Option<f64> {
        let rounds = self.rounds.iter().filter(|round| round.mode == mode);
        let figures = enough(rounds.filter_map(|round| Some(of(*round.figures.get(name)?))).collect());
        (!figures.is_empty()).then(|| median(&figures))
    }

    /// Million items per second.
    pub fn rate(&self, mode: Mode, name: &str) -> Option<f64> {
        self.median(mode, name, |(rate, _)| rate)
    }

    /// Nanoseconds of processor time per item.
    pub fn processor_ns(&self, mode: Mode, name: &str) -> Option<f64> {
        self.median(mode, name, |(_, time)| time)
    }

    /// The rates of both in the rounds that have both; none if there are too few.
    pub fn rates(&self, mode: Mode, name: &str, other: &str) -> (Vec<f64>, Vec<f64>) {
        let rounds = self.rounds.iter().filter(|round| round.mode == mode);
        let both: Vec<_> =
            rounds.filter_map(|round| Some((round.figures.get(name)?.0, round.figures.get(other)?.0))).collect();
        enough(both).into_iter().unzip()
    }

    /// The multiple of another's rate.
    pub fn ratio(&self, mode: Mode, name: &str, other: &str) -> Option<Estimate> {
        let (rates, others) = self.rates(mode, name, other);
        (!rates.is_empty()).then(|| ratio(Pair { rates: &rates, others: &others }))
    }
}

/// The values, or none if there are too few.
pub fn enough<T>(values: Vec<T>) -> Vec<T> {
    if values.len() < FEWEST_ROUNDS { Vec::new() } else { values }
}

/// The geometric mean of one contestant's multiples of another's rate; `None` if fewer than half of the cells that have both were
/// measured in the mode.
pub fn mean(cells: &[&Cell], mode: Mode, name: &str, other: &str) -> Option<Estimate> {
    let has_both = |round: &CellRound| [name, other].iter().all(|name| round.figures.contains_key(*name));
    let with_both: Vec<_> = cells.iter().filter(|cell| cell.rounds.iter().any(has_both)).collect();
    let rates: Vec<_> = with_both.iter().map(|cell| cell.rates(mode, name, other)).collect();
    let pairs: Vec<_> =
        rates.iter().filter(|(rates, _)| !rates.is_empty()).map(|(rates, others)| Pair { rates, others }).collect();
    (!pairs.is_empty() && 2 * pairs.len() >= with_both.len()).then(|| mean_ratio(&pairs))
}
