//! Tables of what is not a grid: latency, batches that linger, the saturated buffer and the single figures.

use support::statistics::{Estimate, Pair, median, ratio};

use crate::cells::enough;
use crate::tables::{Table, bold, or_dash};
use crate::{
    Contest, ContestCell, Fair, FairRun, Latency, LatencyRun, LatencySetting, Linger, LingerRun, Measure, Mode, OURS,
    Rate, Rounds, Runs, Shape,
};

/// The rounds under one load in several runs.
struct Sample<'a, L, T> {
    load: L,
    names: &'a [String],
    rounds: Vec<&'a Rounds<Runs<T>>>,
}

/// The loads of the last run, each with the rounds of all runs that have its setting and its contestants.
fn samples<'a, S: PartialEq, L: Copy + PartialEq, T>(runs: &[&'a Contest<S, L, T>]) -> Vec<Sample<'a, L, T>> {
    let Some(last) = runs.last() else { return Vec::new() };
    let same = runs.iter().filter(|run| run.setting == last.setting && run.names == last.names);
    let sample = |&ContestCell { load, .. }: &ContestCell<L, T>| {
        let cells = same.clone().flat_map(|run| &run.cells).filter(|cell| cell.load == load);
        Sample { load, names: &last.names, rounds: cells.map(|cell| &cell.rounds).collect() }
    };
    last.cells.iter().map(sample).collect()
}

impl<L, T> Sample<'_, L, T> {
    fn count(&self, mode: Mode) -> usize {
        self.rounds.iter().flat_map(|rounds| rounds.of(mode)).count()
    }

    /// The median of one contestant's figure in the rounds of one mode.
    fn figure(&self, mode: Mode, index: usize, &(_, digits, of): &Column<T>) -> String {
        let rounds = self.rounds.iter().flat_map(|rounds| rounds.of(mode));
        let figures: Vec<f64> = rounds.map(|round| of(&round.runs[index])).collect();
        or_dash((!figures.is_empty()).then(|| median(&figures)), |figure| format!("{figure:.digits$}"))
    }
}

/// The heading of a column, its decimal places and its figure.
type Column<T> = (&'static str, usize, fn(&T) -> f64);

/// A table for each load and mode that has rounds: a row for each contestant, with the medians of the figures.
fn each<L: Copy, T>(samples: &[Sample<'_, L, T>], title: impl Fn(L) -> String, columns: &[Column<T>]) -> String {
    let mut text = String::new();
    for sample in samples {
        for mode in Mode::ALL.into_iter().filter(|&mode| sample.count(mode) > 0) {
            let mut table = Table::new([""].into_iter().chain(columns.iter().map(|column| column.0)));
            for (index, name) in sample.names.iter().enumerate() {
                let figures = columns.iter().map(|column| sample.figure(mode, index, column));
                table.row([name.clone()].into_iter().chain(figures));
            }
            let rounds = counted(sample.count(mode));
            table.append_to(&mut text, &format!("{}, {mode} ({rounds}):", title(sample.load)));
        }
    }
    text
}

fn counted(rounds: usize) -> String {
    if rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") }
}

/// The mode in which the most rounds of these samples were measured.
fn usual_mode<L, T>(samples: &[Sample<'_, L, T>]) -> Option<Mode> {
    let count = |mode: &Mode| samples.iter().map(|sample| sample.count(*mode)).sum::<usize>();
    Mode::ALL.into_iter().rev().max_by_key(count).filter(|mode| count(mode) > 0)
}

/// The heading of a table of all loads, as in "a processor, near, 5 to 9 rounds:"; of the samples that have rounds.
fn heading<L, T>(place: &str, mode: Mode, samples: &[Sample<'_, L, T>]) -> String {
    let counts = || samples.iter().map(|sample| sample.count(mode)).filter(|&count| count > 0);
    let rounds = match (counts().min(), counts().max()) {
        (Some(fewest), Some(most)) if fewest != most => format!("{fewest} to {most} rounds"),
        (fewest, _) => counted(fewest.unwrap_or(0)),
    };
    format!("{place}, {mode}, {rounds}:")
}

const IN_BUFFER_P50: Column<LatencyRun> = ("in the buffer, p50 µs", 1, |run| run.in_buffer.p50 / 1e3);
const IN_BUFFER_P99: Column<LatencyRun> = ("p99 µs", 1, |run| run.in_buffer.p99 / 1e3);
const CONSUMER: Column<LatencyRun> = ("consumer, % of a core", 0, |run| run.consumer_percent);

fn load(items_per_second: Option<u64>) -> String {
    items_per_second.map_or_else(|| "1 µs of work".to_owned(), |rate| format!("{}/s", thousands(rate)))
}

fn load_and_neighbours(Rate { items_per_second, busy }: Rate) -> String {
    let load = load(items_per_second);
    if busy == 0 { format!("{load}, quiet") } else { format!("{load}, {busy} busy") }
}

fn thousands(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{} {:03}", thousands(number / 1000), number % 1000) }
}

fn how(LatencySetting { capacity, run_ms, producer_sleeps }: &LatencySetting) -> String {
    let waits = if *producer_sleeps { "sleeps" } else { "waits in a loop" };
    format!(
        "One producer and one consumer, capacity {capacity}, {run_ms} ms per run; medians over the rounds. The producer {waits} until \
         its next item is due. \"In the buffer\" is the time from the call of the push to the return of the pop.\n\n"
    )
}

/// The loads in one table, quiet and next to busy processes, in the mode with the most rounds; `None` without runs.
pub fn quiet_and_busy(runs: &[&Latency], place: &str) -> Option<String> {
    let last = runs.last()?;
    let mut samples = samples(runs);
    // The highest rate is on the page only: it shows little else than the one before.
    samples.retain(|sample| sample.load.items_per_second != Some(1_000_000));
    samples
        .sort_by_key(|sample| (sample.load.items_per_second.is_none(), sample.load.items_per_second, sample.load.busy));
    let mode = usual_mode(&samples)?;
    let mut table = Table::new([""].into_iter().chain(last.names.iter().map(String::as_str)));
    for sample in &samples {
        let column = |index| {
            let [p50, p99, consumer] =
                [IN_BUFFER_P50, IN_BUFFER_P99, CONSUMER].map(|column| sample.figure(mode, index, &column));
            format!("{p50}, {p99}, {consumer} %")
        };
        table.row([load_and_neighbours(sample.load)].into_iter().chain((0..last.names.len()).map(column)));
    }
    let mut text = how(&last.setting);
    table.append_to(&mut text, &heading(place, mode, &samples));
    Some(text)
}

/// A table for each load and mode; `None` without runs.
pub fn latency(runs: &[&Latency]) -> Option<String> {
    const COLUMNS: [Column<LatencyRun>; 7] = [
        IN_BUFFER_P50,
        IN_BUFFER_P99,
        ("p99.9 µs", 1, |run| run.in_buffer.p999 / 1e3),
        ("a push, p50 µs", 2, |run| run.push.p50 / 1e3),
        ("p99 µs", 2, |run| run.push.p99 / 1e3),
        CONSUMER,
        ("1000 items/s", 1, |run| run.rate * 1e3),
    ];
    let setting = &runs.last()?.setting;
    // Older runs did not record the rate.
    let columns = if setting.producer_sleeps { &COLUMNS[..] } else { &COLUMNS[..6] };
    Some(how(setting) + &each(&samples(runs), load_and_neighbours, columns))
}

/// Batches that linger, in the mode with the most rounds, for the first contestants; `None` without runs.
pub fn linger(runs: &[&Linger], contestants: usize, place: &str) -> Option<String> {
    const COLUMNS: [Column<LingerRun>; 5] = [
        ("batches", 0, |run| run.batches),
        ("items a batch", 0, |run| run.items / run.batches),
        ("notifications a batch", 1, |run| run.notifications / run.batches),
        ("system time, ms", 1, |run| run.system_ms),
        ("consumer, ms", 1, |run| run.consumer_ms),
    ];
    let last = runs.last()?;
    let samples = samples(runs);
    let mode = usual_mode(&samples)?;
    let mut table = Table::new([""].into_iter().chain(COLUMNS.iter().map(|column| column.0)));
    for sample in &samples {
        for (index, name) in last.names.iter().enumerate().take(contestants) {
            let label = format!("{}, {name}", load(sample.load.items_per_second));
            table.row([label].into_iter().chain(COLUMNS.iter().map(|column| sample.figure(mode, index, column))));
        }
    }
    let mut text = format!(
        "`pop_batch` with at most {} items and a linger of {} ms, {} ms per run; medians over the rounds.\n\n",
        last.setting.max, last.setting.linger_ms, last.setting.run_ms
    );
    table.append_to(&mut text, &heading(place, mode, &samples));
    Some(text)
}

/// All shapes in one table, in the mode with the most rounds; `None` without runs.
pub fn fairness(runs: &[&Fair], place: &str) -> Option<String> {
    const COLUMNS: [Column<FairRun>; 3] = [
        ("longest, ms", 1, |run| run.longest_push_ms.max(run.longest_pop_ms)),
        ("Jain", 2, |run| run.producers_index.min(run.consumers_index)),
        ("M/s", 2, |run| run.rate),
    ];
    let samples = samples(runs);
    let mode = usual_mode(&samples)?;
    let head = |sample: &Sample<'_, Shape, FairRun>| {
        let (capacity, threads) = (sample.load.capacity, sample.load.threads());
        COLUMNS.map(|column| format!("{capacity} slots, {threads}: {}", column.0))
    };
    let mut table = Table::new([String::new()].into_iter().chain(samples.iter().flat_map(head)));
    for (index, name) in runs.last()?.names.iter().enumerate() {
        let figures = samples.iter().flat_map(|sample| COLUMNS.map(|column| sample.figure(mode, index, &column)));
        table.row([name.clone()].into_iter().chain(figures));
    }
    let mut text = String::new();
    table.append_to(&mut text, &heading(place, mode, &samples));
    Some(text)
}

/// Tables by capacity, threads and mode; `None` without runs.
pub fn fair(runs: &[&Fair]) -> Option<String> {
    const COLUMNS: [Column<FairRun>; 5] = [
        ("M items/s", 2, |run| run.rate),
        ("longest push, ms", 1, |run| run.longest_push_ms),
        ("longest pop, ms", 1, |run| run.longest_pop_ms),
        ("Jain's index, producers", 2, |run| run.producers_index),
        ("consumers", 2, |run| run.consumers_index),
    ];
    let title = |shape: Shape| format!("Capacity {}, {}", shape.capacity, shape.threads());
    let text = format!(
        "All threads push and pop without a break for {} ms; medians over the rounds. Jain's index is 1 if all threads of a side moved \
         the same number of items, and 1/n if one of n threads moved all. The threads of \"no queue\" run the same loop without \
         a queue: their longest operation is the longest time that the operating system gave their core to other threads.\n\n",
        runs.last()?.setting.run_ms
    );
    Some(text + &each(&samples(runs), title, &COLUMNS))
}

/// The measures outside the grid whose names are kept; `None` if there are none.
pub fn single(all: &[&Measure], keep: fn(&str) -> bool) -> Option<String> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut table = Table::new(["", OURS, "compared with", "its figure", "ratio (95 %)"]);
    for Measure { what, other, unit, .. } in all {
        if !keep(what) || seen.contains(&(what, other)) {
            continue;
        }
        seen.push((what, other));
        for mode in Mode::ALL {
            let measures = all.iter().filter(|measure| measure.what == *what && measure.other == *other);
            let rounds = measures.flat_map(|measure| measure.rounds.of(mode));
            let (ours, theirs): (Vec<_>, Vec<_>) = rounds.map(|figures| (figures.ours, figures.theirs)).unzip();
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
