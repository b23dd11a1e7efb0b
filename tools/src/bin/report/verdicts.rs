//! What all runs say: tables with a row for each load and a column for each peer, and the runs of one processor side by side.

use results::cells::{Cells, mean};
use results::tables::{Table, capitalized, cores, or_dash, ratio_with_interval};
use results::{BOTH_MANY, Grid, Key, Machine, Mode, OURS, Results};
use support::statistics::Estimate;

use crate::measured::{self, Processor, batches, one_core, tasks, work};

/// The peers that a reader has in mind.
const PEERS: [&str; 6] = ["crossbeam-channel", "kanal", "flume", "async-channel", "tokio mpsc", "std sync_channel"];
/// A ratio up to this, or down to its inverse, is "about equal".
const EQUAL: f64 = 1.1;

/// Finds the grids of a load in some runs.
type Grids<'a> = Box<dyn Fn(&[Results]) -> Vec<&Grid> + 'a>;

/// A load: the cells of some grids, in which a variant of this crate's buffer is compared with each peer.
struct Row<'a> {
    label: String,
    ours: &'a str,
    grids: Grids<'a>,
    keep: Box<dyn Fn(Key) -> bool + 'a>,
}

/// By amount of work.
pub(crate) fn answers(processors: &[Processor<'_>]) -> String {
    let row = |label: &str, ours, keep: fn((u64, u64)) -> bool| Row {
        label: label.to_owned(),
        ours,
        grids: Box::new(work),
        keep: Box::new(move |key| keep(key.work())),
    };
    let rows = [
        row("50/50 ns, single items", OURS, |work| work == (50, 50)),
        row("50/50 ns, batches on both sides", BOTH_MANY, |work| work == (50, 50)),
        row("200/200 ns", OURS, |work| work == (200, 200)),
        row("from 1 µs", OURS, |(before, after)| before >= 1000 && after >= 1000),
        row("one busy side", OURS, |(before, after)| (before == 0) != (after == 0)),
    ];
    table("work before a push / after a pop", processors, &PEERS, &rows)
}

/// Between tasks, and between tasks and threads.
pub(crate) fn of_tasks(processors: &[Processor<'_>]) -> String {
    // Each run of tasks has all ends.
    let ends = processors.iter().map(|processor| measured::ends(processor.runs)).find(|ends| !ends.is_empty());
    let row = |ends, slots, is_one| Row {
        label: format!("{ends}, {slots}"),
        ours: OURS,
        grids: Box::new(move |runs| tasks(runs, ends)),
        keep: Box::new(move |key: Key| (key.shape.capacity == 1) == is_one),
    };
    let rows: Vec<_> = ends
        .into_iter()
        .flatten()
        .flat_map(|ends| [row(ends, "1 slot", true), row(ends, "64 and more", false)])
        .collect();
    table("", processors, &["tokio mpsc", "kanal", "flume", "async-channel"], &rows)
}

/// Batches on both sides, in the empty loop.
pub(crate) fn of_batches(processors: &[Processor<'_>]) -> Option<String> {
    let all = Cells::of(processors.iter().flat_map(|processor| batches(processor.runs)));
    let name = all.names().into_iter().find(|name| name.contains("batches"))?;
    let row = |&capacity: &usize| Row {
        label: format!("{}, {capacity} slots", name.trim_start_matches("bounded-buffer, ")),
        ours: &name,
        grids: Box::new(batches),
        keep: Box::new(move |key: Key| key.shape.capacity == capacity),
    };
    let rows: Vec<_> = all.capacities().iter().map(row).collect();
    Some(table("compared with single items of", processors, &[OURS, "crossbeam-channel"], &rows))
}

/// The empty loop on one core.
pub(crate) fn on_one_core(processors: &[Processor<'_>]) -> String {
    let label = "0/0 ns, single items".to_owned();
    let row = Row { label, ours: OURS, grids: Box::new(one_core), keep: Box::new(|_| true) };
    table("work before a push / after a pop", processors, &PEERS, &[row])
}

fn table(first: &str, processors: &[Processor<'_>], peers: &[&str], rows: &[Row<'_>]) -> String {
    let mut table = Table::new([first].into_iter().chain(peers.iter().copied()));
    let mut order = String::new();
    for row in rows {
        let all = |runs| Cells::of((row.grids)(runs).into_iter());
        // The rounds of a processor together, and those of each run.
        let cells: Vec<(Cells, Vec<Cells>)> = processors
            .iter()
            .map(|processor| (all(processor.runs), processor.runs.chunks(1).map(all).collect()))
            .collect();
        let mut modes: Vec<Mode> = cells.iter().flat_map(|cells| cells.0.modes()).collect();
        modes.sort_unstable();
        modes.dedup();
        let names = modes.iter().map(Mode::to_string).collect::<Vec<_>>().join(", ");
        let of = processors.iter().map(|processor| format!("{} ({names})", processor.name()));
        order = of.collect::<Vec<_>>().join("; ");
        let column = |peer: &&str| {
            let estimate = |cells: &Cells, mode| mean(&cells.filter(&row.keep), mode, row.ours, peer);
            let runs = cells.iter().flat_map(|cells| &cells.1);
            let each: Vec<Estimate> =
                runs.flat_map(|cells| modes.iter().filter_map(|&mode| estimate(cells, mode))).collect();
            if each.is_empty() {
                return "not measured".to_owned();
            }
            let figures = cells.iter().map(|(cells, _)| {
                let of = |&mode: &Mode| or_dash(estimate(cells, mode), |mean| format!("{:.2}", mean.value));
                modes.iter().map(of).collect::<Vec<_>>().join(" ")
            });
            format!("{}: {}", verdict(&each), figures.collect::<Vec<_>>().join("; "))
        };
        table.row([row.label.clone()].into_iter().chain(peers.iter().map(column)));
    }
    format!("{}\nThe figures: {order}.", table.text())
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

/// What all runs say.
fn verdict(runs: &[Estimate]) -> &'static str {
    let is_equal = |run: &Estimate| (1.0 / EQUAL..=EQUAL).contains(&run.value);
    let is_faster = |run: &Estimate| run.value > EQUAL && run.low > 1.0;
    let is_slower = |run: &Estimate| run.value < 1.0 / EQUAL && run.high < 1.0;
    if runs.iter().all(is_equal) {
        "about equal"
    } else if runs.iter().all(is_faster) {
        "faster"
    } else if runs.iter().all(is_slower) {
        "slower"
    } else if runs.iter().all(|run| is_equal(run) || is_faster(run)) {
        "equal or faster"
    } else if runs.iter().all(|run| is_equal(run) || is_slower(run)) {
        "equal or slower"
    } else {
        "it depends"
    }
}
