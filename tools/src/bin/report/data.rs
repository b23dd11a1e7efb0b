//! What `cargo bench --bench paired` writes, and all kept runs of it as one set of cells.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use support::statistics::{Estimate, Pair, mean_ratio, median, ratio};

/// The name of this crate's buffer in the results.
pub(crate) const OURS: &str = "bounded-buffer";
pub(crate) const PARK: &str = "bounded-buffer (Park)";
pub(crate) const ITER_MANY: &str = "bounded-buffer, iter_many(16)";
pub(crate) const BOTH_MANY: &str = "bounded-buffer, push_many + iter_many(16)";
pub(crate) const CROSSBEAM: &str = "crossbeam-channel";
pub(crate) const COUNTER: &str = "a mutex around a counter";

/// A variant of this crate's buffer, or a contestant that is not a queue: it cannot replace the buffer.
pub(crate) fn is_peer(name: &str) -> bool {
    !name.starts_with(OURS) && name != COUNTER
}

/// How far apart the cores were.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
pub(crate) enum Mode {
    #[serde(rename = "near")]
    Near,
    #[serde(rename = "far")]
    Far,
    #[serde(rename = "one core")]
    OneCore,
    /// The distance does not matter.
    #[serde(rename = "any")]
    Any,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Near => "near",
            Self::Far => "far",
            Self::OneCore => "one core",
            Self::Any => "any",
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) grid: Option<Grid>,
    pub(crate) work: Option<Grid>,
    pub(crate) rate: Option<OpenLoop>,
    pub(crate) fair: Option<Fair>,
    #[serde(default)]
    pub(crate) tasks: Vec<Tasks>,
    #[serde(default)]
    pub(crate) single: Vec<Measure>,
}

/// A grid of tasks: what pushes and what pops.
#[derive(Deserialize)]
pub(crate) struct Tasks {
    pub(crate) ends: String,
    #[serde(flatten)]
    pub(crate) grid: Grid,
}

#[derive(Deserialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) cores_that_ran: f64,
    pub(crate) cores_that_ran_after: f64,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
    pub(crate) commit: String,
    pub(crate) date: String,
    pub(crate) command: String,
}

impl Machine {
    /// Whether the processor times are exact. The runs of f9d0ea8 read them from `getrusage`, which misses the time since the
    /// last clock tick.
    pub(crate) fn has_exact_clock(&self) -> bool {
        self.commit != "f9d0ea8"
    }
}

#[derive(Deserialize)]
pub(crate) struct Grid {
    pub(crate) item: String,
    pub(crate) cells: Vec<RawCell>,
}

impl Grid {
    pub(crate) fn has_batches(&self) -> bool {
        self.cells.iter().flat_map(|cell| &cell.names).any(|name| name.contains("batches"))
    }

    pub(crate) fn has_small_items(&self) -> bool {
        self.item == "8 B"
    }

    /// The grid of the summary: small items, one by one.
    pub(crate) fn is_plain(&self) -> bool {
        self.has_small_items() && !self.has_batches()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Key {
    pub(crate) before_push_ns: u64,
    pub(crate) after_pop_ns: u64,
    pub(crate) capacity: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
}

impl Key {
    pub(crate) fn threads(self) -> String {
        format!("{}×{}", self.producers, self.consumers)
    }

    pub(crate) fn work(self) -> (u64, u64) {
        (self.before_push_ns, self.after_pop_ns)
    }
}

#[derive(Deserialize)]
pub(crate) struct RawCell {
    #[serde(flatten)]
    key: Key,
    ideal: Option<f64>,
    names: Vec<String>,
    rounds: Vec<RawRound>,
    dropped: usize,
}

#[derive(Deserialize)]
struct RawRound {
    mode: Mode,
    rates: Vec<f64>,
    /// Empty in runs up to f9d0ea8. Their figures, called `processor_ns`, were too low: they missed the time since the last
    /// clock tick.
    #[serde(default)]
    processor_time_ns: Vec<f64>,
}

#[derive(Deserialize)]
pub(crate) struct OpenLoop {
    pub(crate) capacity: usize,
    pub(crate) run_ms: u64,
    pub(crate) names: Vec<String>,
    pub(crate) cells: Vec<RateCell>,
}

#[derive(Deserialize)]
pub(crate) struct RateCell {
    pub(crate) items_per_second: u64,
    pub(crate) rounds: Vec<Round<RateRun>>,
}

#[derive(Deserialize)]
pub(crate) struct Round<T> {
    pub(crate) mode: Mode,
    pub(crate) runs: Vec<T>,
}

#[derive(Deserialize)]
pub(crate) struct RateRun {
    pub(crate) in_buffer: Percentiles,
    pub(crate) push: Percentiles,
    pub(crate) consumer_percent: f64,
}

/// Nanoseconds.
#[derive(Deserialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
}

#[derive(Deserialize)]
pub(crate) struct Fair {
    pub(crate) run_ms: u64,
    pub(crate) names: Vec<String>,
    pub(crate) cells: Vec<FairCell>,
}

#[derive(Deserialize)]
pub(crate) struct FairCell {
    pub(crate) capacity: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
    pub(crate) rounds: Vec<Round<FairRun>>,
}

#[derive(Deserialize)]
pub(crate) struct FairRun {
    pub(crate) rate: f64,
    pub(crate) longest_push_ms: f64,
    pub(crate) longest_pop_ms: f64,
    pub(crate) producers_index: f64,
    pub(crate) consumers_index: f64,
}

/// Less is better.
#[derive(Deserialize)]
pub(crate) struct Measure {
    pub(crate) what: String,
    pub(crate) unit: String,
    pub(crate) other: String,
    pub(crate) rounds: Vec<Figures>,
}

#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Figures {
    pub(crate) mode: Mode,
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
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
    pub(crate) dropped: usize,
}

struct CellRound {
    mode: Mode,
    /// Million items per second and, if known, nanoseconds of processor time per item, by contestant.
    figures: BTreeMap<String, (f64, Option<f64>)>,
}

/// The cells of several runs, with the rounds of all of them.
pub(crate) struct Cells(pub(crate) Vec<Cell>);

impl Cells {
    pub(crate) fn of<'a>(grids: impl Iterator<Item = &'a Grid>) -> Self {
        let mut cells = BTreeMap::<Key, Cell>::new();
        for raw in grids.flat_map(|grid| &grid.cells) {
            let cell = cells.entry(raw.key).or_insert_with(|| Cell {
                key: raw.key,
                ideal: raw.ideal,
                rounds: Vec::new(),
                dropped: 0,
            });
            cell.dropped += raw.dropped;
            cell.rounds.extend(raw.rounds.iter().map(|round| {
                let times = round.processor_time_ns.iter().copied().map(Some).chain(iter::repeat(None));
                let figures = round.rates.iter().copied().zip(times);
                CellRound { mode: round.mode, figures: raw.names.iter().cloned().zip(figures).collect() }
            }));
        }
        Self(cells.into_values().collect())
    }

    pub(crate) fn filter(&self, keep: impl Fn(Key) -> bool) -> Vec<&Cell> {
        self.0.iter().filter(|cell| keep(cell.key)).collect()
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

    fn column(&self, mode: Mode, name: &str, of: fn((f64, Option<f64>)) -> Option<f64>) -> Vec<f64> {
        let rounds = self.rounds.iter().filter(|round| round.mode == mode);
        enough(rounds.filter_map(|round| of(*round.figures.get(name)?)).collect())
    }

    /// Million items per second, the median; `None` if it was not measured.
    pub(crate) fn rate(&self, mode: Mode, name: &str) -> Option<f64> {
        let rates = self.column(mode, name, |(rate, _)| Some(rate));
        (!rates.is_empty()).then(|| median(&rates))
    }

    /// Nanoseconds of processor time per item, the median.
    pub(crate) fn processor_ns(&self, mode: Mode, name: &str) -> Option<f64> {
        let times = self.column(mode, name, |(_, time)| time);
        (!times.is_empty()).then(|| median(&times))
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

/// One contestant compared with another over several cells.
pub(crate) struct Standing {
    pub(crate) mean: Estimate,
    pub(crate) worst: f64,
    /// Cells whose whole interval is above 1, those whose whole interval is below 1, and the rest.
    pub(crate) won: usize,
    pub(crate) lost: usize,
    pub(crate) undecided: usize,
}

impl Standing {
    /// `None` if no cell has both.
    pub(crate) fn of(cells: &[&Cell], mode: Mode, name: &str, other: &str) -> Option<Self> {
        let rates: Vec<_> =
            cells.iter().map(|cell| cell.rates(mode, name, other)).filter(|r| !r.0.is_empty()).collect();
        if rates.is_empty() {
            return None;
        }
        let pairs: Vec<_> = rates.iter().map(|(rates, others)| Pair { rates, others }).collect();
        let ratios: Vec<_> = pairs.iter().map(|&pair| ratio(pair)).collect();
        let count = |is: fn(&Estimate) -> bool| ratios.iter().filter(|ratio| is(ratio)).count();
        let (won, lost) = (count(|ratio| ratio.low > 1.0), count(|ratio| ratio.high < 1.0));
        Some(Self {
            mean: mean_ratio(&pairs),
            worst: ratios.iter().map(|ratio| ratio.value).fold(f64::INFINITY, f64::min),
            won,
            lost,
            undecided: ratios.len() - won - lost,
        })
    }
}
