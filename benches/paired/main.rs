//! This crate's buffer and its peers, measured side by side: the contestants take turns in one process.
//!
//! criterion measures one peer after the other, minutes apart, so a change of the machine in between distorts the ratios. Here
//! each contestant runs once in a round, and each round is filed under the distance of the cores that was measured before and
//! after it. `rounds.rs` has the order, `grid.rs` the throughput, `busy.rs` the latency, `linger.rs` the batches that wait, `fair.rs` the
//! saturated buffer, `tasks.rs` the tasks of an executor.
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
mod tasks;

use std::fs::{self, File};
use std::io::Write;
use std::process::ExitCode;

use benches::{Item, sanity};
use results::cells::Cells;
use results::grid::summary;
use results::tables::work_label;
use results::{Results, contests};
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
    let path = &args.json;
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(failed)?;
    let mut file = File::create(path).map_err(failed)?;

    let machine = machine::describe();
    sanity::every_peer();
    let mut results = Results {
        machine,
        grid: args.runs(Part::Grid).then(|| match args.item {
            ItemSize::Word => grid::<u64>(args),
            ItemSize::Line => grid::<[u64; 8]>(args),
        }),
        work: args.runs(Part::Work).then(|| work(args)),
        busy: args.runs(Part::Busy).then(|| busy::run(args)),
        linger: args.runs(Part::Linger).then(|| linger::run(args)),
        fair: args.runs(Part::Fair).then(|| fair::run(args)),
        tasks: if args.runs(Part::Tasks) { tasks::run(args) } else { Vec::new() },
        single: if args.runs(Part::Single) { single::run(args) } else { Vec::new() },
    };
    results.machine.cores_that_ran_after = machine::cores_that_run();
    let (before, after) = (results.machine.cores_that_ran, results.machine.cores_that_ran_after);
    print(format_args!("{before:.1} cores ran at the same time before, {after:.1} after"));
    let json = serde_json::to_string_pretty(&results).expect("numbers and strings");
    file.write_all(json.as_bytes()).map_err(failed)?;
    print_tables(&results);
    print(format_args!("written to {}", path.display()));
    Ok(())
}

/// Prints what was measured, as the report writes it.
fn print_tables(results: &Results) {
    let grids = [("The empty loop", &results.grid), ("With work", &results.work)];
    let grids = grids.into_iter().filter_map(|(title, grid)| Some((title, grid.as_ref()?)));
    let tasks = results.tasks.iter().map(|tasks| (tasks.ends.as_str(), &tasks.grid));
    for (title, grid) in grids.chain(tasks) {
        let cells = Cells::of(std::iter::once(grid));
        print(format_args!("\n{title}: bounded-buffer as a multiple of each peer, from five rounds on\n"));
        for work in cells.works() {
            print(format_args!(
                "{} ns of work\n\n{}",
                work_label(work),
                summary(&cells, &cells.filter(|key| key.work() == work))
            ));
        }
    }
    let single: Vec<_> = results.single.iter().collect();
    let tables = [
        results.busy.as_ref().and_then(|busy| contests::latency(&[busy])),
        results.linger.as_ref().and_then(|linger| contests::linger(&[linger], usize::MAX, "Batches that linger")),
        results.fair.as_ref().and_then(|fair| contests::fair(&[fair])),
        contests::single(&single, |_| true),
    ];
    tables.into_iter().flatten().for_each(print);
}

fn check(args: &Args) -> Result<(), String> {
    let in_process = contestant::of_the_grid::<u64>(args).into_iter().chain(contestant::of_work());
    let names: Vec<_> = in_process.map(|contestant| contestant.name).chain(external::names()).collect();
    args.unknown_peer(&names)
        .map_or(Ok(()), |peer| Err(format!("--peers {peer}: no such peer; the peers are {}", names.join(", "))))
}

fn grid<T: Item>(args: &Args) -> results::Grid {
    let mut contestants = contestant::of_the_grid::<T>(args);
    contestants.extend(external::contestants(args, false));
    grid::run(args, T::NAME, &args.grid(), contestants)
}

fn work(args: &Args) -> results::Grid {
    let mut contestants = contestant::of_work();
    contestants.extend(external::contestants(args, true));
    grid::run(args, <u64 as Item>::NAME, &args.work(), contestants)
}
