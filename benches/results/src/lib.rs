//! The results of one run of `paired`: it writes them as JSON and the report reads them; both print them with the same tables.
//! `docs/bench/runs` has kept runs.

pub mod cells;
pub mod contests;
pub mod grid;
pub mod tables;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of this crate's buffer.
pub const OURS: &str = "bounded-buffer";
pub const PARK: &str = "bounded-buffer (Park)";
pub const ITER_MANY: &str = "bounded-buffer, iter_many(16)";
pub const BOTH_MANY: &str = "bounded-buffer, push_many + iter_many(16)";
/// The peer that most tables are relative to.
pub const CROSSBEAM: &str = "crossbeam-channel";
pub const GO: &str = "Go channel";
pub const COUNTER: &str = "a mutex around a counter";

/// The size of the items of most runs.
pub const SMALL_ITEM: &str = "8 B";

#[derive(Serialize, Deserialize)]
pub struct Results {
    pub machine: Machine,
    pub grid: Option<Grid>,
    pub work: Option<Grid>,
    #[serde(alias = "rate")]
    pub busy: Option<Latency>,
    #[serde(default)]
    pub linger: Option<Linger>,
    pub fair: Option<Fair>,
    pub tasks: Vec<Tasks>,
    pub single: Vec<Measure>,
}

/// The machine, the time and the commit of a run.
#[derive(Serialize, Deserialize)]
pub struct Machine {
    pub cpu: String,
    /// The cores that the process may use; one under `taskset -c 0`.
    pub cores: usize,
    /// The number of cores that ran at the same time. A virtual machine may run fewer than it has, for minutes.
    pub cores_that_ran: f64,
    pub cores_that_ran_after: f64,
    pub kernel: String,
    pub rustc: String,
    /// The versions of the peers, and of Go and the JDK if they are there, as in `kanal 0.1.1`.
    #[serde(default)]
    pub versions: Vec<String>,
    pub commit: String,
    pub date: String,
    pub command: String,
}

/// How far apart the cores were.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Near,
    Far,
    /// The process may use one core only.
    #[serde(rename = "one core")]
    OneCore,
    /// The distance does not matter and was not measured.
    Any,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::Near, Self::Far, Self::OneCore, Self::Any];
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Near => "near",
            Self::Far => "far",
            Self::OneCore => "one core",
            Self::Any => "any",
        })
    }
}

/// The measurements of one round, and the distance of the cores before and after it, in nanoseconds.
#[derive(Serialize, Deserialize)]
pub struct Round<T> {
    pub mode: Mode,
    pub distance: Option<(f64, f64)>,
    #[serde(flatten)]
    pub measured: T,
}

/// The rounds of one cell.
#[derive(Serialize, Deserialize)]
pub struct Rounds<T> {
    pub rounds: Vec<Round<T>>,
    /// Rounds in which the two distances disagreed or were between near and far.
    pub dropped: usize,
}

impl<T> Rounds<T> {
    pub fn of(&self, mode: Mode) -> impl Iterator<Item = &T> {
        self.rounds.iter().filter(move |round| round.mode == mode).map(|round| &round.measured)
    }
}

/// The runs of one round, in the order of the names of the contestants.
#[derive(Serialize, Deserialize)]
pub struct Runs<T> {
    pub runs: Vec<T>,
}

/// Throughput over capacities, threads and amounts of work.
#[derive(Serialize, Deserialize)]
pub struct Grid {
    pub item: String,
    /// The wanted rounds of each cell in each mode.
    pub rounds: usize,
    pub run_ms: u64,
    pub cells: Vec<Cell>,
}

impl Grid {
    pub fn has_batches(&self) -> bool {
        self.cells.iter().flat_map(|cell| &cell.names).any(|name| name.contains("batches"))
    }

    pub fn has_small_items(&self) -> bool {
        self.item == SMALL_ITEM
    }

    /// Small items, one by one.
    pub fn is_plain(&self) -> bool {
        self.has_small_items() && !self.has_batches()
    }
}

/// A channel's size and the threads at its ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Shape {
    pub capacity: usize,
    pub producers: usize,
    pub consumers: usize,
}

impl Shape {
    /// As in "16×16".
    pub fn threads(self) -> String {
        format!("{}×{}", self.producers, self.consumers)
    }
}

/// What distinguishes a cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    pub before_push_ns: u64,
    pub after_pop_ns: u64,
    #[serde(flatten)]
    pub shape: Shape,
}

impl Key {
    pub fn work(self) -> (u64, u64) {
        (self.before_push_ns, self.after_pop_ns)
    }
}

#[derive(Serialize, Deserialize)]
pub struct Cell {
    #[serde(flatten)]
    pub key: Key,
    /// Million items per second if the cores did nothing but the work.
    pub ideal: Option<f64>,
    /// The contestants that can run with this number of threads.
    pub names: Vec<String>,
    #[serde(flatten)]
    pub rounds: Rounds<Rates>,
}

/// The figures of one round, in the order of the names.
#[derive(Serialize, Deserialize)]
pub struct Rates {
    /// Million items per second.
    pub rates: Vec<f64>,
    /// Processor time of all threads, in nanoseconds per item.
    pub processor_time_ns: Vec<f64>,
}

/// A grid of tasks: what pushes and what pops.
#[derive(Serialize, Deserialize)]
pub struct Tasks {
    pub ends: String,
    #[serde(flatten)]
    pub grid: Grid,
}

/// A measurement of each contestant under each of several loads.
#[derive(Serialize, Deserialize)]
pub struct Contest<S, L, T> {
    #[serde(flatten)]
    pub setting: S,
    pub names: Vec<String>,
    pub cells: Vec<ContestCell<L, T>>,
}

/// The rounds under one load.
#[derive(Serialize, Deserialize)]
pub struct ContestCell<L, T> {
    #[serde(flatten)]
    pub load: L,
    #[serde(flatten)]
    pub rounds: Rounds<Runs<T>>,
}

/// Latency with one producer and one consumer, quiet and next to busy processes.
pub type Latency = Contest<LatencySetting, Rate, LatencyRun>;
/// A consumer takes batches with `pop_batch`, from a producer with a fixed rate.
pub type Linger = Contest<LingerSetting, Rate, LingerRun>;
/// All threads push and pop without a break.
pub type Fair = Contest<FairSetting, Shape, FairRun>;

#[derive(PartialEq, Serialize, Deserialize)]
pub struct LatencySetting {
    pub capacity: usize,
    pub run_ms: u64,
    /// Whether the producer sleeps until its next item is due. In older runs it waits in a loop.
    #[serde(default)]
    pub producer_sleeps: bool,
}

#[derive(PartialEq, Serialize, Deserialize)]
pub struct LingerSetting {
    pub max: usize,
    pub linger_ms: u64,
    pub run_ms: u64,
}

#[derive(PartialEq, Serialize, Deserialize)]
pub struct FairSetting {
    pub run_ms: u64,
}

#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rate {
    /// The rate of the producer. `None`: a pipeline, in which each side works for 1 µs an item.
    pub items_per_second: Option<u64>,
    /// The number of busy processes.
    #[serde(default)]
    pub busy: usize,
}

#[derive(Serialize, Deserialize)]
pub struct LatencyRun {
    /// Million items per second; 0 in older runs.
    #[serde(default)]
    pub rate: f64,
    /// From the start of a push to the return of the pop.
    pub in_buffer: Percentiles,
    /// The time of a push.
    pub push: Percentiles,
    /// The consumer's processor time, in percent of the time that passed.
    pub consumer_percent: f64,
}

/// Nanoseconds.
#[derive(Serialize, Deserialize)]
pub struct Percentiles {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

#[derive(Serialize, Deserialize)]
pub struct LingerRun {
    pub items: f64,
    pub batches: f64,
    /// Wake-ups that the buffer sent.
    pub notifications: f64,
    /// Of the whole process.
    pub system_ms: f64,
    /// The consumer's processor time.
    pub consumer_ms: f64,
}

#[derive(Serialize, Deserialize)]
pub struct FairRun {
    /// Million items per second.
    pub rate: f64,
    pub longest_push_ms: f64,
    pub longest_pop_ms: f64,
    /// Jain's index over the items of the producers, and of the consumers: 1 if all moved the same number, 1/n if one moved all.
    pub producers_index: f64,
    pub consumers_index: f64,
}

/// One figure of this crate's buffer, and the figure for comparison. Less is better.
#[derive(Serialize, Deserialize)]
pub struct Measure {
    pub what: String,
    pub unit: String,
    pub other: String,
    #[serde(flatten)]
    pub rounds: Rounds<Figures>,
}

/// The two figures of one round.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Figures {
    pub ours: f64,
    pub theirs: f64,
}
