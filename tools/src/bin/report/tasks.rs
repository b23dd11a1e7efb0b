//! The part about tasks.

use results::Results;

use crate::data::Cells;
use crate::grid;
use crate::tables::capitalized;

/// The runs that measured the same ends, such as "task to thread".
struct Ends {
    name: String,
    cells: Cells,
}

fn all(runs: &[Results]) -> Vec<Ends> {
    let tasks = || runs.iter().flat_map(|run| &run.tasks);
    let mut names: Vec<&String> = Vec::new();
    for ends in tasks().map(|tasks| &tasks.ends) {
        if !names.contains(&ends) {
            names.push(ends);
        }
    }
    let of_name = |name: &String| Cells::of(tasks().filter(|tasks| tasks.ends == *name).map(|tasks| &tasks.grid));
    names.into_iter().map(|name| Ends { name: name.clone(), cells: of_name(name) }).collect()
}

/// This crate's buffer against each peer; `None` without runs.
pub(crate) fn summary(runs: &[Results]) -> Option<String> {
    let all = all(runs);
    let part = |ends: &Ends| format!("**{}**\n\n{}", capitalized(ends.name.as_str()), grid::summary(&ends.cells));
    (!all.is_empty()).then(|| all.iter().map(part).collect::<Vec<_>>().join("\n"))
}

/// Each cell, for `docs/bench/tasks.md`; `None` without runs.
pub(crate) fn page(runs: &[Results]) -> Option<String> {
    let all = all(runs);
    let head = "# Tasks, cell by cell\n\nWritten by the report program; [BENCHMARKS.md](../../BENCHMARKS.md) has the summary and the \
                method.\n\n";
    let part = |ends: &Ends| grid::page(&capitalized(ends.name.as_str()), &ends.cells);
    let pages = || all.iter().map(part).collect::<Vec<_>>().join("\n");
    (!all.is_empty()).then(|| head.to_owned() + pages().trim_end() + "\n")
}
