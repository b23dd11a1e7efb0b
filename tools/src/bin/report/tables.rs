//! Tables in Markdown. A loss is printed as bold as a win.

use std::fmt::Write;

use crate::paired::{Cell, Entry, Grid, Machine, Measure, OURS, Results, is_own};
use crate::statistics::Standing;

/// Where and when each run was made.
pub(crate) fn machines(results: &[&Option<Results>]) -> Option<String> {
    let mut text = String::new();
    for machine in results.iter().filter_map(|results| results.as_ref()).map(|results| &results.machine) {
        let Machine { cpu, cores, cores_that_ran, cores_that_ran_after, kernel, rustc, commit, date, command } =
            machine;
        line(
            &mut text,
            &format!(
                "- `{}`  \n  {date}, commit {commit}; {cpu}, {cores} core(s) to use, of which {cores_that_ran:.1} ran at once \
                 before and {cores_that_ran_after:.1} after; {kernel}; {rustc}",
                command.trim()
            ),
        );
    }
    (!text.is_empty()).then_some(text)
}

/// This crate against each of the others, over all cells.
pub(crate) fn summary(grid: &Grid) -> String {
    let mut text = format!(
        "Items of {}, {} rounds of {} ms a run. More than 1: {OURS} is faster. A cell is won or lost if its whole interval is on \
         one side of 1.\n\n\
         | against | geometric mean | worst cell | won | undecided | lost |\n|---|--:|--:|--:|--:|--:|\n",
        grid.item, grid.rounds, grid.run_ms
    );
    for name in grid.others() {
        let Some(Standing { mean, worst, wins, losses, undecided }) = grid.against(name) else { continue };
        let (mean, worst) = (ratio(name, mean), ratio(name, worst));
        line(&mut text, &format!("| {name} | {mean} | {worst} | {wins} | {undecided} | {losses} |"));
    }
    text
}

/// Million items a second, and in brackets this crate's multiple of it with its 95 % interval.
pub(crate) fn cells(grid: &Grid) -> String {
    let names = grid.others();
    let mut text = format!(
        "Million items a second; in brackets {OURS}'s multiple of it (95 % interval). A **bold** multiple is a loss of {OURS}.\n\n\
         | capacity, threads | {OURS} | {} |\n|---|--:|{}\n",
        names.join(" | "),
        "--:|".repeat(names.len())
    );
    for cell in &grid.cells {
        let ours = cell.entry(OURS).map_or_else(|| "–".to_owned(), |entry| significant(entry.rate));
        let others = names.iter().map(|name| cell.entry(name).map_or_else(|| "–".to_owned(), column));
        line(&mut text, &format!("| {} | {ours} | {} |", cell.label(), others.collect::<Vec<_>>().join(" | ")));
    }
    text
}

fn column(entry: &Entry) -> String {
    let (low, high) = entry.ratio_interval;
    format!("{} ({}, {low:.2}–{high:.2})", significant(entry.rate), ratio(&entry.name, entry.ratio))
}

/// This crate's batches beside single items, its own and crossbeam's; `None` if the grid has no batches.
pub(crate) fn batches(grid: &Grid) -> Option<String> {
    let name = &grid.cells.iter().find_map(Cell::batches)?.name;
    let mut text = format!(
        "Million items a second, items of {}, {} rounds of {} ms a run.\n\n\
         | capacity, threads | {name} | {OURS}, single | crossbeam-channel, single | multiple of crossbeam's single (95 %) |\n\
         |---|--:|--:|--:|--:|\n",
        grid.item, grid.rounds, grid.run_ms
    );
    for cell in &grid.cells {
        let (Some(batches), Some(single), Some(peer)) =
            (cell.batches(), cell.entry(OURS), cell.entry("crossbeam-channel"))
        else {
            continue;
        };
        let (multiple, (low, high)) = batches.multiple_of(peer);
        let [batches, single, peer] = [batches, single, peer].map(|entry| significant(entry.rate));
        let label = cell.label();
        line(&mut text, &format!("| {label} | {batches} | {single} | {peer} | {multiple:.2} ({low:.2}–{high:.2}) |"));
    }
    Some(text)
}

/// The measures outside the grid.
pub(crate) fn single(measures: &[Measure]) -> String {
    if measures.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "Less is better. A **bold** ratio is a loss of {OURS}.\n\n| what | {OURS} | beside | its figure | ratio |\n\
         |---|--:|---|--:|--:|\n"
    );
    for Measure { what, unit, ours, beside, theirs, ratio } in measures {
        let ratio = if *ratio > 1.0 { format!("**{ratio:.2}**") } else { format!("{ratio:.2}") };
        line(&mut text, &format!("| {what} | {ours:.2} {unit} | {beside} | {theirs:.2} {unit} | {ratio} |"));
    }
    text
}

/// Bold if this crate's buffer loses, and not to itself.
fn ratio(name: &str, ratio: f64) -> String {
    if ratio < 1.0 && !is_own(name) { format!("**{ratio:.2}**") } else { format!("{ratio:.2}") }
}

/// Three digits that count.
fn significant(rate: f64) -> String {
    match rate {
        100.0.. => format!("{rate:.0}"),
        10.0.. => format!("{rate:.1}"),
        1.0.. => format!("{rate:.2}"),
        _ => format!("{rate:.3}"),
    }
}

/// Appends a line.
pub(crate) fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes all that is written");
}
