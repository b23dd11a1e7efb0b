//! What was set out to be reached, what was measured, and whether it was.

use crate::paired::{Grid, Measure, Results};
use crate::statistics::{geometric_mean, quantile};
use crate::tables::line;

/// A target's measure: at least, or at most.
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

use Bound::{AtLeast, AtMost};

pub(crate) fn table(two: Option<&Results>, one: Option<&Results>, batch: Option<&Results>) -> Option<String> {
    two.or(one).or(batch)?;
    let mut text = "| target | bound | measured | |\n|---|--:|--:|---|\n".to_owned();
    let mut row = |what: &str, bound: &Bound, measured: Option<f64>| {
        let (sign, limit, met) = match *bound {
            AtLeast(limit) => ("≥", limit, measured.map(|measured| measured >= limit)),
            AtMost(limit) => ("≤", limit, measured.map(|measured| measured <= limit)),
        };
        let verdict = met.map_or("not measured", |met| if met { "met" } else { "**MISSED**" });
        let measured = measured.map_or_else(|| "–".to_owned(), |measured| format!("{measured:.2}"));
        line(&mut text, &format!("| {what} | {sign} {limit} | {measured} | {verdict} |"));
    };

    let mean = |results: Option<&Results>, name| Some(results?.grid.as_ref()?.against(name)?.mean);
    let worst = |results: Option<&Results>, name| Some(results?.grid.as_ref()?.against(name)?.worst);
    for (name, limit) in [
        ("crossbeam-channel", 1.25),
        ("kanal", 1.5),
        ("Go channel", 1.0),
        ("std sync_channel", 8.0),
        ("flume", 8.0),
        ("async-channel", 8.0),
        ("parkring BlockingQueue", 8.0),
        ("Java ArrayBlockingQueue", 8.0),
    ] {
        row(&format!("all cores, mean ratio to {name}"), &AtLeast(limit), mean(two, name));
    }
    row("all cores, worst cell beside crossbeam-channel", &AtLeast(0.7), worst(two, "crossbeam-channel"));
    for (name, limit) in [("crossbeam-channel", 2.0), ("kanal", 1.0), ("flume", 1.0)] {
        row(&format!("one core, mean ratio to {name}"), &AtLeast(limit), mean(one, name));
    }
    row("one core, worst cell beside crossbeam-channel", &AtLeast(1.0), worst(one, "crossbeam-channel"));
    for capacity in [64, 1024] {
        let what = format!("batches of 64, capacity {capacity}, multiple of crossbeam-channel's single items");
        let multiples = batch.and_then(|batch| Some(multiples(batch.grid.as_ref()?, capacity)));
        row(&format!("{what}, mean"), &AtLeast(4.0), multiples.as_deref().map(geometric_mean));
        row(&format!("{what}, slowest cell"), &AtLeast(4.0), multiples.map(|multiples| quantile(&multiples, 0.0)));
    }

    let single = |begin: &str, beside: &str| -> Option<&Measure> {
        two?.single.iter().find(|measure| measure.what.starts_with(begin) && measure.beside.starts_with(beside))
    };
    let ratio = |begin, beside| single(begin, beside).map(|measure| measure.ratio);
    let ours = |begin| single(begin, "").map(|measure| measure.ours);
    row("push and pop on one thread, time in crossbeam-channel's", &AtMost(0.8), ratio("push and pop", "crossbeam"));
    row(
        "push and pop on one thread, time in two bare lock/unlock pairs'",
        &AtMost(1.3),
        ratio("push and pop", "two lock"),
    );
    row("256 pushed and popped as a batch, ns an item", &AtMost(2.5), ours("256"));
    row(
        "there and back through two, median time in crossbeam-channel's",
        &AtMost(1.1),
        ratio("there and back", "crossbeam"),
    );
    row("8 waiting threads, ms of processor time in 1 s", &AtMost(1.0), ours("processor time"));
    Some(text)
}

/// What this crate's batches are of crossbeam's single items, over the cells of a capacity.
fn multiples(grid: &Grid, capacity: usize) -> Vec<f64> {
    let cells = grid.cells.iter().filter(|cell| cell.capacity == capacity);
    cells.filter_map(|cell| Some(cell.batches()?.multiple_of(cell.entry("crossbeam-channel")?).0)).collect()
}
