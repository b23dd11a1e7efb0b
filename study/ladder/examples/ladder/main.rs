//! Measures the ladder: all steps, the shipped buffer and crossbeam-channel, in turns. Prints the rate of each, and how often its
//! threads parked, switched and had wasted wake-ups.
//!
//! `cargo run --release --example ladder` runs it; `--help` lists the flags.

#![allow(clippy::disallowed_types, reason = "no model runs this program")]

mod measure;
mod parking;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde::Serialize;

use measure::Table;
use parking::Parking;
use support::cli::{self, Failure};
use support::output::Output;
use support::stdout;

/// Measures each step from the textbook buffer to the shipped one.
#[derive(Parser)]
struct Args {
    /// Capacities
    #[arg(long, value_delimiter = ',', default_value = "1,64", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    capacity: Vec<u32>,
    /// Threads a side
    #[arg(long, value_delimiter = ',', default_value = "1,4", value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: Vec<u32>,
    /// Rounds; in each, every step runs once
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Duration of one run in milliseconds, approximately
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    run_ms: u32,
    /// Run only the rows whose name contains this, for instance under `strace -c`
    #[arg(long, default_value = "")]
    only: String,
    /// Also write the figures to this file, as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

/// The content of the JSON file.
#[derive(Default, Serialize)]
struct Ladder {
    tables: Vec<Table>,
    parking: Vec<Parking>,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: &Args) -> Result<ExitCode, Failure> {
    measure::check(&args.only).map_err(Failure::Input)?;
    // Before the run, so that a wrong path is reported before the minutes that the run takes.
    let json = args.json.as_deref().map(Output::open).transpose().map_err(Failure::Input)?;
    let mut ladder = Ladder::default();
    for &capacity in &args.capacity {
        for &threads in &args.threads {
            let table = measure::table(&args.only, capacity as usize, threads as usize, args.rounds, args.run_ms);
            stdout::print(&table);
            ladder.tables.push(table);
        }
    }
    if args.only.is_empty() {
        ladder.parking = parking::measure();
        stdout::print(parking::Display(&ladder.parking));
    }
    if let Some(file) = json {
        let text = serde_json::to_string_pretty(&ladder).expect("numbers and strings");
        file.write(&text).map_err(Failure::Output)?;
    }
    Ok(ExitCode::SUCCESS)
}
