//! The part with work between the operations: the answers, the throughput with work between the operations, the ideal and the processor time.

use results::{BOTH_MANY, COUNTER, CROSSBEAM, GO, ITER_MANY, OURS, PARK};
use support::statistics::{Estimate, geometric_mean};

use crate::data::{Cell, Cells, standing};
use crate::grid::{label, rate_and_ratio};
use crate::tables::{Table, capitalized, or_dash, ratio_with_interval, significant, work_label};

/// Whether this amount of work is in the targets. A program does some work, and with 10 000 ns all queues are equal.
pub(crate) fn is_target((before, after): (u64, u64)) -> bool {
    before + after > 0 && before + after < 20_000
}

pub(crate) fn works(cells: &Cells) -> Vec<(u64, u64)> {
    let mut works: Vec<_> = cells.0.iter().map(|cell| cell.key.work()).collect();
    works.dedup(); // cells are sorted by work
    works.sort_by_key(|&(before, after)| (before != after, before + after, before));
    works
}

/// For each peer, whether to use this buffer instead.
pub(crate) fn answers(cells: &Cells) -> String {
    let target: Vec<&Cell> = cells.filter(|key| is_target(key.work()));
    let modes = cells.modes();
    let heads = modes.iter().flat_map(|mode| [format!("{mode}: single items"), format!("{mode}: `iter_many(16)`")]);
    let mut table = Table::new(["instead of".to_owned()].into_iter().chain(heads).chain(["answer".to_owned()]));
    for peer in cells.peers() {
        let of = |mode, name| standing(&target, mode, name, &peer).map(|standing| standing.mean);
        let means = modes.iter().flat_map(|&mode| [of(mode, OURS), of(mode, ITER_MANY)]);
        let means: Vec<_> = means.map(|mean| or_dash(mean, ratio_with_interval)).collect();
        let verdicts: Vec<_> = modes.iter().map(|&mode| verdict(of(mode, OURS), of(mode, ITER_MANY))).collect();
        let answer = match &verdicts[..] {
            [] => String::new(),
            [first, rest @ ..] if rest.iter().all(|verdict| verdict == first) => first.clone(),
            _ => {
                let each = modes.iter().zip(&verdicts).map(|(mode, verdict)| format!("{mode}: {verdict}"));
                each.collect::<Vec<_>>().join("; ")
            }
        };
        table.row([peer.clone()].into_iter().chain(means).chain([answer]));
    }
    table.text()
}

fn verdict(single: Option<Estimate>, many: Option<Estimate>) -> String {
    let word = |estimate: Option<Estimate>| match estimate {
        None => "not measured",
        Some(estimate) if estimate.low > 1.0 => "faster",
        Some(estimate) if estimate.high < 1.0 => "slower",
        Some(_) => "undecided",
    };
    let (single, many) = (word(single), word(many));
    if single == many { single.to_owned() } else { format!("{single} with single items, {many} with `iter_many`") }
}

/// How near each contestant gets to the ideal and, if known, its processor time, by amount of work.
pub(crate) fn ideal(cells: &Cells) -> String {
    let names = [OURS, ITER_MANY, BOTH_MANY, PARK, CROSSBEAM, "kanal", "flume", GO, COUNTER];
    let known = cells.names();
    let names: Vec<&str> = names.into_iter().filter(|name| known.iter().any(|known| known == name)).collect();
    let mut text = String::new();
    for mode in cells.modes() {
        let mut table = Table::new(["work, ns"].into_iter().chain(names.iter().copied()));
        for work in works(cells).into_iter().filter(|&(before, after)| before + after > 0) {
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
    let mut capacities: Vec<usize> = cells.0.iter().map(|cell| cell.key.capacity).collect();
    capacities.sort_unstable();
    capacities.dedup();
    let mut text = String::new();
    for mode in cells.modes() {
        let heads = capacities.iter().map(|capacity| format!("{capacity} slots"));
        let mut table = Table::new(["work, ns".to_owned()].into_iter().chain(heads));
        for work in works(cells) {
            let column = |&capacity: &usize| {
                let some = cells.filter(|key| key.work() == work && key.capacity == capacity);
                let standing = standing(&some, mode, OURS, PARK);
                or_dash(standing.map(|standing| standing.mean), ratio_with_interval)
            };
            table.row([work_label(work)].into_iter().chain(capacities.iter().map(column)));
        }
        table.append_to(&mut text, &format!("{} cores:", capitalized(mode.to_string())));
    }
    cells.names().iter().any(|name| name == PARK).then_some(text)
}

/// Each cell, for `docs/bench/work.md`.
pub(crate) fn page(cells: &Cells) -> String {
    let names = cells.names();
    let mut text = String::from(
        "# Throughput with work between the operations\n\n\
         Written by the report program; [BENCHMARKS.md](../../BENCHMARKS.md) has the summary and the method. Medians of million \
         items per second, with the ratio of bounded-buffer to it in brackets; bold: the 95 % interval of the ratio is below 1.\n\n",
    );
    for mode in cells.modes() {
        for work in works(cells) {
            let heads = ["capacity, threads", "rounds", "ideal"].into_iter().chain(names.iter().map(String::as_str));
            let mut table = Table::new(heads);
            for cell in cells.filter(|key| key.work() == work) {
                let column = |name: &String| rate_and_ratio(cell, mode, name);
                let fixed = [label(cell), cell.rounds(mode).to_string(), or_dash(cell.ideal, significant)];
                table.row(fixed.into_iter().chain(names.iter().map(column)));
            }
            table.append_to(&mut text, &format!("## {}, {} ns", capitalized(mode.to_string()), work_label(work)));
        }
    }
    text.trim_end().to_owned() + "\n"
}
