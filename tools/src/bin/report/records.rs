//! Runs of `paired` that are kept, and whether they agree on who is ahead.

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::paired::{OURS, Results, is_own};
use crate::tables::line;

/// Keeps a run: without the rates of each round, in a file named after when, of what and on how many cores.
pub(crate) fn keep(results: &Results, directory: &Path) -> Result<(), Box<dyn Error>> {
    let machine = &results.machine;
    if machine.commit.contains(' ') {
        return Err(format!("the run of {} was of {}: commit, and measure again", machine.date, machine.commit).into());
    }
    let date = machine.date.trim_end_matches(" UTC").replace(' ', "-").replace(':', "");
    let path = directory.join(format!("{date}-{}-cores-{}.json", machine.commit, machine.cores));
    fs::create_dir_all(directory)?;
    fs::write(&path, serde_json::to_string(results)? + "\n")?;
    println!("{} is kept", path.display());
    Ok(())
}

/// All that were kept, the oldest first.
pub(crate) fn all(directory: &Path) -> Result<Vec<Results>, Box<dyn Error>> {
    let Ok(entries) = fs::read_dir(directory) else { return Ok(Vec::new()) };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.sort(); // the names begin with the date
    paths.iter().map(|path| crate::read(path)?.ok_or_else(|| "it was there just now".into())).collect()
}

/// A table for each number of cores: the mean ratio in each run, and who is ahead in all of them.
pub(crate) fn agreement(records: &[Results]) -> Option<String> {
    let mut cores: Vec<_> = records.iter().map(|record| record.machine.cores).collect();
    cores.sort_unstable();
    cores.dedup();
    let table = |cores: usize| {
        let records: Vec<_> = records.iter().filter(|record| record.machine.cores == cores).collect();
        format!("Cores to use: {cores}\n\n{}", table(&records))
    };
    let tables: Vec<_> = cores.into_iter().rev().map(table).collect();
    (!tables.is_empty()).then(|| tables.join("\n"))
}

fn table(records: &[&Results]) -> String {
    let heads: Vec<_> =
        records.iter().map(|record| format!("{}, {}", record.machine.date, record.machine.commit)).collect();
    let mut text = format!(
        "| mean over the grid against | {} | ahead in all |\n|---|{}---|\n",
        heads.join(" | "),
        "--:|".repeat(heads.len())
    );
    let mut names: Vec<&str> = Vec::new();
    for name in records.iter().filter_map(|record| record.grid.as_ref()).flat_map(|grid| grid.others()) {
        if !names.contains(&name) && !is_own(name) {
            names.push(name);
        }
    }
    for name in names {
        let means: Vec<_> = records.iter().map(|record| Some(record.grid.as_ref()?.against(name)?.mean)).collect();
        let known = || means.iter().flatten();
        let ahead = match (known().all(|&mean| mean > 1.0), known().all(|&mean| mean < 1.0)) {
            (true, _) => OURS,
            (_, true) => name,
            _ => "**they do not agree**",
        };
        let means = means.iter().map(|mean| mean.map_or_else(|| "–".to_owned(), |mean| format!("{mean:.2}")));
        line(&mut text, &format!("| {name} | {} | {ahead} |", means.collect::<Vec<_>>().join(" | ")));
    }
    text
}
