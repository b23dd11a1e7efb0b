//! The output at the end of a run: ratios over all cells, one table for each mode of the machine.

use std::collections::BTreeSet;

use crate::contestant::{CROSSBEAM, OURS};
use crate::distance::Mode;
use crate::grid::{Cell, Grid};
use ::support::statistics::{Pair, geometric_mean, mean_ratio, median, ratio};
use ::support::stdout::print;

/// This crate's buffer against each peer, over all cells.
pub(crate) fn against_peers(grid: &Grid) {
    for &mode in Mode::possible() {
        print(format_args!("\n{mode}: {OURS} as a multiple of    mean (95 % interval)  worst  won  undecided  lost"));
        for name in names(grid).into_iter().filter(|&name| name != OURS) {
            let rates = rates(&grid.cells, mode, OURS, name);
            if rates.is_empty() {
                continue;
            }
            let pairs = pairs(&rates);
            let mean = mean_ratio(&pairs);
            let ratios: Vec<_> = pairs.iter().map(|&pair| ratio(pair)).collect();
            let worst = ratios.iter().map(|ratio| ratio.value).fold(f64::INFINITY, f64::min);
            let won = ratios.iter().filter(|ratio| ratio.low > 1.0).count();
            let lost = ratios.iter().filter(|ratio| ratio.high < 1.0).count();
            let undecided = ratios.len() - won - lost;
            let interval = format!("{:.2} ({:.2}-{:.2})", mean.value, mean.low, mean.high);
            print(format_args!("  {name:<30} {interval:>20} {worst:>7.2} {won:>4} {undecided:>10} {lost:>5}"));
        }
    }
}

/// Each contestant's rate as a multiple of crossbeam-channel's: a row for each amount of work, then one for all of them.
pub(crate) fn relative_to_crossbeam(grid: &Grid) {
    let base = if names(grid).contains(&CROSSBEAM) { CROSSBEAM } else { OURS };
    let works: BTreeSet<(u64, u64)> = grid.cells.iter().map(Cell::work).collect();
    for &mode in Mode::possible() {
        let rounds: Vec<_> = grid.cells.iter().map(|cell| cell.rounds.of(mode).count()).collect();
        let fewest = rounds.iter().min().copied().unwrap_or(0);
        let most = rounds.iter().max().copied().unwrap_or(0);
        if most == 0 {
            continue;
        }
        print(format_args!(
            "\n{mode}: multiple of {base}'s rate, geometric mean over the cells (worst cell); {fewest} to {most} rounds a cell"
        ));
        let columns: Vec<_> =
            works.iter().map(|(before, after)| format!(" {:>13}", format!("{before}/{after}"))).collect();
        let (first, columns) = ("work before push/after pop", columns.concat());
        print(format_args!("  {first:<32}{columns} {:>20}", "all (95 % interval)"));
        for name in names(grid).into_iter().filter(|&name| name != base) {
            let columns = works.iter().map(|work| {
                let cells = grid.cells.iter().filter(|cell| cell.work() == *work);
                let ratios: Vec<_> =
                    rates(cells, mode, name, base).iter().map(|(a, b)| median(a) / median(b)).collect();
                let worst = ratios.iter().copied().fold(f64::INFINITY, f64::min);
                let text = format!("{:.2} ({worst:.2})", geometric_mean(ratios.into_iter()));
                format!(" {text:>13}")
            });
            let columns = columns.collect::<Vec<_>>().concat();
            let mean = mean_ratio(&pairs(&rates(&grid.cells, mode, name, base)));
            let mean = format!("{:.2} ({:.2}-{:.2})", mean.value, mean.low, mean.high);
            print(format_args!("  {name:<32}{columns} {mean:>20}"));
        }
    }
}

fn names(grid: &Grid) -> Vec<&str> {
    let mut names = Vec::new();
    for name in grid.cells.iter().flat_map(|cell| &cell.names) {
        if !names.contains(&name.as_str()) {
            names.push(name.as_str());
        }
    }
    names
}

/// The rates of two contestants in the cells that have both and have rounds in this mode.
fn rates<'a>(
    cells: impl IntoIterator<Item = &'a Cell>,
    mode: Mode,
    name: &str,
    other: &str,
) -> Vec<(Vec<f64>, Vec<f64>)> {
    let both = cells.into_iter().filter_map(|cell| cell.rates(mode, name).zip(cell.rates(mode, other)));
    both.filter(|(rates, _)| !rates.is_empty()).collect()
}

fn pairs(rates: &[(Vec<f64>, Vec<f64>)]) -> Vec<Pair<'_>> {
    rates.iter().map(|(rates, others)| Pair { rates, others }).collect()
}
