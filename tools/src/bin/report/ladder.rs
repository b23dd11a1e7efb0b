//! The figures of the example `ladder --json` as tables.

use serde::Deserialize;

use crate::tables::{Table, or_dash};

#[derive(Deserialize)]
pub(crate) struct Ladder {
    tables: Vec<Cell>,
    parking: Vec<Parking>,
}

#[derive(Deserialize)]
struct Cell {
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

fn table(Cell { capacity, threads, rows }: &Cell) -> String {
    let mut table =
        Table::new(["step", "M items/s", "gain over the row above", "parks", "wasted", "switches", "cores busy"]);
    let optional = |figure: &Option<Spread>, precision| or_dash(figure.as_ref(), |figure| figure.text(precision));
    for Row { name, rate, gain, parks, wasted, switches, cores } in rows {
        table.row([
            name.clone(),
            rate.text(3),
            optional(gain, 2),
            optional(parks, 1),
            optional(wasted, 1),
            switches.text(1),
            cores.text(1),
        ]);
    }
    format!(
        "Capacity {capacity}, {threads} threads a side; parks, wasted wake-ups and context switches per thousand items; median [quartiles]:\n\n{}",
        table.text()
    )
}

fn parking(parking: &[Parking]) -> String {
    let mut table = Table::new(["the thread was parked for", "µs"]);
    for Parking { parked_ms, wake_up_micros } in parking {
        let parked = if *parked_ms == 0 { "a moment".to_owned() } else { format!("{parked_ms} ms") };
        table.row([parked, wake_up_micros.text(1)]);
    }
    format!(
        "The time from a notification to the running thread, in microseconds; median [quartiles]:\n\n{}",
        table.text()
    )
}
