//! What `examples/ladder --json` writes, as tables: what each step gained over the one before it.

use serde::Deserialize;

use crate::tables::line;

#[derive(Deserialize)]
pub(crate) struct Table {
    capacity: usize,
    threads: usize,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    rate: f64,
    sleeps: Option<f64>,
    futile: Option<f64>,
    switches: f64,
    cores: f64,
}

/// A table for each cell of the ladder.
pub(crate) fn tables(ladder: &[Table]) -> String {
    ladder.iter().map(table).collect::<Vec<_>>().join("\n")
}

fn table(Table { capacity, threads, rows }: &Table) -> String {
    let mut text = format!(
        "Capacity {capacity}, {threads} threads a side; sleeps, wasted wake-ups and context switches for a thousand items:\n\n\
         | step | M items/s | times the row above | sleeps | futile | switches | cores busy |\n|---|--:|--:|--:|--:|--:|--:|\n"
    );
    let counted = |count: Option<f64>| count.map_or_else(|| "–".to_owned(), |count| format!("{count:.1}"));
    let mut before = None;
    for Row { name, rate, sleeps, futile, switches, cores } in rows {
        let gain = before.map_or_else(|| "–".to_owned(), |before: f64| format!("{:.2}", rate / before));
        let (sleeps, futile) = (counted(*sleeps), counted(*futile));
        line(&mut text, &format!("| {name} | {rate:.3} | {gain} | {sleeps} | {futile} | {switches:.1} | {cores:.1} |"));
        before = Some(*rate);
    }
    text
}
