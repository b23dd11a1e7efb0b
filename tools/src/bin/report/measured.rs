//! All measurements of one processor, by part.

use results::{Fair, Grid, Measure, OpenLoop, Results};

use crate::data::Cells;

pub(crate) struct Measured<'a> {
    pub(crate) work: Cells,
    pub(crate) grid: Cells,
    pub(crate) one_core: Cells,
    pub(crate) large_items: Cells,
    pub(crate) batches: Cells,
    pub(crate) rate: Vec<&'a OpenLoop>,
    pub(crate) fair: Vec<&'a Fair>,
    pub(crate) single: Vec<&'a Measure>,
}

impl<'a> Measured<'a> {
    pub(crate) fn of(runs: &'a [Results]) -> Self {
        Self {
            work: cells(&work(runs)),
            grid: cells(&all_cores(runs)),
            one_core: cells(&one_core(runs)),
            large_items: cells(&grids(runs, |run, grid| run.machine.cores > 1 && !grid.has_small_items())),
            batches: cells(&grids(runs, |run, grid| run.machine.cores > 1 && grid.has_batches())),
            rate: runs.iter().filter_map(|run| run.rate.as_ref()).collect(),
            fair: runs.iter().filter_map(|run| run.fair.as_ref()).collect(),
            single: runs.iter().flat_map(|run| &run.single).collect(),
        }
    }
}

/// The grids with work.
pub(crate) fn work(runs: &[Results]) -> Vec<(&Results, &Grid)> {
    runs.iter().filter_map(|run| Some((run, run.work.as_ref()?))).collect()
}

/// The plain grids of the empty loop on all cores.
pub(crate) fn all_cores(runs: &[Results]) -> Vec<(&Results, &Grid)> {
    grids(runs, |run, grid| run.machine.cores > 1 && grid.is_plain())
}

/// The plain grids of the empty loop on one core.
pub(crate) fn one_core(runs: &[Results]) -> Vec<(&Results, &Grid)> {
    grids(runs, |run, grid| run.machine.cores == 1 && grid.is_plain())
}

fn grids(runs: &[Results], keep: fn(&Results, &Grid) -> bool) -> Vec<(&Results, &Grid)> {
    let all = runs.iter().filter_map(|run| Some((run, run.grid.as_ref()?)));
    all.filter(|(run, grid)| keep(run, grid)).collect()
}

fn cells(grids: &[(&Results, &Grid)]) -> Cells {
    Cells::of(grids.iter().map(|run| run.1))
}
