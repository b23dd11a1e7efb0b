//! The open loop, the saturated buffer and the single figures.

use crate::data::{CROSSBEAM, Fair, FairRun, Measure, Mode, OURS, OpenLoop, RateRun, Round};
use crate::tables::{Table, bold};
use crate::work::capitalized;
use support::statistics::{Estimate, Pair, median, ratio};

pub(crate) const MODES: [Mode; 4] = [Mode::Near, Mode::Far, Mode::OneCore, Mode::Any];

/// The figures of one contestant in the rounds of one mode.
fn column<T>(rounds: &[&Round<T>], mode: Mode, index: usize, of: fn(&T) -> f64) -> Vec<f64> {
    rounds.iter().filter(|round| round.mode == mode).map(|round| of(&round.runs[index])).collect()
}

/// One contestant's figure as a multiple of another's.
fn compare<T>(rounds: &[&Round<T>], mode: Mode, (a, b): (usize, usize), of: fn(&T) -> f64) -> Option<Estimate> {
    let (rates, others) = (column(rounds, mode, a, of), column(rounds, mode, b, of));
    (!rates.is_empty()).then(|| ratio(Pair { rates: &rates, others: &others }))
}

fn modes<T>(rounds: &[&Round<T>]) -> impl Iterator<Item = (Mode, usize)> {
    let count = |mode| rounds.iter().filter(|round| round.mode == mode).count();
    MODES.into_iter().map(count_with(count)).filter(|&(_, count)| count > 0).collect::<Vec<_>>().into_iter()
}

fn count_with(count: impl Fn(Mode) -> usize) -> impl Fn(Mode) -> (Mode, usize) {
    move |mode| (mode, count(mode))
}

/// The rounds of the same rate in all runs, which must have the same contestants.
fn rate_rounds<'a>(runs: &[&'a OpenLoop], items_per_second: u64) -> Vec<&'a Round<RateRun>> {
    let cells = runs.iter().flat_map(|run| &run.cells).filter(|cell| cell.items_per_second == items_per_second);
    cells.flat_map(|cell| &cell.rounds).collect()
}

/// Tables by rate and mode; `None` without runs.
pub(crate) fn rate(runs: &[&OpenLoop]) -> Option<String> {
    let last = *runs.last()?;
    let runs: Vec<_> = runs.iter().copied().filter(|run| run.names == last.names).collect();
    let mut text = format!(
        "One producer and one consumer, capacity {}, {} ms per run; medians over the rounds. The producer pushes at a fixed rate, as \
         long as the buffer has a free slot. \"In the buffer\" is the time from the call of the push to the return of the pop. \
         **Bold**: slower, or with more processor time, than crossbeam-channel, and the 95 % interval of the ratio excludes 1.\n\n",
        last.capacity, last.run_ms
    );
    for cell in &last.cells {
        let rounds = rate_rounds(&runs, cell.items_per_second);
        for (mode, count) in modes(&rounds) {
            let mut table = Table::new([
                "",
                "in the buffer, p50 µs",
                "p99 µs",
                "p99.9 µs",
                "a push, p50 µs",
                "p99 µs",
                "consumer, % of a core",
            ]);
            for (index, name) in last.names.iter().enumerate() {
                let crossbeam = last.names.iter().position(|name| name == CROSSBEAM);
                let figure = |of: fn(&RateRun) -> f64, digits: usize| {
                    let text = format!("{:.digits$}", median(&column(&rounds, mode, index, of)));
                    let against = crossbeam.filter(|_| name == OURS);
                    let worse = against.and_then(|other| compare(&rounds, mode, (index, other), of));
                    bold(text, worse.is_some_and(|worse| worse.low > 1.0))
                };
                table.row([
                    name.clone(),
                    figure(|run| run.in_buffer.p50 / 1e3, 2),
                    figure(|run| run.in_buffer.p99 / 1e3, 1),
                    figure(|run| run.in_buffer.p999 / 1e3, 1),
                    figure(|run| run.push.p50 / 1e3, 2),
                    figure(|run| run.push.p99 / 1e3, 2),
                    figure(|run| run.consumer_percent, 0),
                ]);
            }
            table.append_to(
                &mut text,
                &format!("{} items/s, {mode} ({}):", thousands(cell.items_per_second), rounds_label(count)),
            );
        }
    }
    Some(text)
}

fn rounds_label(count: usize) -> String {
    if count == 1 { "1 round".to_owned() } else { format!("{count} rounds") }
}

fn thousands(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{} {:03}", thousands(number / 1000), number % 1000) }
}

/// The ratio of this crate's figure to crossbeam's at one rate.
pub(crate) fn rate_ratio(runs: &[&OpenLoop], rate: u64, mode: Mode, of: fn(&RateRun) -> f64) -> Option<Estimate> {
    let last = *runs.last()?;
    let runs: Vec<_> = runs.iter().copied().filter(|run| run.names == last.names).collect();
    let index = |name| last.names.iter().position(|other| other == name);
    compare(&rate_rounds(&runs, rate), mode, (index(OURS)?, index(CROSSBEAM)?), of)
}

fn fair_rounds<'a>(runs: &[&'a Fair], shape: (usize, usize, usize)) -> Vec<&'a Round<FairRun>> {
    let cells = runs.iter().flat_map(|run| &run.cells);
    let cells = cells.filter(|cell| (cell.capacity, cell.producers, cell.consumers) == shape);
    cells.flat_map(|cell| &cell.rounds).collect()
}

pub(crate) fn fair(runs: &[&Fair]) -> Option<String> {
    let last = *runs.last()?;
    let runs: Vec<_> = runs.iter().copied().filter(|run| run.names == last.names).collect();
    let mut text = format!(
        "All threads push and pop without a break for {} ms; medians over the rounds. Jain's index is 1 if all threads of a side moved \
         the same number of items, and 1/n if one of n threads moved all. The threads of \"no queue\" run the same loop without \
         a queue: their longest operation is the longest time that the operating system gave their core to other threads.\n\n",
        last.run_ms
    );
    for cell in &last.cells {
        let rounds = fair_rounds(&runs, (cell.capacity, cell.producers, cell.consumers));
        for (mode, count) in modes(&rounds) {
            let mut table = Table::new([
                "",
                "M items/s",
                "longest push, ms",
                "longest pop, ms",
                "Jain's index, producers",
                "consumers",
            ]);
            for (index, name) in last.names.iter().enumerate() {
                let figure = |of: fn(&FairRun) -> f64, digits: usize| {
                    format!("{:.digits$}", median(&column(&rounds, mode, index, of)))
                };
                table.row([
                    name.clone(),
                    figure(|run| run.rate, 2),
                    figure(|run| run.longest_push_ms, 1),
                    figure(|run| run.longest_pop_ms, 1),
                    figure(|run| run.producers_index, 2),
                    figure(|run| run.consumers_index, 2),
                ]);
            }
            table.append_to(
                &mut text,
                &format!(
                    "Capacity {}, {}×{}, {mode} ({}):",
                    cell.capacity,
                    cell.producers,
                    cell.consumers,
                    rounds_label(count)
                ),
            );
        }
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
    let last = *runs.last()?;
    let runs: Vec<_> = runs.iter().copied().filter(|run| run.names == last.names).collect();
    let index = |name| last.names.iter().position(|other| other == name);
    let rounds = fair_rounds(&runs, shape);
    let ratio = compare(&rounds, mode, (index(OURS)?, index(CROSSBEAM)?), of)?;
    Some((median(&column(&rounds, mode, index(OURS)?, of)), ratio))
}

/// The rounds of one single figure in one mode: this crate's and the peer's.
pub(crate) fn single_rounds(all: &[&Measure], what: &str, other: &str, mode: Mode) -> (Vec<f64>, Vec<f64>) {
    let measures = all.iter().filter(|measure| measure.what.starts_with(what) && measure.other.starts_with(other));
    let rounds = measures.flat_map(|measure| &measure.rounds).filter(|round| round.mode == mode);
    rounds.map(|round| (round.ours, round.theirs)).unzip()
}

/// The measures outside the grid; `None` if there are none.
pub(crate) fn single(all: &[&Measure]) -> Option<String> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut table = Table::new(["", OURS, "compared with", "its figure", "ratio (95 %)"]);
    for measure in all {
        let name = (measure.what.as_str(), measure.other.as_str());
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        for mode in MODES {
            let (ours, theirs) = single_rounds(all, &measure.what, &measure.other, mode);
            if ours.is_empty() {
                continue;
            }
            let Estimate { value, low, high } = ratio(Pair { rates: &ours, others: &theirs });
            let what = if mode == Mode::Any { measure.what.clone() } else { format!("{}, {mode}", measure.what) };
            let unit = &measure.unit;
            table.row([
                what,
                format!("{:.2} {unit}", median(&ours)),
                measure.other.clone(),
                format!("{:.2} {unit}", median(&theirs)),
                format!("{} ({low:.2}–{high:.2})", bold(format!("{value:.2}"), low > 1.0)),
            ]);
        }
    }
    let text = "Less is better. **Bold**: the 95 % interval of the ratio is above 1.\n\n".to_owned() + &table.text();
    (!seen.is_empty()).then_some(text)
}

/// The modes as words for a list, such as `near and far`.
pub(crate) fn list(modes: &[Mode]) -> String {
    modes.iter().map(|&mode| capitalized(mode).to_lowercase()).collect::<Vec<_>>().join(" and ")
}
