//! The flags.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::support::workload::Shape;

/// Measures this crate's buffer and its peers side by side, and writes what it finds as JSON.
#[derive(Parser)]
pub(crate) struct Args {
    /// Capacities of the grid.
    #[arg(long, value_delimiter = ',', default_value = "1,5,64,1024", value_parser = parse_count)]
    capacity: Vec<usize>,
    /// Shapes of the grid: producers x consumers.
    #[arg(long, value_delimiter = ',', default_value = "1x1,4x1,1x4,4x4,16x16", value_parser = parse_shape)]
    shape: Vec<(usize, usize)>,
    /// Peers to measure beside this crate's buffer, each by a part of its name; all by default.
    #[arg(long, value_delimiter = ',')]
    peers: Vec<String>,
    /// Rounds: in each, every peer runs every cell once.
    #[arg(long, default_value = "7", value_parser = parse_count)]
    rounds: usize,
    /// How long one run should take, in milliseconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    run_ms: u64,
    /// The size of an item in bytes.
    #[arg(long, value_enum, default_value = "8")]
    pub(crate) item: ItemSize,
    /// Measure batches of this size, through push_many and pop_many, as a further contestant.
    #[arg(long, value_parser = parse_count)]
    pub(crate) batch: Option<usize>,
    /// Few rounds and short runs: for a look, not for a table. So does `QUICK=1`, as for the criterion benches.
    #[arg(long)]
    quick: bool,
    /// Measure these parts only.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Where to write the results.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Said by `cargo bench`. Without it, as under `cargo test --benches`, every peer is checked and nothing is timed.
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

/// What can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Items a second, over capacities and shapes.
    Grid,
    /// Push and pop on one thread.
    Uncontended,
    /// 256 items pushed and popped under one lock each, on one thread.
    Batch,
    /// There and back through two buffers.
    Latency,
    /// The processor time of 8 threads that wait.
    Idle,
    /// The documented scenario, in real time, on this crate's buffer and on a Go channel.
    Scenario,
}

impl Args {
    pub(crate) fn runs(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    pub(crate) fn shapes(&self) -> Vec<Shape> {
        let shapes =
            |capacity| self.shape.iter().map(move |&(producers, consumers)| Shape { capacity, producers, consumers });
        self.capacity.iter().flat_map(|&capacity| shapes(capacity)).collect()
    }

    pub(crate) fn rounds(&self) -> usize {
        if self.quick() { 3 } else { self.rounds }
    }

    pub(crate) fn run_ms(&self) -> u64 {
        if self.quick() { 5 } else { self.run_ms }
    }

    pub(crate) fn quick(&self) -> bool {
        self.quick || std::env::var_os("QUICK").is_some()
    }

    /// Does `--peers` ask for it?
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.peers.is_empty() || self.peers.iter().any(|part| matches(name, part))
    }

    /// The first of `--peers` that is a part of nobody's name: a slip that would leave a column out unnoticed.
    pub(crate) fn stranger(&self, names: &[String]) -> Option<&str> {
        let known = |part: &str| names.iter().any(|name| matches(name, part));
        self.peers.iter().map(String::as_str).find(|part| !known(part))
    }

    pub(crate) fn json(&self) -> PathBuf {
        self.json.clone().unwrap_or_else(|| "target/paired/latest.json".into())
    }
}

fn matches(name: &str, part: &str) -> bool {
    name.to_lowercase().contains(&part.to_lowercase())
}

fn parse_count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&count| count > 0).ok_or_else(|| "a number from 1 on".to_owned())
}

fn parse_shape(text: &str) -> Result<(usize, usize), String> {
    let (producers, consumers) = text.split_once('x').ok_or("producers x consumers, such as 4x1")?;
    Ok((parse_count(producers)?, parse_count(consumers)?))
}
