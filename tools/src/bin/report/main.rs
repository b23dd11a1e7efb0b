//! Writes the generated parts of BENCHMARKS.md, the pages and the pictures of docs/bench from the kept runs.
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
mod tasks;
mod verdicts;
mod work;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use measured::Processor;
use results::{Mode, Results};
use support::cli::{self, Failure};

/// Writes the generated parts of BENCHMARKS.md, the pages and the pictures of docs/bench from the kept runs.
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
    /// The directory of the pages and the pictures.
    #[arg(long, default_value = "docs/bench")]
    pages: PathBuf,
}

fn main() -> ExitCode {
    cli::main(|args: &Args| report(args).map(|()| ExitCode::SUCCESS).map_err(Failure::Input))
}

fn report(args: &Args) -> Result<(), String> {
    // Everything is read before anything is written, so that an error changes nothing.
    let mut front = parts::Parts::of(text_of(&args.output)?);
    for path in &args.record {
        records::keep(path, &args.runs)?;
    }
    let runs = data::kept(&args.runs)?;
    let processors: Vec<Processor<'_>> = runs.iter().map(|runs| Processor::of(runs)).collect();
    let mut files = Vec::new();
    if let Some(newest) = processors.first() {
        front_page(&mut front, &processors, newest)?;
        files = pages(&processors);
        files.push(("runs/README.md", records::page(runs.iter().rev().flatten())));
        if !newest.work.0.is_empty() {
            files.extend(pictures::of_work(&newest.work));
        }
        for (cells, title, picture) in [
            (&newest.grid, "All cores, items of 8 bytes", "grid-all-cores.svg"),
            (&newest.one_core, "One core, items of 8 bytes", "grid-one-core.svg"),
        ] {
            files.extend((!cells.0.is_empty()).then(|| pictures::of_grid(cells, picture, title)));
        }
    }
    for (name, content) in files {
        write(&args.pages.join(name), &content)?;
    }
    write(&args.output, front.text())?;
    cli::complain(format_args!("{} is written", args.output.display()));
    Ok(())
}

fn has_work(run: &Results) -> bool {
    run.work.is_some()
}

fn has_grid(run: &Results) -> bool {
    run.grid.is_some()
}

fn has_latency(run: &Results) -> bool {
    run.busy.is_some() || run.linger.is_some()
}

fn has_fair(run: &Results) -> bool {
    run.fair.is_some()
}

fn has_single(run: &Results) -> bool {
    !run.single.is_empty()
}

/// The generated parts of BENCHMARKS.md. Tables that do not have all processors are of the newest one.
fn front_page(front: &mut parts::Parts, processors: &[Processor<'_>], newest: &Processor<'_>) -> Result<(), String> {
    let sentence: Vec<_> = processors.iter().map(Processor::measured_on).collect();
    front.put("machine", Some(format!("Measured on {}.", sentence.join(" and "))))?;
    front.put("answers", Some(verdicts::answers(processors)))?;
    front.put("heat", (!newest.work.0.is_empty()).then(|| format!("{}:", newest.place(has_work))))?;
    front.put("tasks", Some(verdicts::of_tasks(processors)))?;
    let sleeps = newest.latency.last().is_some_and(|run| run.producer_sleeps);
    let place = newest.place(|run| run.busy.as_ref().is_some_and(|latency| latency.producer_sleeps == sleeps));
    front.put("latency", latency::quiet_and_busy(&newest.latency, &place))?;
    front.put("batches", verdicts::of_batches(processors))?;
    let linger = latency::linger(&newest.linger, 1, &newest.place(|run| run.linger.is_some()));
    front.put("linger", linger.or_else(|| Some("Not measured.".to_owned())))?;
    front.put("fairness", latency::fairness(&newest.fair, &newest.place(has_fair)))?;
    let is_memory = |what: &str| what.starts_with("memory");
    let place = newest.place(|run| run.single.iter().any(|measure| is_memory(&measure.what)));
    let memory = latency::single(&newest.single, is_memory).map(|text| format!("{place}. {text}"));
    front.put("memory", memory.or_else(|| Some("Not measured.".to_owned())))?;
    front.put("one core", Some(verdicts::on_one_core(processors)))?;
    front.put("losses", Some(work::losses(processors)))?;
    let distance = |processor: &Processor<'_>| {
        let of = |mode| processor.distances(mode).map(|(least, most)| format!("{mode}: {least:.0} to {most:.0} ns"));
        let modes: Vec<_> = [Mode::Near, Mode::Far].into_iter().filter_map(of).collect();
        format!("- {}: {}\n", processor.name(), modes.join("; "))
    };
    front.put("distances", Some(processors.iter().map(distance).collect()))
}

/// The pages of `docs/bench`, with a section for each processor.
fn pages(processors: &[Processor<'_>]) -> Vec<(&'static str, String)> {
    let work = |processor: &Processor<'_>| {
        let cells = &processor.work;
        let strategies = || {
            let table = work::strategies(cells)?;
            Some(format!("### `Adaptive` as a multiple of `Park`\n\n{STRATEGIES}{table}"))
        };
        let parts = [
            format!("### Throughput divided by the ideal, and processor time\n\n{IDEAL}{}", work::ideal(cells)),
            strategies().unwrap_or_default(),
            grid::cells_of("With work", cells),
        ];
        (!cells.0.is_empty()).then(|| parts.join("\n"))
    };
    let grid = |processor: &Processor<'_>| {
        let all = [
            (&processor.grid, "All cores, items of 8 bytes"),
            (&processor.one_core, "One core, items of 8 bytes"),
            (&processor.large_items, "All cores, items of 64 bytes"),
            (&processor.batches, "Batches"),
        ];
        let some = all.into_iter().filter(|(cells, _)| !cells.0.is_empty());
        let parts: Vec<_> = some.map(|(cells, title)| grid::part(title, cells)).collect();
        (!parts.is_empty()).then(|| parts.join("\n"))
    };
    let latency = |processor: &Processor<'_>| {
        let linger = latency::linger(&processor.linger, usize::MAX, &processor.place(has_latency));
        let parts: Vec<_> = [latency::latency(&processor.latency), linger].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("\n"))
    };
    let agreement = |processor: &Processor<'_>| {
        let of = |title, grids, keep| Some(format!("### {title}\n\n{}", records::agreement(processor, grids, keep)?));
        let parts: Vec<_> = [
            of("With work", measured::work, |key| key.work() != (0, 0)),
            of("The empty loop, all cores", measured::all_cores, |_| true),
            of("The empty loop, one core", measured::one_core, |_| true),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!parts.is_empty()).then(|| parts.join("\n"))
    };
    let fair = |processor: &Processor<'_>| latency::fair(&processor.fair);
    let single = |processor: &Processor<'_>| latency::single(&processor.single, |_| true);
    let tasks = |run: &Results| !run.tasks.is_empty();
    let all = [
        ("work.md", page("Throughput with work between the operations", WORK, processors, has_work, work)),
        ("grid.md", page("The empty loop", GRID, processors, has_grid, grid)),
        ("tasks.md", page("Tasks", "", processors, tasks, tasks::page)),
        ("latency.md", page("Latency, quiet and next to busy processes", "", processors, has_latency, latency)),
        ("fairness.md", page("The saturated buffer", "", processors, has_fair, fair)),
        ("single.md", page("Single figures", SINGLE, processors, has_single, single)),
        ("agreement.md", page("Do the runs agree?", AGREEMENT, processors, |_| true, agreement)),
    ];
    all.into_iter().filter_map(|(name, page)| Some((name, page?))).collect()
}

const WORK: &str = "\
The bars show each cell on the first processor below; the scale is logarithmic, and the whiskers are 95 % intervals.

![Single items against crossbeam-channel](work-crossbeam.svg)

![iter_many(16) against the single items of crossbeam-channel](work-iter-many.svg)

![Single items against kanal](work-kanal.svg)

";
const IDEAL: &str = "\
The ideal is the rate if the cores did nothing but the work, one item after the other. The figures are geometric means over capacities and
threads. A core can overlap short pieces of work, so a batch can exceed 100 %. A mutex around a counter moves no items and does not wait for
any: it shows the cost of one lock acquisition per operation and is not an upper bound. The second figure is the processor time of all threads
per item.

";
const STRATEGIES: &str = "\
Throughput, geometric mean over the numbers of threads. **Bold**: the 95 % interval is below 1. [Latency](latency.md) has both strategies, too.

";
const GRID: &str = "\
The threads do no work between the operations. This loop measures the queue alone; a program that uses a queue does work. Channels with one
receiver are measured only in the cells with one consumer. The pictures are of the first processor below.

![Ratios in the empty loop on all cores](grid-all-cores.svg)

![Ratios in the empty loop on one core](grid-one-core.svg)

";
const SINGLE: &str = "\
One thread, two threads that pass an item to and fro, a time-out next to busy threads, threads that wait, and the memory of a channel.

";
const AGREEMENT: &str = "\
Each column is a whole run. The ratios are the throughput of bounded-buffer divided by the peer's, geometric means over all cells; with work,
those without work are left out. The last column is what all runs on this processor say, as in BENCHMARKS.md.

";

/// A page with a section for each processor that `of` has text for; `None` without one. `has` finds the runs that it uses.
fn page(
    title: &str,
    intro: &str,
    processors: &[Processor<'_>],
    has: impl Fn(&Results) -> bool,
    of: impl Fn(&Processor<'_>) -> Option<String>,
) -> Option<String> {
    let head = format!(
        "# {title}\n\nWritten by the report program; [BENCHMARKS.md](../../BENCHMARKS.md) has the summary and the method.\n\n{intro}"
    );
    let part = |processor: &Processor<'_>| Some(format!("## {}\n\n{}\n", processor.place(&has), of(processor)?.trim()));
    let parts: Vec<_> = processors.iter().filter_map(part).collect();
    (!parts.is_empty()).then(|| head + &parts.join("\n"))
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
