//! The figures of the example `ladder --json` as tables.

use serde::Deserialize;

use crate::tables::line;

#[derive(Deserialize)]
pub(crate) struct Ladder {
    tables: Vec<Table>,
    parking: Vec<Parking>,
}

#[derive(Deserialize)]
struct Table {
    capacity: usize,
    threads: usize,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    rate: Spread,
    gain: Option<Spread>,
    parks: Option<Spread>,
    wasted: Option<Spread>,
    switches: Spread,
    cores: Spread,
}

/// The median and the quartiles over the rounds.
#[derive(Deserialize)]
struct Spread {
    median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    fn text(&self, precision: usize) -> String {
        let Self { median, low, high } = self;
        format!("{median:.precision$} [{low:.precision$}–{high:.precision$}]")
    }
}

#[derive(Deserialize)]
struct Parking {
    parked_ms: u64,
    wake_up_micros: Spread,
}

/// A table for each capacity and number of threads, and one for the cost of parking.
pub(crate) fn tables(ladder: &Ladder) -> String {
    let tables: Vec<_> = ladder.tables.iter().map(table).chain([parking(&ladder.parking)]).collect();
    tables.join("\n")
}

fn table(Table { capacity, threads, rows }: &Table) -> String {
    let mut text = format!(
        "Capacity {capacity}, {threads} threads a side; parks, wasted wake-ups and context switches per thousand items; median [quartiles]:\n\n\
         | step | M items/s | gain over the row above | parks | wasted | switches | cores busy |\n|---|--:|--:|--:|--:|--:|--:|\n"
    );
    let optional = |figure: &Option<Spread>, precision| {
        figure.as_ref().map_or_else(|| "–".to_owned(), |figure| figure.text(precision))
    };
    for Row { name, rate, gain, parks, wasted, switches, cores } in rows {
        let [rate, switches, cores] = [rate.text(3), switches.text(1), cores.text(1)];
        let [gain, parks, wasted] = [optional(gain, 2), optional(parks, 1), optional(wasted, 1)];
        line(&mut text, &format!("| {name} | {rate} | {gain} | {parks} | {wasted} | {switches} | {cores} |"));
    }
    text
}

fn parking(parking: &[Parking]) -> String {
    let mut text = "The time from a notification to the running thread, in microseconds; median [quartiles]:\n\n\
         | the thread was parked for | µs |\n|---|--:|\n"
        .to_owned();
    for Parking { parked_ms, wake_up_micros } in parking {
        let parked = if *parked_ms == 0 { "a moment".to_owned() } else { format!("{parked_ms} ms") };
        line(&mut text, &format!("| {parked} | {} |", wake_up_micros.text(1)));
    }
    text
}
