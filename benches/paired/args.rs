//! The flags.

use std::num::{NonZeroU16, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use benches::work::Work;
use results::{OURS, Shape};
use support::cli::pair;

/// Measures this crate's buffer and its peers side by side, and writes the results as JSON.
#[derive(Parser)]
#[allow(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Args {
    /// Print the distance of the cores and stop: nanoseconds for a cache line, one way.
    #[arg(long)]
    pub(crate) distance: bool,
    /// Capacities [default: 1,5,64,1024; of `work`: 5,64,1024; of `tasks`: 1,64,1024].
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1 << 24))]
    capacity: Vec<u32>,
    /// Producers x consumers [default: 1x1,4x1,1x4,4x4,16x16; of `work`: 1x1,2x3,4x4,16x16; of `tasks`: 1x1,4x1,4x4].
    #[arg(long, value_delimiter = ',', value_parser = parse_threads)]
    threads: Vec<(usize, usize)>,
    /// Nanoseconds of work before a push / after a pop; selects the part `work`
    /// [default: 0/0,50/50,200/200,1000/1000,10000/10000,0/500,500/0].
    #[arg(long, value_delimiter = ',', value_parser = parse_work)]
    work: Vec<Work>,
    /// Peers to measure with this crate's buffer, each by a part of its name [default: all].
    #[arg(long, value_delimiter = ',')]
    peers: Vec<String>,
    /// Rounds of each cell in each mode of the machine (near, far). In a round, every peer runs once.
    #[arg(long, default_value = "7")]
    rounds: NonZeroUsize,
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
    #[arg(long)]
    pub(crate) batch: Option<NonZeroUsize>,
    /// Few rounds and short runs, to check that everything runs.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Measure these parts only.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Where to write the results.
    #[arg(long, default_value = "target/paired/latest.json")]
    pub(crate) json: PathBuf,
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
    /// Single figures: memory, one thread without contention, a round trip, time-outs, threads that wait.
    Single,
}

/// When to stop.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Rounds of each cell in each mode.
    pub(crate) rounds: usize,
    pub(crate) time: Duration,
    /// Whether to wait until the machine is in a mode that lacks rounds.
    pub(crate) waits_for_modes: bool,
}

impl Args {
    pub(crate) fn runs(&self, part: Part) -> bool {
        if self.work.is_empty() { self.only.is_empty() || self.only.contains(&part) } else { part == Part::Work }
    }

    /// The cells of the empty loop.
    pub(crate) fn grid(&self) -> Vec<(Shape, Work)> {
        self.cells(&[1, 5, 64, 1024], &[(1, 1), (4, 1), (1, 4), (4, 4), (16, 16)], &[(0, 0)])
    }

    /// The cells of the loop with work.
    pub(crate) fn work(&self) -> Vec<(Shape, Work)> {
        let work = [(0, 0), (50, 50), (200, 200), (1000, 1000), (10_000, 10_000), (0, 500), (500, 0)];
        self.cells(&[5, 64, 1024], &[(1, 1), (2, 3), (4, 4), (16, 16)], &work)
    }

    /// The cells of the tasks.
    pub(crate) fn tasks(&self) -> Vec<(Shape, Work)> {
        self.cells(&[1, 64, 1024], &[(1, 1), (4, 1), (4, 4)], &[(0, 0), (200, 200)])
    }

    /// Each amount of work with each capacity and number of threads: those of the flags, or else these.
    fn cells(&self, capacity: &[u32], threads: &[(usize, usize)], nanos: &[(u64, u64)]) -> Vec<(Shape, Work)> {
        let capacity = if self.capacity.is_empty() { capacity } else { &self.capacity };
        let threads = if self.threads.is_empty() { threads } else { &self.threads };
        let mut work = self.work.clone();
        if work.is_empty() {
            work.extend(nanos.iter().map(|&(before, after)| Work::of_nanos(before, after)));
        }
        let shapes = capacity.iter().flat_map(|&capacity| {
            let capacity = capacity as usize;
            threads.iter().map(move |&(producers, consumers)| Shape { capacity, producers, consumers })
        });
        work.iter().flat_map(|&work| shapes.clone().map(move |shape| (shape, work))).collect()
    }

    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 3 } else { self.rounds.get() }
    }

    pub(crate) fn limits(&self) -> Limits {
        let seconds = if self.quick { self.time_limit.min(60) } else { self.time_limit };
        Limits { rounds: self.rounds(), time: Duration::from_secs(seconds), waits_for_modes: !self.quick }
    }

    pub(crate) fn run_ms(&self) -> u64 {
        if self.quick { 5 } else { self.run_ms }
    }

    /// The time of a run whose length is not `--run-ms`, a tenth of it with `--quick`.
    pub(crate) fn run_of(&self, time: Duration) -> Duration {
        if self.quick { time / 10 } else { time }
    }

    /// Whether it is this crate's buffer or `--peers` selects it.
    pub(crate) fn wants(&self, name: &str) -> bool {
        name == OURS || self.peers.is_empty() || self.peers.iter().any(|part| matches(name, part))
    }

    /// The first of `--peers` that is not part of a name. Without this check, a typing error would omit a column silently.
    pub(crate) fn unknown_peer(&self, names: &[String]) -> Option<&str> {
        let known = |part: &str| names.iter().any(|name| matches(name, part));
        self.peers.iter().map(String::as_str).find(|part| !known(part))
    }
}

/// `ours` is this crate's buffer. Other names are selected by a part of the name.
fn matches(name: &str, part: &str) -> bool {
    if part == "ours" { name == OURS } else { name.to_lowercase().contains(&part.to_lowercase()) }
}

fn parse_threads(text: &str) -> Result<(usize, usize), &'static str> {
    let (producers, consumers): (NonZeroU16, NonZeroU16) = pair(text, "x").ok_or("producers x consumers, as in 4x1")?;
    Ok((producers.get().into(), consumers.get().into()))
}

fn parse_work(text: &str) -> Result<Work, &'static str> {
    let (before, after): (u32, u32) =
        pair(text, "/").ok_or("nanoseconds before a push / after a pop, as in 200/200")?;
    Ok(Work::of_nanos(before.into(), after.into()))
}
