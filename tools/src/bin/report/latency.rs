//! The open loop, the saturated buffer and the single figures.

use results::{CROSSBEAM, Fair, FairCell, FairRun, Measure, Mode, OURS, OpenLoop, RateRun, Rounds, Runs};
use support::statistics::{Estimate, Pair, median, ratio};

use crate::tables::{Table, bold};

/// The rounds of one cell in several runs with the same contestants.
struct Side<'a, T> {
    names: &'a [String],
    rounds: Vec<&'a Rounds<Runs<T>>>,
}

impl<T> Side<'_, T> {
    /// The figures of one contestant in the rounds of one mode.
    fn column(&self, mode: Mode, index: usize, of: impl Fn(&T) -> f64) -> Vec<f64> {
        self.rounds.iter().flat_map(|rounds| rounds.of(mode)).map(|round| of(&round.runs[index])).collect()
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// The median of this crate's figure, and its ratio to crossbeam's.
    fn ours(&self, mode: Mode, of: fn(&T) -> f64) -> Option<(f64, Estimate)> {
        let rates = self.column(mode, self.index(OURS)?, of);
        let others = self.column(mode, self.index(CROSSBEAM)?, of);
        (!rates.is_empty()).then(|| (median(&rates), ratio(Pair { rates: &rates, others: &others })))
    }

    /// Appends a table for each mode that has rounds: a row for each contestant, with the medians of the figures. A figure of
    /// this crate that is bold is higher than crossbeam's, and the interval of the ratio excludes 1.
    fn tables(&self, text: &mut String, title: &str, mark: bool, columns: &[Column<T>]) {
        for mode in Mode::ALL {
            let count = self.rounds.iter().flat_map(|rounds| rounds.of(mode)).count();
            if count == 0 {
                continue;
            }
            let mut table = Table::new([""].into_iter().chain(columns.iter().map(|column| column.0)));
            for (index, name) in self.names.iter().enumerate() {
                let figure = |&(_, digits, of): &Column<T>| {
                    let text = format!("{:.digits$}", median(&self.column(mode, index, of)));
                    let worse = || self.ours(mode, of).is_some_and(|(_, ratio)| ratio.low > 1.0);
                    bold(text, mark && name == OURS && worse())
                };
                table.row([name.clone()].into_iter().chain(columns.iter().map(figure)));
            }
            let rounds = if count == 1 { "1 round".to_owned() } else { format!("{count} rounds") };
            table.append_to(text, &format!("{title}, {mode} ({rounds}):"));
        }
    }
}

/// The heading of a column, its decimal places and its figure.
type Column<T> = (&'static str, usize, fn(&T) -> f64);

/// The cells of one rate, in the runs with the contestants of the last one.
fn rate_cells<'a>(runs: &[&'a OpenLoop], items_per_second: u64) -> Option<Side<'a, RateRun>> {
    let names = &runs.last()?.names;
    let cells = runs.iter().filter(|run| run.names == *names).flat_map(|run| &run.cells);
    let rounds = cells.filter(|cell| cell.items_per_second == items_per_second).map(|cell| &cell.rounds);
    Some(Side { names, rounds: rounds.collect() })
}

/// Tables by rate and mode; `None` without runs.
pub(crate) fn rate(runs: &[&OpenLoop]) -> Option<String> {
    const COLUMNS: [Column<RateRun>; 6] = [
        ("in the buffer, p50 µs", 2, |run| run.in_buffer.p50 / 1e3),
        ("p99 µs", 1, |run| run.in_buffer.p99 / 1e3),
        ("p99.9 µs", 1, |run| run.in_buffer.p999 / 1e3),
        ("a push, p50 µs", 2, |run| run.push.p50 / 1e3),
        ("p99 µs", 2, |run| run.push.p99 / 1e3),
        ("consumer, % of a core", 0, |run| run.consumer_percent),
    ];
    let last = runs.last()?;
    let mut text = format!(
        "One producer and one consumer, capacity {}, {} ms per run; medians over the rounds. The producer pushes at a fixed rate, as \
         long as the buffer has a free slot. \"In the buffer\" is the time from the call of the push to the return of the pop. \
         **Bold**: slower, or with more processor time, than crossbeam-channel, and the 95 % interval of the ratio excludes 1.\n\n",
        last.capacity, last.run_ms
    );
    for cell in &last.cells {
        let title = format!("{} items/s", thousands(cell.items_per_second));
        rate_cells(runs, cell.items_per_second)?.tables(&mut text, &title, true, &COLUMNS);
    }
    Some(text)
}

fn thousands(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{} {:03}", thousands(number / 1000), number % 1000) }
}

/// The ratio of this crate's figure to crossbeam's at one rate.
pub(crate) fn rate_ratio(runs: &[&OpenLoop], rate: u64, mode: Mode, of: fn(&RateRun) -> f64) -> Option<Estimate> {
    Some(rate_cells(runs, rate)?.ours(mode, of)?.1)
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

/// Tables by capacity, threads and mode; `None` without runs.
pub(crate) fn fair(runs: &[&Fair]) -> Option<String> {
    const COLUMNS: [Column<FairRun>; 5] = [
        ("M items/s", 2, |run| run.rate),
        ("longest push, ms", 1, |run| run.longest_push_ms),
        ("longest pop, ms", 1, |run| run.longest_pop_ms),
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
        fair_cells(runs, shape_of(cell))?.tables(&mut text, &title, false, &COLUMNS);
    }
    Some(text)
}

/// This crate's median of a figure in a saturated buffer, and its ratio to crossbeam's.
pub(crate) fn fair_figure(
    runs: &[&Fair],
    shape: (usize, usize, usize),
    mode: Mode,
    of: fn(&FairRun) -> f64,
) -> Option<(f64, Estimate)> {
    fair_cells(runs, shape)?.ours(mode, of)
}

/// The rounds of one single figure in one mode: this crate's and the peer's.
pub(crate) fn single_rounds(all: &[&Measure], what: &str, other: &str, mode: Mode) -> (Vec<f64>, Vec<f64>) {
    let measures = all.iter().filter(|measure| measure.what.starts_with(what) && measure.other.starts_with(other));
    measures.flat_map(|measure| measure.rounds.of(mode)).map(|figures| (figures.ours, figures.theirs)).unzip()
}

/// The measures outside the grid; `None` if there are none.
pub(crate) fn single(all: &[&Measure]) -> Option<String> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut table = Table::new(["", OURS, "compared with", "its figure", "ratio (95 %)"]);
    for Measure { what, other, unit, .. } in all {
        if seen.contains(&(what, other)) {
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
                format!("{} ({low:.2}–{high:.2})", bold(format!("{value:.2}"), low > 1.0)),
            ]);
        }
    }
    let text = "Less is better. **Bold**: the 95 % interval of the ratio is above 1.\n\n".to_owned() + &table.text();
    (!seen.is_empty()).then_some(text)
}
