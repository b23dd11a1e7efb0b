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
mod distance;
mod external;
mod fair;
mod grid;
mod machine;
mod rate;
mod rounds;
mod scenario;
mod single;
mod summary;
mod watchdog;

use clap::Parser;
use serde::Serialize;

use args::{Args, ItemSize, Part};

/// What one run of this program found; written as JSON.
#[derive(Serialize)]
struct Results {
    machine: machine::Machine,
    grid: Option<grid::Grid>,
    work: Option<grid::Grid>,
    rate: Option<rate::OpenLoop>,
    fair: Option<fair::Fair>,
    single: Vec<single::Measure>,
}

fn main() {
    let args = Args::parse();
    // Cargo starts a bench in its package; the paths of the command line are those of the root, where `cargo bench` is typed.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).expect("the sources are there");
    if args.distance {
        distance::print();
        return;
    }
    if !args.bench {
        contestant::of_the_grid::<u64>(&args).iter().for_each(contestant::Contestant::prove);
        println!("every peer delivered every item once and in order");
        return;
    }
    if let Err(error) = check(&args) {
        fail(&error);
    }
    let machine = machine::Machine::describe();
    println!("{machine}");
    let mut results = Results { machine, grid: None, work: None, rate: None, fair: None, single: Vec::new() };
    if args.runs(Part::Grid) {
        results.grid = Some(if args.item == ItemSize::Line { grid::<[u64; 8]>(&args) } else { grid::<u64>(&args) });
    }
    if args.runs(Part::Work) {
        results.work = Some(work(&args));
    }
    if args.runs(Part::Rate) {
        results.rate = rate::run(&args);
    }
    if args.runs(Part::Fair) {
        results.fair = Some(fair::run(&args));
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
        fail(&format!("cannot write {}: {error}", path.display()));
    }
    println!("written to {}", path.display());
}

fn fail(error: &str) -> ! {
    eprintln!("error: {error}");
    std::process::exit(2);
}

fn check(args: &Args) -> Result<(), String> {
    let in_process = contestant::of_the_grid::<u64>(args).into_iter().chain(contestant::of_work());
    let names: Vec<_> = in_process.map(|contestant| contestant.name).chain(external::names()).collect();
    args.unknown_peer(&names)
        .map_or(Ok(()), |peer| Err(format!("--peers {peer}: no such peer; the peers are {}", names.join(", "))))
}

fn grid<T: support::Item>(args: &Args) -> grid::Grid {
    let mut contestants = contestant::wanted(args, contestant::of_the_grid::<T>(args));
    contestants.iter().for_each(contestant::Contestant::prove);
    contestants.extend(external::contestants(args, false));
    let grid = grid::run(args, T::NAME, &args.grid(), &mut contestants);
    summary::against_peers(&grid);
    grid
}

fn work(args: &Args) -> grid::Grid {
    let mut contestants = contestant::wanted(args, contestant::of_work());
    contestants.iter().for_each(contestant::Contestant::prove);
    contestants.extend(external::contestants(args, true));
    let work = grid::run(args, <u64 as support::Item>::NAME, &args.work(), &mut contestants);
    summary::relative_to_crossbeam(&work);
    work
}
