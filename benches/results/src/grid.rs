//! The throughput of each cell, and its summary.

use support::statistics::Standing;

use crate::cells::{Cell, Cells};
use crate::tables::{Table, capitalized, or_dash, ratio, ratio_with_interval, significant, work_label};
use crate::{Mode, OURS};

/// This crate's buffer against each of the others, over some of the cells, one table for each mode.
pub fn summary(cells: &Cells, some: &[&Cell]) -> String {
    let mut text = String::new();
    for mode in cells.modes() {
        let mut table = Table::new(["against", "geometric mean (95 %)", "worst cell", "won", "undecided", "lost"]);
        for name in cells.names().iter().filter(|&name| name != OURS) {
            let rates = some.iter().map(|cell| cell.rates(mode, OURS, name));
            let Some(standing) = Standing::of(rates) else { continue };
            table.row([
                name.clone(),
                ratio_with_interval(standing.mean),
                format!("{:.2}", standing.worst),
                standing.won.to_string(),
                standing.undecided.to_string(),
                standing.lost.to_string(),
            ]);
        }
        let rounds = rounds(some, mode);
        table.append_to(&mut text, &format!("{} ({rounds} rounds a cell):", capitalized(mode.to_string())));
    }
    text
}

/// The fewest and the most rounds of a cell, as in `7` or `5 to 9`.
fn rounds(cells: &[&Cell], mode: Mode) -> String {
    let rounds = || cells.iter().map(|cell| cell.rounds(mode));
    match (rounds().min(), rounds().max()) {
        (Some(fewest), Some(most)) if fewest != most => format!("{fewest} to {most}"),
        (_, most) => most.unwrap_or(0).to_string(),
    }
}

/// A summary, and each cell.
pub fn part(title: &str, cells: &Cells) -> String {
    format!("### {title}\n\n{}\n{}", summary(cells, &cells.all()), cells_of(title, cells))
}

/// Each cell, one table for each mode.
pub fn cells_of(title: &str, cells: &Cells) -> String {
    let names = cells.names();
    let mut text = format!(
        "### {title}, each cell\n\nMedians of million items per second, with the ratio of bounded-buffer to it in brackets; bold: \
         the 95 % interval of the ratio is below 1.\n\n"
    );
    for mode in cells.modes() {
        let heads = ["work, ns", "capacity, threads", "rounds", "ideal"];
        let mut table = Table::new(heads.into_iter().chain(names.iter().map(String::as_str)));
        for work in cells.works() {
            for cell in cells.filter(|key| key.work() == work) {
                let column = |name: &String| rate_and_ratio(cell, mode, name);
                let (shape, ideal) = (cell.key.shape, or_dash(cell.ideal, significant));
                let fixed = [
                    work_label(work),
                    format!("{}, {}", shape.capacity, shape.threads()),
                    cell.rounds(mode).to_string(),
                    ideal,
                ];
                table.row(fixed.into_iter().chain(names.iter().map(column)));
            }
        }
        table.append_to(&mut text, &format!("{}:", capitalized(mode.to_string())));
    }
    text
}

/// A contestant's rate and the ratio of this crate's to it, which is bold if its whole interval is a loss.
fn rate_and_ratio(cell: &Cell, mode: Mode, name: &str) -> String {
    let rate = or_dash(cell.rate(mode, name), significant);
    match cell.ratio(mode, OURS, name).filter(|_| name != OURS) {
        Some(estimate) => format!("{rate} ({})", ratio(estimate)),
        None => rate,
    }
}
