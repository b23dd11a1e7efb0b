//! Kept runs of `paired`, and whether they agree on the faster queue.

use std::fs;
use std::path::Path;

use crate::data::{Cells, Grid, Machine, Mode, OURS, Results, Standing, read};
use crate::tables::{Table, or_dash, ratio_with_interval};

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
    fs::write(&kept, format!("{value}\n")).map_err(failed)?;
    Ok(())
}

/// Where and when each run was made.
pub(crate) fn list(runs: &[Results]) -> String {
    let lines = runs.iter().map(|run| {
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

/// The mean ratios of each run that has the grid, and the contestant that is faster in all of them.
pub(crate) fn agreement(runs: &[(&Results, &Grid)]) -> Option<String> {
    let each: Vec<(String, Cells)> = runs
        .iter()
        .map(|(run, grid)| (format!("{}, {}", run.machine.date, run.machine.commit), Cells::of(std::iter::once(*grid))))
        .collect();
    let all = Cells::of(runs.iter().map(|run| run.1));
    let mut text = String::new();
    for mode in all.modes() {
        let heads = ["against"].into_iter().chain(each.iter().map(|run| run.0.as_str())).chain(["ahead in all"]);
        let mut table = Table::new(heads);
        for peer in all.peers() {
            let mean = |cells: &Cells| Some(Standing::of(&cells.all(), mode, OURS, &peer)?.mean);
            let means: Vec<_> = each.iter().map(|run| mean(&run.1)).collect();
            let known = || means.iter().flatten();
            let ahead = match (known().all(|mean| mean.low > 1.0), known().all(|mean| mean.high < 1.0)) {
                (true, _) => OURS,
                (_, true) => &peer,
                _ => "undecided",
            };
            let row = means.iter().map(|mean| or_dash(*mean, ratio_with_interval));
            table.row([peer.clone()].into_iter().chain(row).chain([ahead.to_owned()]));
        }
        let title = if mode == Mode::OneCore { "One core".to_owned() } else { format!("Cores {mode}") };
        table.append_to(&mut text, &format!("{title}:"));
    }
    match each.len() {
        0 => None,
        1 => Some("There is one run, so nothing can be compared.".to_owned()),
        _ => Some(text),
    }
}
