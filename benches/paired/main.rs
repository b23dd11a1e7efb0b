//! Ratios, measured side by side: the peers take turns, round by round, in one process.
//!
//! criterion measures one peer after the other, minutes apart, and a machine that drifts in between shifts its ratios. Here a
//! cell of the grid is run by every peer in each round, each run long enough to be past the start of its threads, and a ratio
//! is the median over the rounds of ratios within a round.
//!
//! `cargo bench --bench paired -- --help`; runs as it is under `taskset -c 0`.

#[path = "../support/mod.rs"]
mod support;

mod args;
mod contestant;
mod external;
mod grid;
mod machine;
mod scenario;
mod single;
mod watchdog;

use clap::Parser;
use serde::Serialize;

use args::{Args, ItemSize, Part};

/// What one run of this program found; written as JSON.
#[derive(Serialize)]
struct Results {
    machine: machine::Machine,
    grid: Option<grid::Grid>,
    single: Vec<single::Measure>,
}

fn main() {
    let args = Args::parse();
    if !args.bench {
        contestant::in_process::<u64>(&args).iter().for_each(contestant::Contestant::prove);
        println!("every peer handed over every item once and in order");
        return;
    }
    let in_process = contestant::in_process::<u64>(&args).into_iter().map(|contestant| contestant.name);
    let names: Vec<_> = in_process.chain(external::names()).collect();
    if let Some(stranger) = args.stranger(&names) {
        eprintln!("error: --peers {stranger}: no such peer; there are {}", names.join(", "));
        std::process::exit(2);
    }
    let mut results = Results { machine: machine::Machine::describe(), grid: None, single: Vec::new() };
    println!("{}", results.machine);
    if args.runs(Part::Grid) {
        results.grid =
            Some(if args.item == ItemSize::Line { grid::run::<[u64; 8]>(&args) } else { grid::run::<u64>(&args) });
    }
    results.single = single::run(&args);
    if args.runs(Part::Scenario) {
        results.single.extend(scenario::run(&args));
    }
    results.machine.cores_that_ran_after = machine::cores_that_run();
    println!(
        "{:.1} cores ran before, {:.1} after",
        results.machine.cores_that_ran, results.machine.cores_that_ran_after
    );

    let path = args.json();
    let json = serde_json::to_string_pretty(&results).expect("numbers and strings");
    if let Err(error) =
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| std::fs::write(&path, json))
    {
        eprintln!("error: cannot write {}: {error}", path.display());
        std::process::exit(2);
    }
    println!("written to {}", path.display());
}
