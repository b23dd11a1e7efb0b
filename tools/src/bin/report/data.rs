//! The kept runs of `paired`, and the rounds of all of them as one set of cells.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use results::{COUNTER, Grid, Key, Mode, OURS, Results};
use support::statistics::{Estimate, Pair, Standing, mean_ratio, median, ratio};

/// A variant of this crate's buffer, or a contestant that is not a queue: it cannot replace the buffer.
pub(crate) fn is_peer(name: &str) -> bool {
    !name.starts_with(OURS) && name != COUNTER
}

/// Reads a file of results; the error names it.
pub(crate) fn read(path: &Path) -> Result<Results, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The kept runs by processor, the processor of the newest run first. Each group has its oldest run first.
///
/// Rounds on different processors are samples of different distributions, so they have no common median.
pub(crate) fn kept(directory: &Path) -> Result<Vec<Vec<Results>>, String> {
    let failed = |error| format!("{}: {error}", directory.display());
    let mut paths = Vec::<PathBuf>::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort(); // the names begin with the date
    let mut groups = Vec::<Vec<Results>>::new();
    for path in paths {
        let run = read(&path)?;
        match groups.iter_mut().find(|group| group[0].machine.cpu == run.machine.cpu) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    let newest = |group: &Vec<Results>| group.last().map(|run| run.machine.date.clone());
    groups.sort_by_key(|group| Reverse(newest(group)));
    Ok(groups)
}

/// The rounds of one cell in all runs.
pub(crate) struct Cell {
    pub(crate) key: Key,
    pub(crate) ideal: Option<f64>,
    rounds: Vec<CellRound>,
}

struct CellRound {
    mode: Mode,
    /// Million items per second and nanoseconds of processor time per item, by contestant.
    figures: BTreeMap<String, (f64, f64)>,
}

/// The cells of several runs, with the rounds of all of them.
pub(crate) struct Cells(pub(crate) Vec<Cell>);

impl Cells {
    pub(crate) fn of<'a>(grids: impl Iterator<Item = &'a Grid>) -> Self {
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

    pub(crate) fn filter(&self, keep: impl Fn(Key) -> bool) -> Vec<&Cell> {
        self.0.iter().filter(|cell| keep(cell.key)).collect()
    }

    pub(crate) fn capacities(&self) -> Vec<usize> {
        let mut all: Vec<_> = self.0.iter().map(|cell| cell.key.capacity).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(crate) fn all(&self) -> Vec<&Cell> {
        self.filter(|_| true)
    }

    /// The contestants, this crate's variants first, then in the order of the alphabet.
    pub(crate) fn names(&self) -> Vec<String> {
        let rounds = self.0.iter().flat_map(|cell| &cell.rounds);
        let mut names: Vec<String> = rounds.flat_map(|round| round.figures.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names.sort_by_key(|name| (!name.starts_with(OURS), name == COUNTER));
        names
    }

    pub(crate) fn peers(&self) -> Vec<String> {
        self.names().into_iter().filter(|name| is_peer(name)).collect()
    }

    /// The modes in which at least one cell has enough rounds.
    pub(crate) fn modes(&self) -> Vec<Mode> {
        let has = |mode| self.0.iter().any(|cell| cell.rounds(mode) >= FEWEST_ROUNDS);
        [Mode::Near, Mode::Far, Mode::OneCore].into_iter().filter(|&mode| has(mode)).collect()
    }
}

/// With fewer rounds, the interval of a median is meaningless, so the cell counts as not measured in that mode.
const FEWEST_ROUNDS: usize = 5;

impl Cell {
    pub(crate) fn rounds(&self, mode: Mode) -> usize {
        self.rounds.iter().filter(|round| round.mode == mode).count()
    }

    /// The median of one contestant's figures; `None` if it was not measured.
    fn median(&self, mode: Mode, name: &str, of: fn((f64, f64)) -> f64) -> Option<f64> {
        let rounds = self.rounds.iter().filter(|round| round.mode == mode);
        let figures = enough(rounds.filter_map(|round| Some(of(*round.figures.get(name)?))).collect());
        (!figures.is_empty()).then(|| median(&figures))
    }

    /// Million items per second.
    pub(crate) fn rate(&self, mode: Mode, name: &str) -> Option<f64> {
        self.median(mode, name, |(rate, _)| rate)
    }

    /// Nanoseconds of processor time per item.
    pub(crate) fn processor_ns(&self, mode: Mode, name: &str) -> Option<f64> {
        self.median(mode, name, |(_, time)| time)
    }

    /// The rates of both in the rounds that have both.
    fn rates(&self, mode: Mode, name: &str, other: &str) -> (Vec<f64>, Vec<f64>) {
        let rounds = self.rounds.iter().filter(|round| round.mode == mode);
        let both: Vec<_> =
            rounds.filter_map(|round| Some((round.figures.get(name)?.0, round.figures.get(other)?.0))).collect();
        enough(both).into_iter().unzip()
    }

    /// The multiple of another's rate.
    pub(crate) fn ratio(&self, mode: Mode, name: &str, other: &str) -> Option<Estimate> {
        let (rates, others) = self.rates(mode, name, other);
        (!rates.is_empty()).then(|| ratio(Pair { rates: &rates, others: &others }))
    }
}

/// The values, or none if there are too few.
pub(crate) fn enough<T>(values: Vec<T>) -> Vec<T> {
    if values.len() < FEWEST_ROUNDS { Vec::new() } else { values }
}

/// One contestant compared with another over several cells; `None` if no cell has both.
pub(crate) fn standing(cells: &[&Cell], mode: Mode, name: &str, other: &str) -> Option<Standing> {
    Standing::of(cells.iter().map(|cell| cell.rates(mode, name, other)))
}

/// The geometric mean of one contestant's multiples of another's rate; `None` if fewer than half of the cells that have both were
/// measured in the mode.
pub(crate) fn mean(cells: &[&Cell], mode: Mode, name: &str, other: &str) -> Option<Estimate> {
    let has_both = |round: &CellRound| [name, other].iter().all(|name| round.figures.contains_key(*name));
    let with_both: Vec<_> = cells.iter().filter(|cell| cell.rounds.iter().any(has_both)).collect();
    let rates: Vec<_> = with_both.iter().map(|cell| cell.rates(mode, name, other)).collect();
    let pairs: Vec<_> =
        rates.iter().filter(|(rates, _)| !rates.is_empty()).map(|(rates, others)| Pair { rates, others }).collect();
    (!pairs.is_empty() && 2 * pairs.len() >= with_both.len()).then(|| mean_ratio(&pairs))
}
