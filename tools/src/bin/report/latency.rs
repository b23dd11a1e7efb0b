//! Latency, batches that linger, the saturated buffer and the single figures.

use results::{
    Fair, FairCell, FairRun, Latency, LatencyRun, Linger, LingerCell, LingerRun, Measure, Mode, OURS, Rounds, Runs,
};
use support::statistics::{Estimate, Pair, median, ratio};

use crate::data::enough;
use crate::tables::{Table, bold, or_dash};

/// The rounds of one cell in several runs with the same contestants.
struct Side<'a, T> {
    names: &'a [String],
    rounds: Vec<&'a Rounds<Runs<T>>>,
}

impl<T> Side<'_, T> {
    fn count(&self, mode: Mode) -> usize {
        self.rounds.iter().flat_map(|rounds| rounds.of(mode)).count()
    }

    /// The median of one contestant's figure in the rounds of one mode; `None` without rounds.
    fn median(&self, mode: Mode, index: usize, of: impl Fn(&T) -> f64) -> Option<f64> {
        let rounds = self.rounds.iter().flat_map(|rounds| rounds.of(mode));
        let figures: Vec<f64> = rounds.map(|round| of(&round.runs[index])).collect();
        (!figures.is_empty()).then(|| median(&figures))
    }

    /// Appends a table for each mode that has rounds: a row for each contestant, with the medians of the figures.
    fn tables(&self, text: &mut String, title: &str, columns: &[Column<T>]) {
        for mode in Mode::ALL.into_iter().filter(|&mode| self.count(mode) > 0) {
            let mut table = Table::new([""].into_iter().chain(columns.iter().map(|column| column.0)));
            for (index, name) in self.names.iter().enumerate() {
                let figure = |&(_, digits, of): &Column<T>| self.figure(mode, index, digits, of);
                table.row([name.clone()].into_iter().chain(columns.iter().map(figure)));
            }
            table.append_to(text, &format!("{title}, {mode} ({}):", counted(self.count(mode))));
        }
    }

    fn figure(&self, mode: Mode, index: usize, digits: usize, of: fn(&T) -> f64) -> String {
        or_dash(self.median(mode, index, of), |figure| format!("{figure:.digits$}"))
    }
}

fn counted(rounds: usize) -> String {
    if rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") }
}

/// The mode in which the most rounds of these cells were measured.
fn usual_mode<T>(sides: &[Side<'_, T>]) -> Option<Mode> {
    let count = |mode: &Mode| sides.iter().map(|side| side.count(*mode)).sum::<usize>();
    Mode::ALL.into_iter().rev().max_by_key(count).filter(|mode| count(mode) > 0)
}

/// The fewest and the most rounds of those cells that have any, as in "7 rounds" or "5 to 9 rounds".
fn range<T>(sides: &[Side<'_, T>], mode: Mode) -> String {
    let counts = || sides.iter().map(|side| side.count(mode)).filter(|&count| count > 0);
    match (counts().min(), counts().max()) {
        (Some(fewest), Some(most)) if fewest != most => format!("{fewest} to {most} rounds"),
        (fewest, _) => counted(fewest.unwrap_or(0)),
    }
}

/// The heading of a column, its decimal places and its figure.
type Column<T> = (&'static str, usize, fn(&T) -> f64);

const IN_BUFFER_P50: Column<LatencyRun> = ("in the buffer, p50 µs", 1, |run| run.in_buffer.p50 / 1e3);
const IN_BUFFER_P99: Column<LatencyRun> = ("p99 µs", 1, |run| run.in_buffer.p99 / 1e3);
const CONSUMER: Column<LatencyRun> = ("consumer, % of a core", 0, |run| run.consumer_percent);

/// The load and the number of busy processes of a cell.
type Neighbours = (Option<u64>, usize);

/// The cells of one load, in the runs with the contestants and the producer of the last one.
fn latency_cells<'a>(runs: &[&'a Latency], of: Neighbours) -> Option<Side<'a, LatencyRun>> {
    let last = runs.last()?;
    let same = |run: &&&Latency| run.names == last.names && run.producer_sleeps == last.producer_sleeps;
    let cells = runs.iter().filter(same).flat_map(|run| &run.cells);
    let rounds = cells.filter(|cell| (cell.items_per_second, cell.busy) == of).map(|cell| &cell.rounds);
    Some(Side { names: &last.names, rounds: rounds.collect() })
}

fn load(items_per_second: Option<u64>) -> String {
    items_per_second.map_or_else(|| "1 µs of work".to_owned(), |rate| format!("{}/s", thousands(rate)))
}

fn neighbours(busy: usize) -> String {
    if busy == 0 { "quiet".to_owned() } else { format!("{busy} busy") }
}

fn how(last: &Latency) -> String {
    let waits = if last.producer_sleeps { "sleeps" } else { "waits in a loop" };
    format!(
        "One producer and one consumer, capacity {}, {} ms per run; medians over the rounds. The producer {waits} until its next item \
         is due. \"In the buffer\" is the time from the call of the push to the return of the pop.",
        last.capacity, last.run_ms
    )
}

/// The loads in one table, quiet and next to busy processes, in the mode with the most rounds; `None` without runs.
pub(crate) fn quiet_and_busy(runs: &[&Latency], place: &str) -> Option<String> {
    let last = runs.last()?;
    let mut cells: Vec<Neighbours> = last.cells.iter().map(|cell| (cell.items_per_second, cell.busy)).collect();
    // The highest rate is on the page only: it shows little else than the one before.
    cells.retain(|&(rate, _)| rate != Some(1_000_000));
    cells.sort_by_key(|&(rate, busy)| (rate.is_none(), rate, busy));
    let sides: Vec<_> = cells.iter().filter_map(|&of| latency_cells(runs, of)).collect();
    let mode = usual_mode(&sides)?;
    let mut table = Table::new([""].into_iter().chain(last.names.iter().map(String::as_str)));
    for (&(rate, busy), side) in cells.iter().zip(&sides) {
        let column = |index| {
            let figure = |(_, digits, of): Column<LatencyRun>| side.figure(mode, index, digits, of);
            format!("{}, {}, {} %", figure(IN_BUFFER_P50), figure(IN_BUFFER_P99), figure(CONSUMER))
        };
        let label = format!("{}, {}", load(rate), neighbours(busy));
        table.row([label].into_iter().chain((0..last.names.len()).map(column)));
    }
    let mut text = format!("{}\n\n", how(last));
    if last.cells.iter().all(|cell| cell.busy == 0) {
        text += "Next to busy processes: not measured.\n\n";
    }
    table.append_to(&mut text, &format!("{place}, {mode}, {}:", range(&sides, mode)));
    Some(text)
}

/// A table for each load and mode; `None` without runs.
pub(crate) fn latency(runs: &[&Latency]) -> Option<String> {
    const COLUMNS: [Column<LatencyRun>; 7] = [
        IN_BUFFER_P50,
        IN_BUFFER_P99,
        ("p99.9 µs", 1, |run| run.in_buffer.p999 / 1e3),
        ("a push, p50 µs", 2, |run| run.push.p50 / 1e3),
        ("p99 µs", 2, |run| run.push.p99 / 1e3),
        CONSUMER,
        ("1000 items/s", 1, |run| run.rate * 1e3),
    ];
    let last = runs.last()?;
    let mut text = format!("{}\n\n", how(last));
    for cell in &last.cells {
        let title = format!("{}, {}", load(cell.items_per_second), neighbours(cell.busy));
        // Older runs did not record the rate.
        let columns = if last.producer_sleeps { &COLUMNS[..] } else { &COLUMNS[..6] };
        latency_cells(runs, (cell.items_per_second, cell.busy))?.tables(&mut text, &title, columns);
    }
    Some(text)
}

fn thousands(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{} {:03}", thousands(number / 1000), number % 1000) }
}

/// Batches that linger, in the mode with the most rounds, for the first contestants; `None` without runs.
pub(crate) fn linger(runs: &[&Linger], contestants: usize, place: &str) -> Option<String> {
    const COLUMNS: [Column<LingerRun>; 5] = [
        ("batches", 0, |run| run.batches),
        ("items a batch", 0, |run| run.items / run.batches),
        ("notifications a batch", 1, |run| run.notifications / run.batches),
        ("system time, ms", 1, |run| run.system_ms),
        ("consumer, ms", 1, |run| run.consumer_ms),
    ];
    let last = runs.last()?;
    let side = |cell: &LingerCell| {
        let cells = runs.iter().filter(|run| run.names == last.names).flat_map(|run| &run.cells);
        let same = cells.filter(|other| other.items_per_second == cell.items_per_second);
        Side { names: &last.names, rounds: same.map(|cell| &cell.rounds).collect() }
    };
    let sides: Vec<_> = last.cells.iter().map(side).collect();
    let mode = usual_mode(&sides)?;
    let mut table = Table::new([""].into_iter().chain(COLUMNS.iter().map(|column| column.0)));
    for (cell, side) in last.cells.iter().zip(&sides) {
        for (index, name) in last.names.iter().enumerate().take(contestants) {
            let label = format!("{}, {name}", load(Some(cell.items_per_second)));
            table.row([label].into_iter().chain(COLUMNS.map(|(_, digits, of)| side.figure(mode, index, digits, of))));
        }
    }
    let mut text = format!(
        "`pop_batch` with at most {} items and a linger of {} ms, {} ms per run; medians over the rounds.\n\n",
        last.max, last.linger_ms, last.run_ms
    );
    table.append_to(&mut text, &format!("{place}, {mode}, {}:", range(&sides, mode)));
    Some(text)
}

/// The cells of one capacity and number of threads, in the runs with the contestants of the last one.
fn fair_cells<'a>(runs: &[&'a Fair], shape: (usize, usize, usize)) -> Option<Side<'a, FairRun>> {
    let names = &runs.last()?.names;
    let cells = runs.iter().filter(|run| run.names == *names).flat_map(|run| &run.cells);
    let rounds = cells.filter(|cell| shape_of(cell) == shape).map(|cell| &cell.rounds);
    Some(Side { names, rounds: rounds.collect() })
}

fn shape_of(cell: &FairCell) -> (usize, usize, usize) {
    (cell.capacity, cell.producers, cell.consumers)
}

const LONGEST_PUSH: Column<FairRun> = ("longest push, ms", 1, |run| run.longest_push_ms);
const LONGEST_POP: Column<FairRun> = ("longest pop, ms", 1, |run| run.longest_pop_ms);

/// All shapes in one table, in the mode with the most rounds; `None` without runs.
pub(crate) fn fairness(runs: &[&Fair], place: &str) -> Option<String> {
    const COLUMNS: [Column<FairRun>; 3] = [
        ("longest, ms", 1, |run| run.longest_push_ms.max(run.longest_pop_ms)),
        ("Jain", 2, |run| run.producers_index.min(run.consumers_index)),
        ("M/s", 2, |run| run.rate),
    ];
    let last = runs.last()?;
    let sides: Vec<_> = last.cells.iter().filter_map(|cell| fair_cells(runs, shape_of(cell))).collect();
    let mode = usual_mode(&sides)?;
    let head = |cell: &FairCell| {
        let FairCell { capacity, producers, consumers, .. } = cell;
        COLUMNS.map(|column| format!("{capacity} slots, {producers}×{consumers}: {}", column.0))
    };
    let mut table = Table::new([String::new()].into_iter().chain(last.cells.iter().flat_map(head)));
    for (index, name) in last.names.iter().enumerate() {
        let columns = |side: &Side<'_, FairRun>| COLUMNS.map(|(_, digits, of)| side.figure(mode, index, digits, of));
        table.row([name.clone()].into_iter().chain(sides.iter().flat_map(columns)));
    }
    let mut text = String::new();
    table.append_to(&mut text, &format!("{place}, {mode}, {}:", range(&sides, mode)));
    Some(text)
}

/// Tables by capacity, threads and mode; `None` without runs.
pub(crate) fn fair(runs: &[&Fair]) -> Option<String> {
    const COLUMNS: [Column<FairRun>; 5] = [
        ("M items/s", 2, |run| run.rate),
        LONGEST_PUSH,
        LONGEST_POP,
        ("Jain's index, producers", 2, |run| run.producers_index),
        ("consumers", 2, |run| run.consumers_index),
    ];
    let last = runs.last()?;
    let mut text = format!(
        "All threads push and pop without a break for {} ms; medians over the rounds. Jain's index is 1 if all threads of a side moved \
         the same number of items, and 1/n if one of n threads moved all. The threads of \"no queue\" run the same loop without \
         a queue: their longest operation is the longest time that the operating system gave their core to other threads.\n\n",
        last.run_ms
    );
    for cell in &last.cells {
        let title = format!("Capacity {}, {}×{}", cell.capacity, cell.producers, cell.consumers);
        fair_cells(runs, shape_of(cell))?.tables(&mut text, &title, &COLUMNS);
    }
    Some(text)
}

/// The rounds of one single figure in one mode: this crate's and the peer's.
fn single_rounds(all: &[&Measure], what: &str, other: &str, mode: Mode) -> (Vec<f64>, Vec<f64>) {
    let measures = all.iter().filter(|measure| measure.what == what && measure.other == other);
    measures.flat_map(|measure| measure.rounds.of(mode)).map(|figures| (figures.ours, figures.theirs)).unzip()
}

/// The measures outside the grid whose names are kept; `None` if there are none.
pub(crate) fn single(all: &[&Measure], keep: fn(&str) -> bool) -> Option<String> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut table = Table::new(["", OURS, "compared with", "its figure", "ratio (95 %)"]);
    for Measure { what, other, unit, .. } in all {
        if !keep(what) || seen.contains(&(what, other)) {
            continue;
        }
        seen.push((what, other));
        for mode in Mode::ALL {
            let (ours, theirs) = single_rounds(all, what, other, mode);
            if ours.is_empty() {
                continue;
            }
            let Estimate { value, low, high } = ratio(Pair { rates: &ours, others: &theirs });
            table.row([
                if mode == Mode::Any { what.clone() } else { format!("{what}, {mode}") },
                format!("{:.2} {unit}", median(&ours)),
                other.clone(),
                format!("{:.2} {unit}", median(&theirs)),
                match &enough(ours)[..] {
                    [] => format!("{value:.2}"),
                    _ => format!("{} ({low:.2}–{high:.2})", bold(format!("{value:.2}"), low > 1.0)),
                },
            ]);
        }
    }
    let text = "Less is better. **Bold**: the 95 % interval of the ratio is above 1. A ratio of fewer than five rounds has no interval.\n\n".to_owned() + &table.text();
    (!seen.is_empty()).then_some(text)
}
