//! This crate's buffer and its peers, measured side by side: the contestants take turns in one process.
//!
//! criterion measures one peer after the other, minutes apart, so a change of the machine in between distorts the ratios. Here
//! each contestant runs once in a round, and each round is filed under the distance of the cores that was measured before and
//! after it. `rounds.rs` has the order, `grid.rs` the throughput, `busy.rs` the latency, `linger.rs` the batches that wait, `fair.rs` the
//! saturated buffer, `tasks/` the tasks of an executor.
//!
//! `cargo bench --bench paired -- --help`; it also runs on one core, under `taskset -c 0`.

mod args;
mod busy;
mod contestant;
mod distance;
mod external;
mod fair;
mod grid;
mod linger;
mod machine;
mod rounds;
mod single;
mod summary;
mod tasks;

use std::fs::{self, File};
use std::io::Write;
use std::process::ExitCode;

use benches::{Item, sanity};
use results::Results;
use support::cli::{self, Failure};
use support::stdout::print;

use args::{Args, ItemSize, Part};

fn main() -> ExitCode {
    // Cargo starts a bench in its package; the paths of the command line are relative to the root.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).expect("the sources are there");
    cli::main(|args: &Args| {
        if args.spin {
            busy::spin();
        } else if args.distance {
            distance::print();
        } else if args.bench {
            measure(args).map_err(Failure::Input)?;
        } else {
            sanity::every_peer();
            busy::check();
            print("every peer delivered every item once and in order, and a busy process ends with its input");
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn measure(args: &Args) -> Result<(), String> {
    check(args)?;
    // Created before the run, so that a bad path is reported now.
    let path = args.json();
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(failed)?;
    let mut file = File::create(&path).map_err(failed)?;

    let machine = machine::describe();
    let mut results = Results {
        machine,
        grid: None,
        work: None,
        busy: None,
        linger: None,
        fair: None,
        tasks: vec![],
        single: vec![],
    };
    sanity::every_peer();
    if args.runs(Part::Grid) {
        results.grid = Some(if args.item == ItemSize::Line { grid::<[u64; 8]>(args) } else { grid::<u64>(args) });
    }
    if args.runs(Part::Work) {
        results.work = Some(work(args));
    }
    if args.runs(Part::Busy) {
        results.busy = Some(busy::run(args));
    }
    if args.runs(Part::Linger) {
        results.linger = Some(linger::run(args));
    }
    if args.runs(Part::Fair) {
        results.fair = Some(fair::run(args));
    }
    if args.runs(Part::Tasks) {
        results.tasks = tasks::run(args);
    }
    results.single = single::run(args);
    results.machine.cores_that_ran_after = machine::cores_that_run();
    let (before, after) = (results.machine.cores_that_ran, results.machine.cores_that_ran_after);
    print(format_args!("{before:.1} cores ran at the same time before, {after:.1} after"));
    let json = serde_json::to_string_pretty(&results).expect("numbers and strings");
    file.write_all(json.as_bytes()).map_err(failed)?;
    print(format_args!("written to {}", path.display()));
    Ok(())
}

fn check(args: &Args) -> Result<(), String> {
    let in_process = contestant::of_the_grid::<u64>(args).into_iter().chain(contestant::of_work());
    let names: Vec<_> =
        in_process.map(|contestant| contestant.name).chain(external::names()).chain(tasks::names()).collect();
    args.unknown_peer(&names)
        .map_or(Ok(()), |peer| Err(format!("--peers {peer}: no such peer; the peers are {}", names.join(", "))))
}

fn grid<T: Item>(args: &Args) -> results::Grid {
    let mut contestants = contestant::wanted(args, contestant::of_the_grid::<T>(args));
    contestants.extend(external::contestants(args, false));
    let grid = grid::run(args, T::NAME, &args.grid(), &mut contestants);
    summary::against_peers(&grid);
    grid
}

fn work(args: &Args) -> results::Grid {
    let mut contestants = contestant::wanted(args, contestant::of_work());
    contestants.extend(external::contestants(args, true));
    let work = grid::run(args, <u64 as Item>::NAME, &args.work(), &mut contestants);
    summary::relative_to_crossbeam(&work);
    work
}
