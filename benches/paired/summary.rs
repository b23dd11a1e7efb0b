//! The output at the end of a part, one table for each mode of the machine.

use std::collections::BTreeSet;

use results::{CROSSBEAM, Cell, Grid, Mode, OURS, Rounds, Runs};
use support::statistics::{Standing, geometric_mean, median};
use support::stdout::print;

use crate::distance::possible_modes;

/// The width of a column, its decimal places and its figure.
type Column<T> = (usize, usize, fn(&T) -> f64);

/// The medians over the rounds: a row for each contestant.
pub(crate) fn medians<T>(title: &str, names: &[String], rounds: &Rounds<Runs<T>>, columns: &[Column<T>]) {
    for &mode in possible_modes() {
        let count = rounds.of(mode).count();
        if count == 0 {
            continue;
        }
        print(format_args!("\n{mode}, {count} rounds, {title}"));
        for (index, name) in names.iter().enumerate() {
            let figure = |&(width, digits, of): &Column<T>| {
                let figures: Vec<_> = rounds.of(mode).map(|round| of(&round.runs[index])).collect();
                format!(" {:>width$.digits$}", median(&figures))
            };
            print(format_args!("  {name:<26}{}", columns.iter().map(figure).collect::<String>()));
        }
    }
}

/// This crate's buffer against each peer, over all cells.
pub(crate) fn against_peers(grid: &Grid) {
    for &mode in possible_modes() {
        print(format_args!("\n{mode}: {OURS} as a multiple of    mean (95 % interval)  worst  won  undecided  lost"));
        for name in names(grid).into_iter().filter(|&name| name != OURS) {
            let Some(standing) = Standing::of(rates(&grid.cells, mode, OURS, name)) else { continue };
            let Standing { mean, worst, won, lost, undecided } = standing;
            let interval = format!("{:.2} ({:.2}-{:.2})", mean.value, mean.low, mean.high);
            print(format_args!("  {name:<30} {interval:>20} {worst:>7.2} {won:>4} {undecided:>10} {lost:>5}"));
        }
    }
}

/// Each contestant's rate as a multiple of crossbeam-channel's: a row for each amount of work, then one for all of them.
pub(crate) fn relative_to_crossbeam(grid: &Grid) {
    let base = if names(grid).contains(&CROSSBEAM) { CROSSBEAM } else { OURS };
    let works: BTreeSet<(u64, u64)> = grid.cells.iter().map(|cell| cell.key.work()).collect();
    for &mode in possible_modes() {
        let rounds = || grid.cells.iter().map(|cell| cell.rounds.of(mode).count());
        let (fewest, most) = (rounds().min().unwrap_or(0), rounds().max().unwrap_or(0));
        if most == 0 {
            continue;
        }
        print(format_args!(
            "\n{mode}: multiple of {base}'s rate, geometric mean over the cells (worst cell); {fewest} to {most} rounds a cell"
        ));
        let column = |(before, after): &(u64, u64)| format!(" {:>13}", format!("{before}/{after}"));
        let columns: String = works.iter().map(column).collect();
        let first = "work before push/after pop";
        print(format_args!("  {first:<32}{columns} {:>20}", "all (95 % interval)"));
        for name in names(grid).into_iter().filter(|&name| name != base) {
            let column = |work: &(u64, u64)| {
                let cells = grid.cells.iter().filter(|cell| cell.key.work() == *work);
                let ratios: Vec<_> = rates(cells, mode, name, base).map(|(a, b)| median(&a) / median(&b)).collect();
                let worst = ratios.iter().copied().fold(f64::INFINITY, f64::min);
                format!(" {:>13}", format!("{:.2} ({worst:.2})", geometric_mean(ratios.into_iter())))
            };
            let columns: String = works.iter().map(column).collect();
            let mean = Standing::of(rates(&grid.cells, mode, name, base)).map(|standing| standing.mean);
            let mean =
                mean.map_or(String::new(), |mean| format!("{:.2} ({:.2}-{:.2})", mean.value, mean.low, mean.high));
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
) -> impl Iterator<Item = (Vec<f64>, Vec<f64>)> {
    let of = move |cell: &Cell, name: &str| -> Option<Vec<f64>> {
        let index = cell.names.iter().position(|other| other == name)?;
        Some(cell.rounds.of(mode).map(|round| round.rates[index]).collect())
    };
    let both = cells.into_iter().filter_map(move |cell| of(cell, name).zip(of(cell, other)));
    both.filter(|(rates, _)| !rates.is_empty())
}
