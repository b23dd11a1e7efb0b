//! The part with work between the operations: the ideal, the processor time, the strategies and the losses.

use std::fmt::Write;

use results::cells::{Cells, mean};
use results::tables::{Table, capitalized, or_dash, ratio_with_interval, significant, work_label};
use results::{BOTH_MANY, COUNTER, CROSSBEAM, GO, ITER_MANY, Key, OURS, PARK};
use support::statistics::{Estimate, geometric_mean};

use crate::measured::Processor;

/// How near each contestant gets to the ideal and, if known, its processor time, by amount of work.
pub(crate) fn ideal(cells: &Cells) -> String {
    let names = [OURS, ITER_MANY, BOTH_MANY, PARK, CROSSBEAM, "kanal", "flume", GO, COUNTER];
    let known = cells.names();
    let names: Vec<&str> = names.into_iter().filter(|name| known.iter().any(|known| known == name)).collect();
    let mut text = String::new();
    for mode in cells.modes() {
        let mut table = Table::new(["work, ns"].into_iter().chain(names.iter().copied()));
        for work in cells.works().into_iter().filter(|&(before, after)| before + after > 0) {
            let some = cells.filter(|key| key.work() == work);
            let column = |name: &&str| {
                let parts = some.iter().filter_map(|cell| Some(cell.rate(mode, name)? / cell.ideal?));
                let times = some.iter().filter_map(|cell| cell.processor_ns(mode, name));
                let (part, time) = (geometric_mean(parts), geometric_mean(times));
                match (part.is_nan(), time.is_nan()) {
                    (true, _) => "–".to_owned(),
                    (false, true) => format!("{:.0} %", part * 100.0),
                    (false, false) => format!("{:.0} %, {} ns", part * 100.0, significant(time)),
                }
            };
            table.row([work_label(work)].into_iter().chain(names.iter().map(column)));
        }
        table.append_to(&mut text, &format!("{} cores:", capitalized(mode.to_string())));
    }
    text
}

/// `WaitStrategy::Adaptive` as a multiple of `WaitStrategy::Park`, by work and capacity; `None` without a run that has both.
pub(crate) fn strategies(cells: &Cells) -> Option<String> {
    let capacities = cells.capacities();
    let mut text = String::new();
    for mode in cells.modes() {
        let heads = capacities.iter().map(|capacity| format!("{capacity} slots"));
        let mut table = Table::new(["work, ns".to_owned()].into_iter().chain(heads));
        for work in cells.works() {
            let column = |&capacity: &usize| {
                let some = cells.filter(|key| key.work() == work && key.shape.capacity == capacity);
                or_dash(mean(&some, mode, OURS, PARK), ratio_with_interval)
            };
            table.row([work_label(work)].into_iter().chain(capacities.iter().map(column)));
        }
        table.append_to(&mut text, &format!("{} cores:", capitalized(mode.to_string())));
    }
    cells.names().iter().any(|name| name == PARK).then_some(text)
}

/// The cells in which this crate's buffer loses to crossbeam-channel with its whole interval, as a list.
pub(crate) fn losses(processors: &[Processor<'_>]) -> String {
    let mut text = String::new();
    for processor in processors {
        let cells = &processor.work;
        for mode in cells.modes() {
            let ratios = cells.0.iter().filter_map(|cell| Some((cell.key, cell.ratio(mode, OURS, CROSSBEAM)?)));
            let ratios: Vec<(Key, Estimate)> = ratios.collect();
            let mut lost: Vec<_> = ratios.iter().filter(|(_, ratio)| ratio.high < 1.0).collect();
            lost.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
            let worst = lost.iter().take(3).map(|(key, ratio)| {
                format!(
                    "{:.2} with {} ns, {} slots, {}",
                    ratio.value,
                    work_label(key.work()),
                    key.shape.capacity,
                    key.shape.threads()
                )
            });
            let worst = worst.collect::<Vec<_>>().join("; ");
            let lowest = if worst.is_empty() { worst } else { format!("; the lowest: {worst}") };
            let (name, all) = (processor.name(), ratios.len());
            writeln!(text, "- {name}, {mode}: {} of {all} cells{lowest}.", lost.len())
                .expect("a string accepts any text");
        }
    }
    text
}
