//! The part about the empty loop.

use results::{CROSSBEAM, Mode, OURS};

use crate::data::{Cell, Cells, standing};
use crate::tables::{Table, capitalized, or_dash, ratio, ratio_with_interval, significant};

/// This crate's buffer against each of the others, over all cells, one table for each mode.
pub(crate) fn summary(cells: &Cells) -> String {
    let all = cells.all();
    let mut text = String::new();
    for mode in cells.modes() {
        let mut table = Table::new(["against", "geometric mean (95 %)", "worst cell", "won", "undecided", "lost"]);
        for name in cells.names().iter().filter(|&name| name != OURS) {
            let Some(standing) = standing(&all, mode, OURS, name) else { continue };
            table.row([
                name.clone(),
                ratio_with_interval(standing.mean),
                format!("{:.2}", standing.worst),
                standing.won.to_string(),
                standing.undecided.to_string(),
                standing.lost.to_string(),
            ]);
        }
        let rounds = rounds(&all, mode);
        table.append_to(&mut text, &format!("{} ({rounds} rounds a cell):", capitalized(mode.to_string())));
    }
    text
}

/// The fewest and the most rounds of a cell, as in `7` or `5 to 9`.
pub(crate) fn rounds(cells: &[&Cell], mode: Mode) -> String {
    let rounds = || cells.iter().map(|cell| cell.rounds(mode));
    match (rounds().min(), rounds().max()) {
        (Some(fewest), Some(most)) if fewest != most => format!("{fewest} to {most}"),
        (_, most) => most.unwrap_or(0).to_string(),
    }
}

/// Each cell, for `docs/bench/grid.md`.
pub(crate) fn page(title: &str, cells: &Cells) -> String {
    let names = cells.names();
    let mut text = format!(
        "## {title}\n\nMedians of million items per second, with the ratio of bounded-buffer to it in brackets; bold: the 95 % interval \
         of the ratio is below 1.\n\n"
    );
    for mode in cells.modes() {
        let heads = ["capacity, threads", "rounds"].into_iter().chain(names.iter().map(String::as_str));
        let mut table = Table::new(heads);
        for cell in cells.all() {
            let column = |name: &String| rate_and_ratio(cell, mode, name);
            table.row([label(cell), cell.rounds(mode).to_string()].into_iter().chain(names.iter().map(column)));
        }
        table.append_to(&mut text, &format!("### {title}, {mode}"));
    }
    text
}

/// A contestant's rate and the ratio of this crate's to it, which is bold if its whole interval is a loss.
pub(crate) fn rate_and_ratio(cell: &Cell, mode: Mode, name: &str) -> String {
    let rate = or_dash(cell.rate(mode, name), significant);
    match cell.ratio(mode, OURS, name).filter(|_| name != OURS) {
        Some(estimate) => format!("{rate} ({})", ratio(estimate)),
        None => rate,
    }
}

/// The capacity and the threads of a cell.
pub(crate) fn label(cell: &Cell) -> String {
    format!("{}, {}", cell.key.capacity, cell.key.threads())
}

/// This crate's batches next to single items, its own and crossbeam's; `None` if no run has batches.
pub(crate) fn batches(cells: &Cells) -> Option<String> {
    let name = cells.names().into_iter().find(|name| name.contains("batches"))?;
    let mut text = String::new();
    for mode in cells.modes() {
        let single = format!("{OURS}, single");
        let mut table = Table::new([
            "capacity, threads",
            &name,
            &single,
            "crossbeam-channel, single",
            "multiple of crossbeam (95 %)",
        ]);
        for cell in cells.all() {
            let Some(multiple) = cell.ratio(mode, &name, CROSSBEAM) else { continue };
            let rates = [&name, OURS, CROSSBEAM].map(|name| or_dash(cell.rate(mode, name), significant));
            table.row([label(cell)].into_iter().chain(rates).chain([ratio_with_interval(multiple)]));
        }
        table.append_to(&mut text, &format!("{}:", capitalized(mode.to_string())));
    }
    Some(text)
}
