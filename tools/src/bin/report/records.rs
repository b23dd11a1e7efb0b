//! Kept runs of `paired`, and whether they agree on the faster queue.

use std::fs;
use std::path::Path;

use results::{Grid, Key, Machine, OURS, Results};
use support::statistics::Estimate;

use crate::data::{Cells, read, standing};
use crate::measured::Measured;
use crate::tables::{Table, cores, or_dash, ratio_with_interval};
use crate::{latency, targets, work};

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
        ("rate", results.rate.is_some()),
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

/// Where and when each run was made.
pub(crate) fn list<'a>(runs: impl Iterator<Item = &'a Results>) -> String {
    let lines = runs.map(|run| {
        let Machine { cpu, cores, cores_that_ran, cores_that_ran_after, kernel, rustc, commit, date, command } =
            &run.machine;
        #[allow(clippy::cast_precision_loss, reason = "a number of cores")]
        let most = *cores as f64; // interruptions of the thread that counts alone make the ratio larger
        let (before, after) = (cores_that_ran.min(most), cores_that_ran_after.min(most));
        format!(
            "- `{}`  \n  {date}, commit {commit}; {cpu}, {cores} core(s), of which {before:.1} ran at the same time before and \
             {after:.1} after; {kernel}; {rustc}\n",
            command.trim()
        )
    });
    lines.collect()
}

/// The mean ratios of each run over the cells to keep, and the contestant that is faster in all of them, for each processor.
pub(crate) fn agreement(
    processors: &[Vec<Results>],
    grids: fn(&[Results]) -> Vec<(&Results, &Grid)>,
    keep: fn(Key) -> bool,
) -> Option<String> {
    let text: String = processors.iter().map(|runs| agreement_on(&grids(runs), keep)).collect();
    (!text.is_empty()).then_some(text)
}

fn agreement_on(runs: &[(&Results, &Grid)], keep: fn(Key) -> bool) -> String {
    let each: Vec<(String, Cells)> = runs
        .iter()
        .map(|(run, grid)| (format!("{}, {}", run.machine.date, run.machine.commit), Cells::of(std::iter::once(*grid))))
        .collect();
    let all = Cells::of(runs.iter().map(|run| run.1));
    let mut text = String::new();
    let Some((first, _)) = runs.first() else { return text };
    for mode in all.modes() {
        let heads = ["against"].into_iter().chain(each.iter().map(|run| run.0.as_str())).chain(["ahead in all"]);
        let mut table = Table::new(heads);
        for peer in all.peers() {
            let mean = |cells: &Cells| Some(standing(&cells.filter(keep), mode, OURS, &peer)?.mean);
            let means: Vec<_> = each.iter().map(|run| mean(&run.1)).collect();
            let row = means.iter().map(|mean| or_dash(*mean, ratio_with_interval));
            table.row([peer.clone()].into_iter().chain(row).chain([ahead(&peer, &means).to_owned()]));
        }
        table.append_to(&mut text, &format!("{}, {}:", first.machine.cpu, cores(mode)));
    }
    text
}

/// The contestant that is faster in all runs that measured both.
fn ahead<'a>(peer: &'a str, means: &[Option<Estimate>]) -> &'a str {
    let known = || means.iter().flatten();
    match (known().all(|mean| mean.low > 1.0), known().all(|mean| mean.high < 1.0)) {
        _ if known().count() < 2 => "one run",
        (true, _) => OURS,
        (_, true) => peer,
        _ => "undecided",
    }
}

/// The tables of the other processors, for `docs/bench/other-processors.md`; `None` without one.
pub(crate) fn other_processors(processors: &[Vec<Results>]) -> Option<String> {
    let mut text = String::from(
        "# Other processors\n\nWritten by the report program; [BENCHMARKS.md](../../BENCHMARKS.md) has the method, the tables of the \
         processor of the newest run, and the list of the runs.\n\n",
    );
    let head = text.len();
    for runs in processors.iter().skip(1) {
        let Some(first) = runs.first() else { continue };
        let measured = Measured::of(runs);
        let parts = [
            ("Should I use this instead of …?", (!measured.work.0.is_empty()).then(|| work::answers(&measured.work))),
            ("Targets", Some(targets::table(&measured))),
            ("Latency in an open loop", latency::rate(&measured.rate)),
            ("Saturated", latency::fair(&measured.fair)),
            ("Single figures", latency::single(&measured.single)),
        ];
        text.extend(["## ", &first.machine.cpu, "\n\n"]);
        for (title, part) in parts {
            text.extend(part.map(|part| format!("### {title}\n\n{}\n\n", part.trim_end())));
        }
    }
    (text.len() > head).then(|| text.trim_end().to_owned() + "\n")
}
