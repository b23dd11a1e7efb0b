//! Writes the generated parts of BENCHMARKS.md, the tables of all cells and the pictures from the kept runs.
//!
//! ```text
//! cargo bench --bench paired -- --only work --json target/paired/work.json
//! cargo run --release --bin report -- --record target/paired/work.json
//! ```
//!
//! A generated part is between `<!-- generated: NAME -->` and `<!-- end -->`. Text outside and parts whose input is missing
//! stay as they are.

mod data;
mod grid;
mod latency;
mod measured;
mod parts;
mod pictures;
mod plot;
mod records;
mod tables;
mod targets;
mod tasks;
mod work;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use measured::Measured;
use results::Results;
use support::cli::{self, Failure};

/// Writes the generated parts of BENCHMARKS.md, the tables of all cells and the pictures from the kept runs.
#[derive(Parser)]
struct Args {
    /// Keep this file of `paired --json` among the runs first; may be given more than once.
    #[arg(long)]
    record: Vec<PathBuf>,
    /// The directory of the kept runs.
    #[arg(long, default_value = "docs/bench/runs")]
    runs: PathBuf,
    /// The file to rewrite.
    #[arg(long, default_value = "BENCHMARKS.md")]
    output: PathBuf,
    /// The directory of the pictures and of the tables of all cells.
    #[arg(long, default_value = "docs/bench")]
    pages: PathBuf,
}

fn main() -> ExitCode {
    cli::main(|args: &Args| report(args).map(|()| ExitCode::SUCCESS).map_err(Failure::Input))
}

fn report(args: &Args) -> Result<(), String> {
    // Everything is read before anything is written, so that an error changes nothing.
    let mut parts = parts::Parts::of(text_of(&args.output)?);
    for path in &args.record {
        records::keep(path, &args.runs)?;
    }
    let processors = data::kept(&args.runs)?;
    let runs: &[Results] = processors.first().map_or(&[], Vec::as_slice);
    let measured = Measured::of(runs);
    let agreement = |grids, keep| records::agreement(&processors, grids, keep);

    let mut files: Vec<(&str, String)> = Vec::new();
    let work = &measured.work;
    if !work.0.is_empty() {
        parts.put("answers", Some(work::answers(work)))?;
        parts.put("ideal", Some(work::ideal(work)))?;
        parts.put("strategies", work::strategies(work))?;
        parts.put("losses", Some(targets::losses(work)))?;
        parts.put("agreement work", agreement(measured::work, |key| work::is_target(key.work())))?;
        files.extend(pictures::of_work(work));
        files.push(("work.md", work::page(work)));
    }
    parts.put("tasks", tasks::summary(runs))?;
    files.extend(tasks::page(runs).map(|page| ("tasks.md", page)));
    parts.put("rate", latency::rate(&measured.rate))?;
    parts.put("fair", latency::fair(&measured.fair))?;
    let mut page = String::from(
        "# The empty loop, cell by cell\n\nWritten by the report program; [BENCHMARKS.md](../../BENCHMARKS.md) has the summary and \
         the method.\n\n",
    );
    parts.put("agreement all-cores", agreement(measured::all_cores, |_| true))?;
    parts.put("agreement one-core", agreement(measured::one_core, |_| true))?;
    for (cells, part, title, picture) in [
        (&measured.grid, "all-cores", "All cores, items of 8 bytes", Some("grid-all-cores.svg")),
        (&measured.one_core, "one-core", "One core, items of 8 bytes", Some("grid-one-core.svg")),
        (&measured.large_items, "item64", "All cores, items of 64 bytes", None),
    ] {
        if cells.0.is_empty() {
            continue;
        }
        parts.put(&format!("summary {part}"), Some(grid::summary(cells)))?;
        page += &grid::page(title, cells);
        page.push('\n');
        files.extend(picture.map(|file| pictures::of_grid(cells, file, title)));
    }
    files.extend(records::other_processors(&processors).map(|page| ("other-processors.md", page)));
    files.push(("grid.md", page.trim_end().to_owned() + "\n"));
    parts.put("batches", grid::batches(&measured.batches))?;
    parts.put("single", latency::single(&measured.single))?;
    parts.put("targets", (!runs.is_empty()).then(|| targets::table(&measured)))?;
    parts.put("machine", (!runs.is_empty()).then(|| records::list(processors.iter().rev().flatten())))?;

    for (name, content) in files {
        write(&args.pages.join(name), &content)?;
    }
    write(&args.output, parts.text())?;
    cli::complain(format_args!("{} is written", args.output.display()));
    Ok(())
}

/// The file to rewrite. A device has no end, so only a regular file is read.
fn text_of(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(format!("{}: not a regular file", path.display()));
    }
    fs::read_to_string(path).map_err(failed)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let parent = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(parent).and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}
