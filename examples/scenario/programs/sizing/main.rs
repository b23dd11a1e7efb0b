//! How many slots and how many consumers a scenario needs, from many runs in virtual time.
//!
//! `cargo run --release --example sizing` answers for the documented scenario; `--help` lists the flags. Reading order:
//! `scenario::virtual_run` (a run whose clock jumps from event to event), `sweep.rs` (the mean of many runs, and the search for the
//! smallest sufficient capacity).

mod args;
mod sweep;

use std::process::ExitCode;

use scenario::{Scenario, short};

use args::Args;
use support::cli::{self, Failure};
use support::stdout::print;
use sweep::{Estimate, Point, RUNS, smallest};

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: &Args) -> Result<ExitCode, Failure> {
    let scenario = args.scenario().map_err(Failure::Input)?;
    let capacities = args.capacities();
    print(format_args!(
        "{} producers of {} items, with a delay of {:?} ms after each; consumers have a delay of {:?} ms; means of {RUNS} runs\n",
        scenario.producers, scenario.items, scenario.produce_ms, scenario.consume_ms
    ));
    let mut rows = Vec::new();
    for consumers in args.consumers(&scenario) {
        let row: Vec<_> = capacities.iter().map(|&capacity| Point::new(&scenario, consumers, capacity)).collect();
        print_row(&row);
        rows.push(row);
    }
    recommend(&scenario, &rows, args.blocked);
    Ok(ExitCode::SUCCESS)
}

fn print_row(row: &[Point]) {
    print(format_args!("{} consumers", row[0].consumers));
    print("  slots   items/s  producers wait  consumers wait  in buffer: median       p99");
    // Where no push waited, a larger buffer makes no difference.
    let different =
        row.iter().position(|point| point.producers_blocked.mean == 0.0).map_or(row.len(), |first| first + 1);
    for point in &row[..different] {
        let wait = |part: Estimate| format!("{:.2} ± {:.2} %", part.mean * 100.0, part.half * 100.0);
        print(format_args!(
            "{:>7}{:>10.2}{:>16}{:>16}{:>19}{:>10}",
            point.capacity,
            point.rate.mean,
            wait(point.producers_blocked),
            wait(point.consumers_blocked),
            short(point.in_buffer.median),
            short(point.in_buffer.p99),
        ));
    }
    print(if different < row.len() { "   more  the same: no push waited\n" } else { "" });
}

/// Prints the sufficient capacity for each number of consumers, and recommends the one with the fewest consumers.
fn recommend(scenario: &Scenario, rows: &[Vec<Point>], percent: f64) {
    print(format_args!("Producers wait less than {percent} % of their time"));
    let mut recommended = None;
    for row in rows {
        let (consumers, most) = (row[0].consumers, row[row.len() - 1].capacity);
        let Some(point) = smallest(scenario, row, |point| point.producers_blocked.mean * 100.0 < percent) else {
            print(format_args!("  with {consumers} consumers: with no capacity up to {most}"));
            continue;
        };
        let (capacity, p99) = (point.capacity, short(point.in_buffer.p99));
        print(format_args!(
            "  with {consumers} consumers: from capacity {capacity} on; the p99 in the buffer is then {p99}"
        ));
        recommended.get_or_insert(format!(" (fewest consumers): {consumers} consumers, capacity {capacity}"));
    }
    let recommended = recommended.unwrap_or_else(|| ": more consumers or more slots than were tried".to_owned());
    print(format_args!("Recommended{recommended}"));
}
