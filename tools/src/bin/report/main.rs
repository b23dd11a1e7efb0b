//! Writes the generated parts of BENCHMARKS.md, the pages and the pictures of docs/bench from the kept runs.
//!
//! ```text
//! cargo bench --bench paired -- --only work --json target/paired/work.json
//! cargo run --release --bin report -- --record target/paired/work.json
//! ```
//!
//! A generated part is between `<!-- generated: NAME -->` and `<!-- end -->`. Text outside and parts whose input is missing
//! stay as they are.

mod measured;
mod pictures;
mod plot;
mod records;
mod verdicts;
mod work;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use measured::Processor;
use results::cells::Cells;
use results::tables::capitalized;
use results::{Mode, Results, contests, grid};
use support::cli::{self, Failure};

/// Writes the generated parts of BENCHMARKS.md, the pages and the pictures of docs/bench from the kept runs.
#[derive(Parser)]
struct Args {
    /// Keep this file of `paired --json` among the runs first; may be given more than once.
    #[arg(long)]
    record: Vec<PathBuf>,
}

const FRONT: &str = "BENCHMARKS.md";
/// The directory of the pages and the pictures.
const PAGES: &str = "docs/bench";
/// The directory of the kept runs.
const RUNS: &str = "docs/bench/runs";

fn main() -> ExitCode {
    cli::main(|args: &Args| report(args).map(|()| ExitCode::SUCCESS).map_err(Failure::Input))
}

fn report(args: &Args) -> Result<(), String> {
    // Everything is read before anything is written, so that an error changes nothing.
    let mut front = Front(fs::read_to_string(FRONT).map_err(|error| format!("{FRONT}: {error}"))?);
    for path in &args.record {
        records::keep(path, Path::new(RUNS))?;
    }
    let runs = records::kept(Path::new(RUNS))?;
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
        write(&Path::new(PAGES).join(name), &content)?;
    }
    write(Path::new(FRONT), &front.0)?;
    cli::complain(format_args!("{FRONT} is written"));
    Ok(())
}

/// The generated parts of BENCHMARKS.md. Tables that do not have all processors are of the newest one.
fn front_page(front: &mut Front, processors: &[Processor<'_>], newest: &Processor<'_>) -> Result<(), String> {
    let sentence: Vec<_> = processors.iter().map(Processor::measured_on).collect();
    front.put("machine", Some(format!("Measured on {}.", sentence.join(" and "))))?;
    front.put("answers", Some(verdicts::answers(processors)))?;
    front.put("heat", (!newest.work.0.is_empty()).then(|| format!("{}:", newest.place(|run| run.work.is_some()))))?;
    front.put("tasks", Some(verdicts::of_tasks(processors)))?;
    let sleeps = newest.latency.last().is_some_and(|run| run.setting.producer_sleeps);
    let place = newest.place(|run| run.busy.as_ref().is_some_and(|busy| busy.setting.producer_sleeps == sleeps));
    front.put("latency", contests::quiet_and_busy(&newest.latency, &place))?;
    front.put("batches", verdicts::of_batches(processors))?;
    front.put("linger", contests::linger(&newest.linger, 1, &newest.place(|run| run.linger.is_some())))?;
    front.put("fairness", contests::fairness(&newest.fair, &newest.place(|run| run.fair.is_some())))?;
    let is_memory = |what: &str| what.starts_with("memory");
    let place = newest.place(|run| run.single.iter().any(|measure| is_memory(&measure.what)));
    front.put("memory", contests::single(&newest.single, is_memory).map(|text| format!("{place}. {text}")))?;
    front.put("one core", Some(verdicts::on_one_core(processors)))?;
    front.put("losses", Some(work::losses(processors)))?;
    let distance = |processor: &Processor<'_>| {
        let of = |mode| processor.distances(mode).map(|(least, most)| format!("{mode}: {least:.0} to {most:.0} ns"));
        let modes: Vec<_> = [Mode::Near, Mode::Far].into_iter().filter_map(of).collect();
        format!("- {}: {}\n", processor.name(), modes.join("; "))
    };
    front.put("distances", Some(processors.iter().map(distance).collect()))
}

/// A text with generated parts.
struct Front(String);

impl Front {
    /// Replaces a part; without content it stays as it is.
    fn put(&mut self, name: &str, content: Option<String>) -> Result<(), String> {
        const END: &str = "<!-- end -->";
        let begin = format!("<!-- generated: {name} -->");
        let (Some(content), Some(start)) = (content, self.0.find(&begin)) else { return Ok(()) };
        let start = start + begin.len();
        let length = self.0[start..].find(END).ok_or_else(|| format!("{begin} has no {END}"))?;
        self.0.replace_range(start..start + length, &format!("\n{}\n", content.trim()));
        Ok(())
    }
}

/// The pages of `docs/bench`, with a section for each processor.
fn pages(processors: &[Processor<'_>]) -> Vec<(&'static str, String)> {
    let work = |processor: &Processor<'_>| {
        let cells = &processor.work;
        let strategies = work::strategies(cells);
        let strategies =
            strategies.map(|table| format!("### `Adaptive` as a multiple of `Park`\n\n{STRATEGIES}{table}"));
        let parts = [
            format!("### Throughput divided by the ideal, and processor time\n\n{IDEAL}{}", work::ideal(cells)),
            strategies.unwrap_or_default(),
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
        joined(all.into_iter().map(|(cells, title)| (!cells.0.is_empty()).then(|| grid::part(title, cells))))
    };
    let tasks = |processor: &Processor<'_>| {
        let ends = measured::ends(processor.runs);
        let part = |ends| grid::part(&capitalized(ends), &Cells::of(measured::tasks(processor.runs, ends).into_iter()));
        joined(ends.into_iter().map(|ends| Some(part(ends))))
    };
    let has_latency = |run: &Results| run.busy.is_some() || run.linger.is_some();
    let latency = |processor: &Processor<'_>| {
        let linger = contests::linger(&processor.linger, usize::MAX, &processor.place(has_latency));
        joined([contests::latency(&processor.latency), linger])
    };
    let agreement = |processor: &Processor<'_>| {
        let of = |title, grids, keep| Some(format!("### {title}\n\n{}", verdicts::agreement(processor, grids, keep)?));
        joined([
            of("With work", measured::work, |key| key.work() != (0, 0)),
            of("The empty loop, all cores", measured::all_cores, |_| true),
            of("The empty loop, one core", measured::one_core, |_| true),
        ])
    };
    let fair = |processor: &Processor<'_>| contests::fair(&processor.fair);
    let single = |processor: &Processor<'_>| contests::single(&processor.single, |_| true);
    let page = |title, intro, has, of| page(title, intro, processors, has, of);
    let all = [
        ("work.md", page("Throughput with work between the operations", WORK, &|run| run.work.is_some(), &work)),
        ("grid.md", page("The empty loop", GRID, &|run| run.grid.is_some(), &grid)),
        ("tasks.md", page("Tasks", "", &|run| !run.tasks.is_empty(), &tasks)),
        ("latency.md", page("Latency, quiet and next to busy processes", "", &has_latency, &latency)),
        ("fairness.md", page("The saturated buffer", "", &|run| run.fair.is_some(), &fair)),
        ("single.md", page("Single figures", SINGLE, &|run| !run.single.is_empty(), &single)),
        ("agreement.md", page("Do the runs agree?", AGREEMENT, &|_| true, &agreement)),
    ];
    all.into_iter().filter_map(|(name, page)| Some((name, page?))).collect()
}

/// The parts that exist, with an empty line between them; `None` without any.
fn joined(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    parts.into_iter().flatten().reduce(|text, part| text + "\n" + &part)
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
    has: &dyn Fn(&Results) -> bool,
    of: &dyn Fn(&Processor<'_>) -> Option<String>,
) -> Option<String> {
    let part = |processor: &Processor<'_>| Some(format!("## {}\n\n{}\n", processor.place(has), of(processor)?.trim()));
    let parts = joined(processors.iter().map(part))?;
    Some(format!(
        "# {title}\n\nWritten by the report program; [BENCHMARKS.md](../../BENCHMARKS.md) has the summary and the method.\n\n\
         {intro}{parts}"
    ))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let parent = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(parent).and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}
