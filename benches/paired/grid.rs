//! Items a second, over capacities and shapes.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde::Serialize;

use crate::args::Args;
use crate::contestant::{self, Contestant, OURS};
use crate::external;
use crate::support::Item;
use crate::support::statistics::{Standing, median, median_interval, quantile};
use crate::support::workload::Shape;

#[derive(Serialize)]
pub(crate) struct Grid {
    item: &'static str,
    rounds: usize,
    run_ms: u64,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    capacity: usize,
    producers: usize,
    consumers: usize,
    /// For each contestant that can be run in this shape.
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    /// Million items a second: median, and the 10th and 90th percentile over the rounds.
    rate: f64,
    slow: f64,
    fast: f64,
    /// This crate's rate as a multiple of this one's: median over the rounds of the ratio within a round, and its 95 %
    /// bootstrap interval.
    ratio: f64,
    ratio_interval: (f64, f64),
    /// The rates, round by round: those of one round belong together.
    rates: Vec<f64>,
}

pub(crate) fn run<T: Item>(args: &Args) -> Grid {
    let mut contestants = contestant::wanted::<T>(args);
    contestants.iter().for_each(Contestant::prove);
    contestants.extend(external::contestants(args));

    let shapes = args.shapes();
    let bar = ProgressBar::new((shapes.len() * contestants.len()) as u64); // silent where stderr is no terminal
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg} {eta}").expect("a valid template"));
    println!("\nmillion items a second, items of {}; in brackets {OURS}'s multiple of it", T::NAME);
    let cells: Vec<_> = shapes.into_iter().map(|shape| cell(args, shape, &mut contestants, &bar)).collect();
    bar.finish_and_clear();
    summarize(&cells);
    Grid { item: T::NAME, rounds: args.rounds(), run_ms: args.run_ms(), cells }
}

fn cell(args: &Args, shape: Shape, contestants: &mut [Contestant], bar: &ProgressBar) -> Cell {
    let Shape { capacity, producers, consumers } = shape;
    let mut sized: Vec<_> = contestants
        .iter_mut()
        .filter_map(|contestant| {
            bar.inc(1);
            let items = size(args, shape, contestant)?;
            Some((contestant, items, Vec::new()))
        })
        .collect();
    // Who runs after whom changes from round to round, so that nobody always finds the caches and the clock as one other left
    // them. By a fixed seed: the same each time.
    let mut rng = StdRng::seed_from_u64(0);
    let mut turns: Vec<usize> = (0..sized.len()).collect();
    for _ in 0..args.rounds() {
        turns.shuffle(&mut rng);
        for &turn in &turns {
            let (contestant, items, rates) = &mut sized[turn];
            let time = contestant.run(shape, *items).expect("it could be sized in this shape");
            rates.push(rate(shape.round(*items), time));
        }
    }
    let ours = sized.first().map(|(_, _, rates)| rates.clone()).unwrap_or_default();
    let entries: Vec<_> =
        sized.into_iter().map(|(contestant, _, rates)| entry(&contestant.name, &rates, &ours)).collect();
    bar.suspend(|| {
        println!("\ncapacity {capacity}, {producers}x{consumers}");
        for Entry { name, rate, ratio, .. } in &entries {
            println!("  {name:<30} {rate:>8.3}  [{ratio:.2}]");
        }
    });
    Cell { capacity, producers, consumers, entries }
}

/// How many items take about as long as asked for. A fixed number would measure the start of the threads for the fast and
/// the patience of the reader for the slow. The best of three tries counts: one that was preempted says nothing.
fn size(args: &Args, shape: Shape, contestant: &mut Contestant) -> Option<u64> {
    let wanted = Duration::from_millis(args.run_ms());
    let mut items = 512;
    loop {
        let tries = (0..3).map(|_| contestant.run(shape, items)).collect::<Option<Vec<_>>>()?;
        let time = tries.into_iter().min().expect("there are three");
        if time * 3 > wanted {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a size"
            )]
            return Some((items as f64 * wanted.as_secs_f64() / time.as_secs_f64()).max(64.0) as u64);
        }
        items *= 3;
    }
}

/// Million items a second.
fn rate(items: u64, time: Duration) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let items = items as f64;
    items / time.as_secs_f64() / 1e6
}

fn entry(name: &str, rates: &[f64], ours: &[f64]) -> Entry {
    let ratios: Vec<_> = ours.iter().zip(rates).map(|(ours, theirs)| ours / theirs).collect();
    Entry {
        name: name.to_owned(),
        rate: median(rates),
        slow: quantile(rates, 0.1),
        fast: quantile(rates, 0.9),
        ratio: median(&ratios),
        ratio_interval: median_interval(&ratios),
        rates: rates.to_vec(),
    }
}

/// Prints this crate against each peer, over all cells.
fn summarize(cells: &[Cell]) {
    let mut names: Vec<&str> = Vec::new();
    for entry in cells.iter().flat_map(|cell| &cell.entries) {
        if entry.name != OURS && !names.contains(&entry.name.as_str()) {
            names.push(&entry.name);
        }
    }
    println!("\n{OURS} as a multiple of         mean  worst  won  undecided  lost");
    for name in names {
        let entries = cells.iter().filter_map(|cell| cell.entries.iter().find(|entry| entry.name == name));
        let Standing { mean, worst, wins, losses, undecided } =
            Standing::of(&entries.map(|entry| (entry.ratio, entry.ratio_interval)).collect::<Vec<_>>());
        println!("  {name:<30} {mean:>8.2} {worst:>6.2} {wins:>4} {undecided:>10} {losses:>5}");
    }
}
