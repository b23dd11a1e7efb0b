//! How many slots does a buffer need, and how many consumers? The scenario in virtual time, at every point of the plane.
//!
//! `cargo run --release --example sizing` does it for the documented scenario; `--help` tells what can be changed. Reading
//! order: `virtual_run.rs` (the clock that jumps), `sweep.rs` (a point, and the smallest that is enough), `check.rs`.

mod args;
mod check;
#[path = "../support/cli.rs"]
mod cli;
mod curve;
#[path = "../support/output.rs"]
mod output;
#[path = "../support/picture.rs"]
mod picture;
mod sweep;
mod virtual_run;

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::{ExitCode, exit};
use std::time::Duration;

use bounded_buffer::runner::Scenario;

use args::Args;
use output::Output;
use sweep::{Estimate, Point, Sweep};

const BROKEN: u8 = 1;
const BAD_INPUT: u8 = 2;

fn main() -> ExitCode {
    let answer = cli::read::<Args>().and_then(|args| run(&args).map_err(|error| format!("error: {error}")));
    match answer {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => BROKEN.into(),
        Err(line) => {
            eprintln!("{line}");
            BAD_INPUT.into()
        }
    }
}

/// False if a real run was not right.
fn run(args: &Args) -> Result<bool, String> {
    let scenario = args.scenario()?;
    let svg = args.svg.as_deref().map(Output::create).transpose()?;
    let sweep = Sweep { scenario: scenario.clone(), seed: args.seed, runs: args.runs };
    let capacities = args.capacities();
    say(format_args!(
        "{} producers of {} items, {:?} ms apart; consumers pause {:?} ms; means of {} runs\n",
        scenario.producers, scenario.items, scenario.produce_ms, scenario.consume_ms, args.runs
    ));
    let mut rows = Vec::new();
    for consumers in args.consumers(&scenario) {
        let row: Vec<_> = capacities.iter().map(|&capacity| sweep.point(consumers, capacity)).collect();
        say_row(&row);
        rows.push(row);
    }
    let recommended = recommend(&sweep, &rows, args.blocked);
    if let Some(output) = svg {
        output.write(&curve::svg(&rows, args.blocked))?;
    }
    if args.check_items == 0 { Ok(true) } else { check_some(args, &scenario, &rows, recommended.as_ref()) }
}

fn say_row(row: &[Point]) {
    let bars = curve::sparkline(row.iter().map(|point| point.producers_blocked.mean));
    say(format_args!("{} consumers; how much producers wait, by slots: {bars}", row[0].consumers));
    say("  slots   items/s  producers wait  consumers wait  in buffer: median       p99");
    // Where no push ever had to wait, a larger buffer makes no difference at all.
    let alike = row.iter().position(|point| point.producers_blocked.mean == 0.0).map_or(row.len(), |first| first + 1);
    for point in &row[..alike] {
        let wait = |share: Estimate| format!("{:.2} ± {:.2} %", share.mean * 100.0, share.half * 100.0);
        say(format_args!(
            "{:>7}{:>10.2}{:>16}{:>16}{:>19}{:>10}",
            point.capacity,
            point.rate.mean,
            wait(point.producers_blocked),
            wait(point.consumers_blocked),
            short(point.median_in_buffer),
            short(point.p99_in_buffer),
        ));
    }
    say(if alike < row.len() { "   more  the same: no push ever waited\n" } else { "" });
}

/// Says for each number of consumers which capacity is enough, and returns the one with the fewest consumers.
fn recommend(sweep: &Sweep, rows: &[Vec<Point>], percent: f64) -> Option<Point> {
    say(format_args!("Producers wait less than {percent} % of their time"));
    let mut recommended = None;
    for row in rows {
        let (consumers, most) = (row[0].consumers, row[row.len() - 1].capacity);
        let Some(point) = sweep.smallest(row, |point| point.producers_blocked.mean * 100.0 < percent) else {
            say(format_args!("  with {consumers} consumers: with no capacity up to {most}"));
            continue;
        };
        let (capacity, p99) = (point.capacity, short(point.p99_in_buffer));
        say(format_args!("  with {consumers} consumers: from capacity {capacity} on; p99 in the buffer is then {p99}"));
        recommended = recommended.or(Some(point));
    }
    match &recommended {
        Some(Point { consumers, capacity, .. }) => {
            say(format_args!("Recommended, the fewest consumers first: {consumers} consumers, capacity {capacity}"));
        }
        None => say("Recommended: more consumers, or more slots, than were tried"),
    }
    recommended
}

/// The recommended point, the smallest buffer beside it, and the ends of the row with the fewest consumers, in real time.
fn check_some(
    args: &Args,
    scenario: &Scenario,
    rows: &[Vec<Point>],
    recommended: Option<&Point>,
) -> Result<bool, String> {
    let at = |point: &Point| (point.consumers, point.capacity);
    let fewest = &rows[0];
    let mut points = vec![at(&fewest[0]), at(&fewest[fewest.len() - 1])];
    if let Some(point) = recommended {
        points.extend([(point.consumers, fewest[0].capacity), at(point)]);
    }
    points.sort_unstable();
    points.dedup();
    let (items, time_scale) = (args.check_items, args.time_scale);
    let scenario = |(consumers, capacity)| Scenario { consumers, capacity, items, time_scale, ..scenario.clone() };
    let scenarios: Vec<_> = points.into_iter().map(scenario).collect();
    let takes: Duration = scenarios.iter().map(|scenario| check::duration(scenario, args.seed)).sum();
    say(format_args!(
        "\nIn real time, {items} items a producer, pauses times {time_scale}, seed {}; takes {}",
        args.seed,
        short(takes)
    ));
    check::HEADING.iter().for_each(say);
    let mut all_hold = true;
    for scenario in &scenarios {
        let check = check::check(scenario, args.seed).map_err(|error| error.to_string())?;
        say(&check);
        if !check.holds {
            say("          BROKEN: the real run lost, doubled or reordered an item");
        }
        all_hold &= check.holds;
    }
    Ok(all_hold)
}

/// A time with its unit, in few characters.
fn short(time: Duration) -> String {
    if time.is_zero() { "0".to_owned() } else { format!("{time:.1?}") }
}

/// A line on stdout. A reader who has left, as `head` does, has seen enough: that is no error.
fn say(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        if error.kind() == ErrorKind::BrokenPipe {
            exit(0);
        }
        eprintln!("error: cannot write to stdout: {error}");
        exit(BROKEN.into());
    }
}
