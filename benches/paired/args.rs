//! The flags.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use benches::work::Work;
use benches::workload::Shape;
use results::OURS;

use crate::rounds::Limits;

/// Measures this crate's buffer and its peers side by side, and writes the results as JSON.
#[derive(Parser)]
#[allow(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Args {
    /// Print the distance of the cores and stop: nanoseconds for a cache line, one way.
    #[arg(long)]
    pub(crate) distance: bool,
    /// Measure `work` on six cells and four amounts of work only, for two minutes at most.
    #[arg(long)]
    quick_work: bool,
    /// Capacities [default: 1,5,64,1024; of `work`: 5,64,1024].
    #[arg(long, value_delimiter = ',', value_parser = parse_capacity)]
    capacity: Vec<usize>,
    /// Producers x consumers [default: 1x1,4x1,1x4,4x4,16x16; of `work`: 1x1,2x3,4x4,16x16].
    #[arg(long, value_delimiter = ',', value_parser = parse_threads)]
    threads: Vec<(usize, usize)>,
    /// Nanoseconds of work before a push / after a pop; selects the part `work`
    /// [default: 0/0,50/50,200/200,1000/1000,10000/10000,0/500,500/0].
    #[arg(long, value_delimiter = ',')]
    work: Vec<Work>,
    /// Peers to measure with this crate's buffer, each by a part of its name [default: all].
    #[arg(long, value_delimiter = ',')]
    peers: Vec<String>,
    /// Rounds of each cell in each mode of the machine (near, far). In a round, every peer runs once.
    #[arg(long, default_value = "7", value_parser = parse_count)]
    rounds: usize,
    /// How long one run should take, in milliseconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    run_ms: u64,
    /// Seconds after which a part stops, even if a mode of the machine has too few rounds.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    time_limit: u64,
    /// The size of an item in bytes.
    #[arg(long, value_enum, default_value = "8")]
    pub(crate) item: ItemSize,
    /// Measure batches of this size, through push_many and pop_many, as a further contestant.
    #[arg(long, value_parser = parse_count)]
    pub(crate) batch: Option<usize>,
    /// Few rounds and short runs, to check that everything runs. `QUICK=1` does the same, here and in the criterion benches.
    #[arg(long)]
    quick: bool,
    /// Measure these parts only.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Where to write the results.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Use a core until the input ends: a busy process, which the part `busy` starts.
    #[arg(long, hide = true)]
    pub(crate) spin: bool,
    /// Set by `cargo bench`. Without it, as under `cargo test --benches`, each peer is checked and none is timed.
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ItemSize {
    #[value(name = "8")]
    Word,
    #[value(name = "64")]
    Line,
}

/// The parts that can be measured separately.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Items per second in an empty loop, over capacities and threads.
    Grid,
    /// Items per second with work before each push and after each pop.
    Work,
    /// Latency and processor time at fixed rates and with work, quiet and next to busy processes.
    Busy,
    /// Wake-ups and system time of batches that linger.
    Linger,
    /// Throughput, longest operations and fairness while all threads push and pop without a break.
    Fair,
    /// Items a second between tasks, and between tasks and threads.
    Tasks,
    /// Push and pop on one thread, without contention.
    Uncontended,
    /// 256 items pushed and popped under one lock each, on one thread.
    Batch,
    /// A round trip through two buffers.
    Latency,
    /// How late a time-out is next to busy threads.
    Timer,
    /// The processor time of 8 threads that wait.
    Idle,
    /// The memory of a full channel.
    Memory,
}

const GRID_THREADS: [(usize, usize); 5] = [(1, 1), (4, 1), (1, 4), (4, 4), (16, 16)];
const WORK_THREADS: [(usize, usize); 4] = [(1, 1), (2, 3), (4, 4), (16, 16)];
/// Nanoseconds before a push and after a pop.
const WORK: [(u64, u64); 7] = [(0, 0), (50, 50), (200, 200), (1000, 1000), (10_000, 10_000), (0, 500), (500, 0)];
const TASKS: [(usize, usize); 3] = [(1, 1), (4, 1), (4, 4)];
const TASK_WORK: [(u64, u64); 2] = [(0, 0), (200, 200)];
/// Capacity, producers, consumers.
const QUICK_CELLS: [(usize, usize, usize); 6] =
    [(5, 2, 3), (64, 1, 1), (64, 4, 4), (1024, 1, 1), (1024, 4, 4), (1024, 16, 16)];
const QUICK_WORK: [(u64, u64); 4] = [(50, 50), (200, 200), (0, 500), (500, 0)];

impl Args {
    pub(crate) fn runs(&self, part: Part) -> bool {
        let work_alone = self.quick_work || !self.work.is_empty();
        if work_alone { part == Part::Work } else { self.only.is_empty() || self.only.contains(&part) }
    }

    /// The cells of the empty loop.
    pub(crate) fn grid(&self) -> Vec<(Shape, Work)> {
        let shapes = shapes(&or(&self.capacity, &[1, 5, 64, 1024]), &or(&self.threads, &GRID_THREADS));
        shapes.into_iter().map(|shape| (shape, Work::default())).collect()
    }

    /// The cells of the loop with work.
    pub(crate) fn work(&self) -> Vec<(Shape, Work)> {
        let of_nanos = |&(before, after): &(u64, u64)| Work::of_nanos(before, after);
        let (shapes, work): (_, Vec<_>) = if self.quick_work {
            let shape = |&(capacity, producers, consumers)| Shape { capacity, producers, consumers };
            (QUICK_CELLS.iter().map(shape).collect(), QUICK_WORK.iter().map(of_nanos).collect())
        } else {
            let shapes = shapes(&or(&self.capacity, &[5, 64, 1024]), &or(&self.threads, &WORK_THREADS));
            (shapes, WORK.iter().map(of_nanos).collect())
        };
        let work = or(&self.work, &work);
        work.iter().flat_map(|&work| shapes.iter().map(move |&shape| (shape, work))).collect()
    }

    /// The cells of the tasks.
    pub(crate) fn tasks(&self) -> Vec<(Shape, Work)> {
        let shapes = shapes(&or(&self.capacity, &[1, 64, 1024]), &or(&self.threads, &TASKS));
        let work = or(&self.work, &TASK_WORK.map(|(before, after)| Work::of_nanos(before, after)));
        work.iter().flat_map(|&work| shapes.iter().map(move |&shape| (shape, work))).collect()
    }

    pub(crate) fn rounds(&self) -> usize {
        if self.quick() { 3 } else { self.rounds }
    }

    pub(crate) fn limits(&self) -> Limits {
        let longest = match (self.quick(), self.quick_work) {
            (true, _) => 60,
            (_, true) => 120,
            _ => u64::MAX,
        };
        let time = Duration::from_secs(self.time_limit.min(longest));
        Limits { rounds: self.rounds(), time, waits_for_modes: !self.quick() }
    }

    pub(crate) fn run_ms(&self) -> u64 {
        if self.quick() { 5 } else { self.run_ms }
    }

    pub(crate) fn quick(&self) -> bool {
        self.quick || benches::quick()
    }

    /// Whether `--peers` selects it.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.peers.is_empty() || self.peers.iter().any(|part| matches(name, part))
    }

    /// The first of `--peers` that is not part of a name. Without this check, a typing error would omit a column silently.
    pub(crate) fn unknown_peer(&self, names: &[String]) -> Option<&str> {
        let known = |part: &str| names.iter().any(|name| matches(name, part));
        self.peers.iter().map(String::as_str).find(|part| !known(part))
    }

    pub(crate) fn json(&self) -> PathBuf {
        self.json.clone().unwrap_or_else(|| "target/paired/latest.json".into())
    }
}

fn or<T: Clone>(given: &[T], default: &[T]) -> Vec<T> {
    if given.is_empty() { default.to_vec() } else { given.to_vec() }
}

fn shapes(capacities: &[usize], threads: &[(usize, usize)]) -> Vec<Shape> {
    let shapes =
        |&capacity| threads.iter().map(move |&(producers, consumers)| Shape { capacity, producers, consumers });
    capacities.iter().flat_map(shapes).collect()
}

/// `ours` is this crate's buffer. Other names are selected by a part of the name.
fn matches(name: &str, part: &str) -> bool {
    if part == "ours" { name == OURS } else { name.to_lowercase().contains(&part.to_lowercase()) }
}

fn parse_count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&count| count > 0).ok_or_else(|| "a number from 1 on".to_owned())
}

/// Each peer allocates all its slots, so a very large number would end in a failed allocation.
fn parse_capacity(text: &str) -> Result<usize, String> {
    const MOST: usize = 1 << 24;
    text.parse().ok().filter(|slots| (1..=MOST).contains(slots)).ok_or_else(|| format!("a number from 1 to {MOST}"))
}

fn parse_threads(text: &str) -> Result<(usize, usize), String> {
    const MOST: usize = 1000;
    let count = |text| parse_count(text).ok().filter(|&threads| threads <= MOST);
    let pair = text.split_once('x').and_then(|(producers, consumers)| Some((count(producers)?, count(consumers)?)));
    pair.ok_or_else(|| format!("producers x consumers, each from 1 to {MOST}, such as 4x1"))
}
