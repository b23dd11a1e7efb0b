//! The page about tasks.

use crate::data::Cells;
use crate::grid;
use crate::measured::{Processor, tasks};
use crate::tables::capitalized;

/// A summary and each cell, by what pushes and pops, such as "task to thread"; `None` without runs.
pub(crate) fn page(processor: &Processor<'_>) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for tasks in processor.runs.iter().flat_map(|run| &run.tasks) {
        if !names.contains(&&*tasks.ends) {
            names.push(&tasks.ends);
        }
    }
    let part = |ends: &&str| grid::part(&capitalized(*ends), &Cells::of(tasks(processor.runs, ends).into_iter()));
    (!names.is_empty()).then(|| names.iter().map(part).collect::<Vec<_>>().join("\n"))
}
