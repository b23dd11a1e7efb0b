//! The kept runs of `paired`.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use results::{Grid, Machine, Results};

/// Reads a file of results; the error names it.
pub(crate) fn read(path: &Path) -> Result<Results, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The kept runs by processor, the processor of the newest run first. Each group has its oldest run first.
///
/// Rounds on different processors are samples of different distributions, so they have no common median.
pub(crate) fn kept(directory: &Path) -> Result<Vec<Vec<Results>>, String> {
    let failed = |error| format!("{}: {error}", directory.display());
    let mut paths = Vec::<PathBuf>::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort(); // the names begin with the date
    let mut groups = Vec::<Vec<Results>>::new();
    for path in paths {
        let run = read(&path)?;
        match groups.iter_mut().find(|group| group[0].machine.cpu == run.machine.cpu) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    let newest = |group: &Vec<Results>| group.last().map(|run| run.machine.date.clone());
    groups.sort_by_key(|group| Reverse(newest(group)));
    Ok(groups)
}

/// Copies a run into the directory of kept runs, under a name made of date, commit, parts and cores.
pub(crate) fn keep(path: &Path, directory: &Path) -> Result<(), String> {
    let results = read(path)?;
    let Machine { commit, date, command, cores, .. } = &results.machine;
    let refused = |why: String| Err(format!("{}: {why}", path.display()));
    if commit.contains(' ') {
        return refused(format!("measured at {commit}; commit them and measure again"));
    }
    if command.contains("--quick") {
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
    let line = serde_json::to_string(&results).expect("numbers and strings") + "\n";
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
