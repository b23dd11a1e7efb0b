//! The targets, what was measured, and whether the targets are met.

use results::{BOTH_MANY, CROSSBEAM, FairRun, GO, ITER_MANY, Key, Measure, Mode, OURS, PARK, RateRun};
use support::statistics::{Estimate, Pair, geometric_mean, median, ratio};

use crate::data::{Cell, Cells, is_peer, standing};
use crate::latency::{fair_figure, rate_ratio, single_rounds};
use crate::measured::Measured;
use crate::tables::{Table, work_label};
use crate::work::is_target;

/// The bound of a target.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

use Bound::{AtLeast, AtMost};

struct Targets(Table);

impl Targets {
    /// A target; `measured` is `None` where it was not measured.
    fn add(&mut self, what: &str, bound: Bound, measured: Option<f64>) {
        let measured = measured.filter(|measured| measured.is_finite());
        let (sign, limit, met) = match bound {
            AtLeast(limit) => ("≥", limit, measured.map(|measured| measured >= limit)),
            AtMost(limit) => ("≤", limit, measured.map(|measured| measured <= limit)),
        };
        let verdict = met.map_or("not measured", |met| if met { "met" } else { "**missed**" });
        let measured = measured.map_or_else(|| "–".to_owned(), |measured| format!("{measured:.2}"));
        self.0.row([what, &format!("{sign} {limit}"), &measured, verdict]);
    }
}

pub(crate) fn table(measured: &Measured<'_>) -> String {
    let mut targets = Targets(Table::new(["target", "bound", "measured", ""]));
    for (mode, at) in [(Mode::Near, 0), (Mode::Far, 1)] {
        work(&mut targets, &measured.work, mode, at);
    }
    for mode in [Mode::Near, Mode::Far] {
        empty_loop(&mut targets, &measured.grid, mode);
    }
    one_core(&mut targets, &measured.one_core);
    for mode in [Mode::Near, Mode::Far] {
        for capacity in [64, 1024] {
            let cells = measured.batches.filter(|key| key.capacity == capacity);
            let standing = standing(&cells, mode, "bounded-buffer, batches of 64", CROSSBEAM);
            let what = format!("batches of 64, {capacity} slots, {mode}, to crossbeam's single items, mean");
            targets.add(&what, AtLeast(4.0), standing.map(|standing| standing.mean.value));
        }
    }
    single(&mut targets, &measured.single);
    for mode in [Mode::Near, Mode::Far] {
        saturated(&mut targets, measured, mode);
    }
    targets.0.text()
}

fn work(targets: &mut Targets, cells: &Cells, mode: Mode, at: usize) {
    let target = cells.filter(|key| is_target(key.work()));
    let fifty = cells.filter(|key| key.work() == (50, 50));
    let mean = |some: &[&Cell], name, other| standing(some, mode, name, other).map(|standing| standing.mean.value);
    let worst = |some: &[&Cell], name, other| standing(some, mode, name, other).map(|standing| standing.worst);
    let mut add =
        |what: &str, bounds: [f64; 2], value| targets.add(&format!("work, {mode}: {what}"), AtLeast(bounds[at]), value);
    add("mean ratio to crossbeam-channel", [1.1, 1.0], mean(&target, OURS, CROSSBEAM));
    add("mean ratio to the best peer of each cell", [1.0, 0.9], Some(to_the_best(cells, &target, mode)));
    add("mean ratio to crossbeam-channel, 50/50 ns alone", [0.95, 0.75], mean(&fifty, OURS, CROSSBEAM));
    add("worst cell to crossbeam-channel", [0.8, 0.6], worst(&target, OURS, CROSSBEAM));
    add("worst cell to bounded-buffer (Park)", [0.9, 0.9], worst(&target, OURS, PARK));
    add("`iter_many(16)`, mean ratio to crossbeam-channel", [1.25, 1.25], mean(&target, ITER_MANY, CROSSBEAM));
    let large = cells.filter(|key| is_target(key.work()) && key.capacity >= 64);
    add("`push_many` and `iter_many(16)`, from 64 slots on", [1.5, 1.7], mean(&large, BOTH_MANY, CROSSBEAM));
    let long = cells.filter(|key| key.before_push_ns + key.after_pop_ns >= 500);
    let parts = long.iter().filter_map(|cell| Some(cell.rate(mode, OURS)? / cell.ideal?));
    add("from 500 ns of work on, throughput divided by the ideal, mean", [0.85, 0.85], Some(geometric_mean(parts)));
}

/// The mean of the ratios to the fastest peer of each cell.
fn to_the_best(all: &Cells, cells: &[&Cell], mode: Mode) -> f64 {
    let peers: Vec<_> = all.names().into_iter().filter(|name| is_peer(name)).collect();
    let best = |cell: &&Cell| {
        let rates = peers.iter().filter_map(|peer| cell.rate(mode, peer));
        Some(cell.rate(mode, OURS)? / rates.reduce(f64::max)?)
    };
    geometric_mean(cells.iter().filter_map(best))
}

fn empty_loop(targets: &mut Targets, cells: &Cells, mode: Mode) {
    let all = cells.all();
    for (name, limit) in [
        (CROSSBEAM, 1.25),
        ("kanal", 1.5),
        ("std sync_channel", 8.0),
        ("flume", 8.0),
        ("async-channel", 8.0),
        ("parkring BlockingQueue", 8.0),
        ("Java ArrayBlockingQueue", 8.0),
    ] {
        let mean = standing(&all, mode, OURS, name).map(|standing| standing.mean.value);
        targets.add(&format!("empty loop, {mode}: mean ratio to {name}"), AtLeast(limit), mean);
    }
    let large = cells.filter(|key| key.capacity >= 64);
    let go = standing(&large, mode, OURS, GO).map(|standing| standing.mean.value);
    targets.add(&format!("empty loop, {mode}: mean ratio to Go channel, from 64 slots on"), AtLeast(1.0), go);
    let worst = standing(&all, mode, OURS, CROSSBEAM).map(|standing| standing.worst);
    targets.add(&format!("empty loop, {mode}: worst cell to crossbeam-channel"), AtLeast(0.8), worst);
}

fn one_core(targets: &mut Targets, cells: &Cells) {
    for (name, limit) in [(CROSSBEAM, 2.0), ("flume", 1.5), ("kanal", 1.0)] {
        let mean = standing(&cells.all(), Mode::OneCore, OURS, name).map(|standing| standing.mean.value);
        targets.add(&format!("empty loop, one core: mean ratio to {name}"), AtLeast(limit), mean);
    }
}

fn single(targets: &mut Targets, all: &[&Measure]) {
    let rounds = |what, other, mode| Some(single_rounds(all, what, other, mode)).filter(|rounds| !rounds.0.is_empty());
    let to = |what, other, mode| -> Option<f64> {
        let (rates, others) = rounds(what, other, mode)?;
        let Estimate { value, .. } = ratio(Pair { rates: &rates, others: &others });
        Some(value)
    };
    let ours = |what, mode| Some(median(&rounds(what, "", mode)?.0));
    let pair = "push and pop, one thread";
    targets.add("push and pop on one thread, time to crossbeam's", AtMost(0.65), to(pair, CROSSBEAM, Mode::Any));
    targets.add("push and pop on one thread, time to two lock/unlock pairs'", AtMost(1.0), to(pair, "two", Mode::Any));
    targets.add("256 items pushed and popped as a batch, ns per item", AtMost(2.0), ours("256", Mode::Any));
    for mode in [Mode::Near, Mode::Far] {
        let what = format!("round trip through two buffers, median time to crossbeam's, {mode}");
        targets.add(&what, AtMost(1.0), to("round trip", CROSSBEAM, mode));
    }
    targets.add(
        "`pop_timeout(1 ms)` next to four busy threads, median ms",
        AtMost(1.5),
        ours("pop_timeout", Mode::Any),
    );
    targets.add("8 waiting threads, ms of processor time in 1 s", AtMost(1.0), ours("processor time", Mode::Any));
}

fn saturated(targets: &mut Targets, measured: &Measured<'_>, mode: Mode) {
    for rate in [1_000, 10_000, 100_000] {
        let p99 = rate_ratio(&measured.rate, rate, mode, |run: &RateRun| run.in_buffer.p99);
        let processor = rate_ratio(&measured.rate, rate, mode, |run: &RateRun| run.consumer_percent);
        let value = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.value);
        targets.add(&format!("open loop, {rate} items/s, {mode}: p99 to crossbeam's"), AtMost(1.0), value(p99));
        let what = format!("open loop, {rate} items/s, {mode}: processor time to crossbeam's");
        targets.add(&what, AtMost(1.0), value(processor));
    }
    for capacity in [5, 1024] {
        let shape = (capacity, 16, 16);
        let figure = |of: fn(&FairRun) -> f64| fair_figure(&measured.fair, shape, mode, of);
        let what = |what: &str| format!("saturated, {capacity} slots, 16×16, {mode}: {what}");
        let longest = |run: &FairRun| run.longest_push_ms.max(run.longest_pop_ms);
        targets.add(&what("longest push or pop, ms"), AtMost(20.0), figure(longest).map(|figure| figure.0));
        let index = |run: &FairRun| run.producers_index.min(run.consumers_index);
        targets.add(&what("Jain's index of the worse side"), AtLeast(0.95), figure(index).map(|figure| figure.0));
        let rate = figure(|run| run.rate).map(|figure| figure.1.value);
        targets.add(&what("throughput to crossbeam's"), AtLeast(0.9), rate);
    }
}

/// The cells in which this crate's buffer loses to crossbeam with its whole interval, as a list.
pub(crate) fn losses(cells: &Cells) -> String {
    let mut text = String::new();
    for mode in cells.modes() {
        let lost = |cell: &Cell| cell.ratio(mode, OURS, CROSSBEAM).filter(|ratio| ratio.high < 1.0);
        let mut lost: Vec<(Key, Estimate)> =
            cells.all().into_iter().filter_map(|cell| Some((cell.key, lost(cell)?))).collect();
        lost.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let measured = cells.0.iter().filter(|cell| cell.ratio(mode, OURS, CROSSBEAM).is_some()).count();
        let mut sentence = format!("- {mode}: {} of {measured} cells", lost.len());
        let worst = lost.iter().take(5).map(|(key, ratio)| {
            let Key { capacity, .. } = key;
            format!("{:.2} with {} ns, {capacity} slots, {}", ratio.value, work_label(key.work()), key.threads())
        });
        let worst: Vec<_> = worst.collect();
        if !worst.is_empty() {
            sentence += if worst.len() < lost.len() { ". The lowest ratios: " } else { ": " };
            sentence += &worst.join("; ");
        }
        sentence += ".";
        text.extend([&sentence, "\n"]);
    }
    text
}
