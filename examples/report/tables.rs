//! Tables in Markdown. A loss is printed as bold as a win.

use std::fmt::Write;

use crate::paired::{Entry, Grid, Machine, Measure, OURS, Results};

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
        "Items of {}, {} rounds of {} ms a run. More than 1: {OURS} is faster.\n\n\
         | against | geometric mean | worst cell | cells won |\n|---|--:|--:|--:|\n",
        grid.item, grid.rounds, grid.run_ms
    );
    for peer in &grid.summary {
        let (mean, worst) = (ratio(peer.ratio), ratio(peer.worst));
        line(&mut text, &format!("| {} | {mean} | {worst} | {} of {} |", peer.name, peer.wins, peer.cells));
    }
    text
}

/// Million items a second, and in brackets this crate's multiple of it with its 95 % interval.
pub(crate) fn cells(grid: &Grid) -> String {
    let names = grid.names();
    let mut text = format!(
        "Million items a second; in brackets {OURS}'s multiple of it (95 % interval). A **bold** multiple is a loss of {OURS}.\n\n\
         | capacity, threads | {} |\n|---|{}\n",
        names.join(" | "),
        "--:|".repeat(names.len())
    );
    for cell in &grid.cells {
        let columns: Vec<_> =
            names.iter().map(|name| cell.entry(name).map_or_else(|| "–".to_owned(), column)).collect();
        line(&mut text, &format!("| {} | {} |", cell.label(), columns.join(" | ")));
    }
    text
}

fn column(entry: &Entry) -> String {
    if entry.name == OURS {
        return significant(entry.rate);
    }
    let (low, high) = entry.ratio_interval;
    format!("{} ({}, {low:.2}–{high:.2})", significant(entry.rate), ratio(entry.ratio))
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

fn ratio(ratio: f64) -> String {
    if ratio < 1.0 { format!("**{ratio:.2}**") } else { format!("{ratio:.2}") }
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
