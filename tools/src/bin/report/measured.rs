//! All measurements of one processor, by part.

use results::cells::Cells;
use results::{Fair, Grid, Latency, Linger, Measure, Mode, Results};

pub(crate) struct Processor<'a> {
    pub(crate) runs: &'a [Results],
    pub(crate) work: Cells,
    pub(crate) grid: Cells,
    pub(crate) one_core: Cells,
    pub(crate) large_items: Cells,
    pub(crate) batches: Cells,
    pub(crate) latency: Vec<&'a Latency>,
    pub(crate) linger: Vec<&'a Linger>,
    pub(crate) fair: Vec<&'a Fair>,
    pub(crate) single: Vec<&'a Measure>,
}

impl<'a> Processor<'a> {
    pub(crate) fn of(runs: &'a [Results]) -> Self {
        let cells = |grids: Vec<&Grid>| Cells::of(grids.into_iter());
        Self {
            runs,
            work: cells(work(runs)),
            grid: cells(all_cores(runs)),
            one_core: cells(one_core(runs)),
            large_items: cells(grids(runs, |run, grid| run.machine.cores > 1 && !grid.has_small_items())),
            batches: cells(batches(runs)),
            latency: runs.iter().filter_map(|run| run.busy.as_ref()).collect(),
            linger: runs.iter().filter_map(|run| run.linger.as_ref()).collect(),
            fair: runs.iter().filter_map(|run| run.fair.as_ref()).collect(),
            single: runs.iter().flat_map(|run| &run.single).collect(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.runs.first().map_or("", |run| &run.machine.cpu)
    }

    /// The processor with the days and commits of the runs that measured a part.
    pub(crate) fn place(&self, has: impl Fn(&Results) -> bool) -> String {
        let runs = || self.runs.iter().filter(|run| has(run)).map(|run| &run.machine);
        let dates = list(runs().map(|machine| day(&machine.date)));
        let commits = list(runs().map(|machine| machine.commit.as_str()));
        format!("{}, {dates} (commit {commits})", self.name())
    }

    /// The processor, the most cores that a run could use and the days, as a part of a sentence.
    pub(crate) fn measured_on(&self) -> String {
        let dates = list(self.runs.iter().map(|run| day(&run.machine.date)));
        let cores = self.runs.iter().map(|run| run.machine.cores).max().unwrap_or(0);
        format!("{} ({cores} cores, {dates})", self.name())
    }

    /// The least and the most nanoseconds that a cache line took in the rounds of a mode.
    pub(crate) fn distances(&self, mode: Mode) -> Option<(f64, f64)> {
        let grids = self.runs.iter().flat_map(|run| [&run.grid, &run.work]).flatten();
        let rounds = grids.flat_map(|grid| &grid.cells).flat_map(|cell| &cell.rounds.rounds);
        let some = rounds.filter(|round| round.mode == mode).filter_map(|round| round.distance);
        some.fold(None, |range, (before, after)| {
            let (least, most) = range.unwrap_or((f64::INFINITY, 0.0_f64));
            Some((least.min(before).min(after), most.max(before).max(after)))
        })
    }
}

/// `2026-11-26` of `2026-11-26 11:24 UTC`.
fn day(date: &str) -> &str {
    date.split(' ').next().unwrap_or(date)
}

/// Each once, with commas.
fn list<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut each: Vec<&str> = all.collect();
    each.dedup();
    each.join(", ")
}

/// The grids with work.
pub(crate) fn work(runs: &[Results]) -> Vec<&Grid> {
    runs.iter().filter_map(|run| run.work.as_ref()).collect()
}

/// The plain grids of the empty loop on all cores.
pub(crate) fn all_cores(runs: &[Results]) -> Vec<&Grid> {
    grids(runs, |run, grid| run.machine.cores > 1 && grid.is_plain())
}

/// The plain grids of the empty loop on one core.
pub(crate) fn one_core(runs: &[Results]) -> Vec<&Grid> {
    grids(runs, |run, grid| run.machine.cores == 1 && grid.is_plain())
}

/// The grids with batches on all cores.
pub(crate) fn batches(runs: &[Results]) -> Vec<&Grid> {
    grids(runs, |run, grid| run.machine.cores > 1 && grid.has_batches())
}

/// What pushes and what pops in the grids of tasks, each once.
pub(crate) fn ends(runs: &[Results]) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for tasks in runs.iter().flat_map(|run| &run.tasks) {
        if !all.contains(&&*tasks.ends) {
            all.push(&tasks.ends);
        }
    }
    all
}

/// The grids of tasks that have these ends.
pub(crate) fn tasks<'a>(runs: &'a [Results], ends: &str) -> Vec<&'a Grid> {
    runs.iter().flat_map(|run| &run.tasks).filter(|tasks| tasks.ends == ends).map(|tasks| &tasks.grid).collect()
}

fn grids(runs: &[Results], keep: fn(&Results, &Grid) -> bool) -> Vec<&Grid> {
    let all = runs.iter().filter_map(|run| Some((run, run.grid.as_ref()?)));
    all.filter(|(run, grid)| keep(run, grid)).map(|(_, grid)| grid).collect()
}
