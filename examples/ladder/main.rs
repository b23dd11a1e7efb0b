//! The ladder: the same small buffer from textbook to shipped, a file a step, so that the `diff` of two neighbours is one idea.
//!
//! `cargo run --release --example ladder` runs every step beside std and crossbeam, in turns, and shows what each step gained:
//! items a second, and how often threads slept, switched and were woken for nothing.

#![allow(dead_code, reason = "nothing is closed while it is measured; the tests of the steps close")]
#![allow(clippy::disallowed_types, reason = "the first step is built on std's own, to be measured")]

mod measure;
mod rungs;
mod slept;
mod step1_textbook;
mod step2_parking_lot;
mod step3_ask_first;
mod step4_chained_wakeups;
mod step5_spin;
mod step6_back_off;
mod step7_batches;
mod sync;

use std::path::PathBuf;

use clap::Parser;

use slept::Slept;

/// Runs the ladder and shows what each step gained.
#[derive(Parser)]
struct Args {
    /// Capacities.
    #[arg(long, value_delimiter = ',', default_value = "1,64", value_parser = clap::value_parser!(u32).range(1..))]
    capacity: Vec<u32>,
    /// Threads a side.
    #[arg(long, value_delimiter = ',', default_value = "1,4", value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: Vec<u32>,
    /// Rounds: in each, every step runs once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long one run should take, in milliseconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    run_ms: u32,
    /// Run those rows alone whose name contains this: to be watched from outside.
    #[arg(long, default_value = "")]
    only: String,
    /// Write the figures as JSON, too.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() {
    let args = Args::parse();
    let mut tables = Vec::new();
    for &capacity in &args.capacity {
        for &threads in &args.threads {
            let table = measure::table(&args.only, capacity as usize, threads as usize, args.rounds, args.run_ms);
            println!("{table}");
            tables.push(table);
        }
    }
    if let Some(path) = args.json {
        let json = serde_json::to_string_pretty(&tables).expect("numbers and strings");
        if let Err(error) = std::fs::write(&path, json) {
            eprintln!("error: cannot write {}: {error}", path.display());
            std::process::exit(2);
        }
    }
}
