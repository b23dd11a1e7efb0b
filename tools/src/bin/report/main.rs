//! Rewrites the generated parts of BENCHMARKS.md, and the plots, from what the benchmarks wrote.
//!
//! ```text
//! cargo run --release --bin report -- --two-cores target/paired/two.json --one-core target/paired/one.json
//! ```
//!
//! With `--record`, the runs on all cores and on one core are kept in `docs/bench/runs`, and set beside those kept before.
//!
//! A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`. Text outside survives; a part whose input is
//! missing stays as it is.

mod criterion;
mod ladder;
mod paired;
mod parts;
mod plot;
mod records;
mod statistics;
mod tables;
mod targets;

use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde::de::DeserializeOwned;

use paired::Results;

/// Rewrites the generated parts of BENCHMARKS.md, and the plots, from what the benchmarks wrote.
#[derive(Parser)]
struct Args {
    /// What `paired --json` wrote on all cores.
    #[arg(long, default_value = "target/paired/two.json")]
    two_cores: PathBuf,
    /// What it wrote under `taskset -c 0`.
    #[arg(long, default_value = "target/paired/one.json")]
    is_single_core: PathBuf,
    /// What it wrote with `--item 64`.
    #[arg(long, default_value = "target/paired/item64.json")]
    item64: PathBuf,
    /// What it wrote with `--batch 64`.
    #[arg(long, default_value = "target/paired/batch.json")]
    batch: PathBuf,
    /// What the example `ladder --json` wrote.
    #[arg(long, default_value = "target/paired/ladder.json")]
    ladder: PathBuf,
    /// Where criterion keeps its estimates.
    #[arg(long, default_value = "target/criterion")]
    criterion: PathBuf,
    /// The file to rewrite.
    #[arg(long, default_value = "BENCHMARKS.md")]
    output: PathBuf,
    /// Where the plots go.
    #[arg(long, default_value = "docs/bench")]
    plots: PathBuf,
    /// Where the runs are that are set side by side.
    #[arg(long, default_value = "docs/bench/runs")]
    runs: PathBuf,
    /// Keep the runs on all cores and on one core among them.
    #[arg(long)]
    record: bool,
}

fn main() {
    if let Err(error) = report(&Args::parse()) {
        eprintln!("error: {error}");
        std::process::exit(2);
    }
}

fn report(args: &Args) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(&args.output).map_err(|error| format!("{}: {error}", args.output.display()))?;
    let mut parts = parts::Parts::of(text);
    let two: Option<Results> = read(&args.two_cores)?;
    let one: Option<Results> = read(&args.is_single_core)?;
    let item64: Option<Results> = read(&args.item64)?;
    let batch: Option<Results> = read(&args.batch)?;

    parts.put("machine", tables::machines(&[&two, &one, &item64, &batch]))?;
    parts.put("targets", targets::table(two.as_ref(), one.as_ref(), batch.as_ref()))?;
    for (results, name) in [(&two, "two-cores"), (&one, "one-core"), (&item64, "item64")] {
        let grid = results.as_ref().and_then(|results| results.grid.as_ref());
        parts.put(&format!("summary {name}"), grid.map(tables::summary))?;
        parts.put(&format!("cells {name}"), grid.map(tables::cells))?;
    }
    for (results, name, title) in [(&two, "two-cores", "all cores"), (&one, "one-core", "one core")] {
        let Some(results) = results else { continue };
        if let Some(grid) = &results.grid {
            fs::create_dir_all(&args.plots)?;
            let title = format!("Single items of {}, {title}", grid.item);
            plot::ratios(grid, &title, &args.plots.join(format!("ratio-{name}.svg")))?;
        }
        if args.record {
            records::keep(results, &args.runs)?;
        }
    }
    parts.put("batch", batch.as_ref().and_then(|batch| tables::batches(batch.grid.as_ref()?)))?;
    parts.put("agreement", records::agreement(&records::all(&args.runs)?))?;
    parts.put("single", two.as_ref().map(|two| tables::single(&two.single)).filter(|table| !table.is_empty()))?;
    parts.put("uncontended", criterion::table(&args.criterion))?;
    let ladder: Option<ladder::Ladder> = read(&args.ladder)?;
    parts.put("ladder", ladder.map(|ladder| ladder::tables(&ladder)))?;

    fs::write(&args.output, parts.text())?;
    println!("{} is rewritten", args.output.display());
    Ok(())
}

/// `None` if there is no such file; one that is there and is no result is an error.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Box<dyn Error>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("{}: not there", path.display());
            return Ok(None);
        }
        text => text.map_err(|error| format!("{}: {error}", path.display()))?,
    };
    let results = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Some(results))
}
