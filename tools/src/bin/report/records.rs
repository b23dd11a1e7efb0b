//! Kept runs of `paired`, and whether they agree on the faster queue.

use std::fs;
use std::path::Path;

use results::{Grid, Key, Machine, OURS, Results};

use crate::data::{Cells, mean, read};
use crate::measured::Processor;
use crate::tables::{Table, capitalized, cores, or_dash, ratio_with_interval};
use crate::verdicts::verdict;

/// Copies a run into the directory of kept runs, under a name made of date, commit, parts and cores.
pub(crate) fn keep(path: &Path, directory: &Path) -> Result<(), String> {
    let results = read(path)?;
    let Machine { commit, date, command, cores, .. } = &results.machine;
    let refused = |why: String| Err(format!("{}: {why}", path.display()));
    if commit.contains(' ') {
        return refused(format!("measured at {commit}; commit them and measure again"));
    }
    if command.contains("--quick") || command.starts_with("QUICK") {
        return refused(format!("a quick run (`{command}`) is no base for tables"));
    }
    let parts = [
        ("grid", results.grid.is_some()),
        ("batches", results.grid.as_ref().is_some_and(Grid::has_batches)),
        ("items-of-64-bytes", results.grid.as_ref().is_some_and(|grid| !grid.has_small_items())),
        ("work", results.work.is_some()),
        ("busy", results.busy.is_some()),
        ("linger", results.linger.is_some()),
        ("fair", results.fair.is_some()),
        ("tasks", !results.tasks.is_empty()),
        ("single", !results.single.is_empty()),
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|part| part.1).map(|part| part.0).collect();
    if parts.is_empty() {
        return refused("it measured nothing".to_owned());
    }
    let date = date.trim_end_matches(" UTC").replace(' ', "-").replace(':', "");
    let name = format!("{date}-{commit}-{}-cores-{cores}.json", parts.join("-"));
    let kept = directory.join(name);
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", kept.display());
    fs::create_dir_all(directory).map_err(failed)?;
    // On one line: the rounds make a file of many numbers, which no diff needs to show.
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let line = format!("{value}\n");
    if fs::read_to_string(&kept).is_ok_and(|present| present != line) {
        return refused(format!("{} is another run of the same minute", kept.display()));
    }
    fs::write(&kept, line).map_err(failed)?;
    Ok(())
}

/// Where and when each run was made, for `docs/bench/runs/README.md`.
pub(crate) fn page<'a>(runs: impl Iterator<Item = &'a Results>) -> String {
    let head = "# The runs\n\nWritten by the report program. The files are the JSON of `cargo bench --bench paired -- --json FILE`, copied \
                here by `report --record FILE`; `benches/results` declares their structure. A command repeats a run at the commit of \
                that run, because parts of `paired` have changed since.\n\n"
        .to_owned();
    let lines = runs.map(|run| {
        let Machine { cpu, cores, cores_that_ran, cores_that_ran_after, kernel, rustc, versions, commit, date, command } =
            &run.machine;
        #[allow(clippy::cast_precision_loss, reason = "a number of cores")]
        let most = *cores as f64; // interruptions of the thread that counts alone make the ratio larger
        let (before, after) = (cores_that_ran.min(most), cores_that_ran_after.min(most));
        format!(
            "- `{}`  \n  {date}, commit {commit}; {cpu}, {cores} core(s), of which {before:.1} ran at the same time before and \
             {after:.1} after; {kernel}; {rustc}; {}\n",
            command.trim(),
            if versions.is_empty() { "versions of the peers: not recorded".to_owned() } else { versions.join(", ") }
        )
    });
    head + &lines.collect::<String>()
}

/// The mean ratios of each run over the cells to keep, and what all of them say; `None` without runs.
pub(crate) fn agreement(
    processor: &Processor<'_>,
    grids: fn(&[Results]) -> Vec<&Grid>,
    keep: fn(Key) -> bool,
) -> Option<String> {
    let all = Cells::of(grids(processor.runs).into_iter());
    let runs = processor.runs.chunks(1).filter_map(|run| {
        let Machine { date, commit, .. } = &run[0].machine;
        let grids = grids(run);
        (!grids.is_empty()).then(|| (format!("{date}, {commit}"), Cells::of(grids.into_iter())))
    });
    let runs: Vec<(String, Cells)> = runs.collect();
    let mut text = String::new();
    for mode in all.modes() {
        let heads = ["against"].into_iter().chain(runs.iter().map(|run| run.0.as_str())).chain(["all runs"]);
        let mut table = Table::new(heads);
        for peer in all.peers() {
            let means: Vec<_> = runs.iter().map(|run| mean(&run.1.filter(keep), mode, OURS, &peer)).collect();
            let known: Vec<_> = means.iter().flatten().copied().collect();
            if known.is_empty() {
                continue;
            }
            let row = means.iter().map(|mean| or_dash(*mean, ratio_with_interval));
            table.row([peer].into_iter().chain(row).chain([verdict(&known).to_owned()]));
        }
        table.append_to(&mut text, &format!("{}:", capitalized(cores(mode))));
    }
    (!text.is_empty()).then_some(text)
}
