//! The pictures and their data.

use crate::data::{CROSSBEAM, Cells, ITER_MANY, Mode, OURS, PARK, Standing};
use crate::latency::list;
use crate::plot::{Bars, Heat};
use crate::tables::work_label;
use crate::work::works;

/// A file name and its content.
type Picture = (&'static str, String);

/// Peers in the plots of the empty loop.
const PEERS: [&str; 3] = [CROSSBEAM, "kanal", "Go channel"];

/// The pictures of the loop with work.
pub(crate) fn of_work(cells: &Cells) -> Vec<Picture> {
    vec![
        ("heat.svg", heat(cells)),
        ("work-crossbeam.svg", work_bars(cells, OURS, CROSSBEAM)),
        ("work-kanal.svg", work_bars(cells, OURS, "kanal")),
        ("work-iter-many.svg", work_bars(cells, ITER_MANY, CROSSBEAM)),
    ]
}

fn heat(cells: &Cells) -> String {
    let (modes, works) = (cells.modes(), works(cells));
    let peers: Vec<String> =
        cells.names().into_iter().filter(|name| crate::data::is_peer(name) || name == PARK).collect();
    let variants = [OURS, ITER_MANY];
    let heat = Heat {
        title: "Throughput as a multiple of the peer's, by nanoseconds of work before a push / after a pop".to_owned(),
        description: format!(
            "Heat map of geometric means over capacities and numbers of threads, with the cores {}: this crate's buffer with \
             single items and with iter_many(16), against {}. The tables of docs/bench/work.md have the figures of each cell.",
            list(&modes),
            peers.join(", ")
        ),
        sides: modes.iter().map(|mode| format!("cores {mode}")).collect(),
        panels: vec!["single items, against".to_owned(), "consumers with iter_many(16), against".to_owned()],
        rows: peers.clone(),
        columns: works.iter().map(|&work| work_label(work)).collect(),
    };
    heat.svg(|side, panel, row, column| {
        let some = cells.filter(|key| key.work() == works[column]);
        Some(Standing::of(&some, modes[side], variants[panel], &peers[row])?.mean)
    })
}

fn work_bars(cells: &Cells, name: &str, peer: &str) -> String {
    let (modes, works) = (cells.modes(), works(cells));
    let (capacities, threads) = (capacities(cells), threads(cells));
    let works: Vec<_> = works.into_iter().filter(|&(before, after)| before + after > 0).collect();
    let bars = Bars {
        title: format!("{name}: throughput as a multiple of {peer}'s"),
        description: format!(
            "Bars for each amount of work, number of threads and capacity, with the cores {}; the figures are in \
             docs/bench/work.md.",
            list(&modes)
        ),
        facets: capacities.iter().map(|&capacity| slots(capacity)).collect(),
        groups: works
            .iter()
            .map(|&work| {
                let rows = threads.iter().map(|(producers, consumers)| format!("{producers}×{consumers}"));
                (format!("{} ns", work_label(work)), rows.collect())
            })
            .collect(),
        series: series(&modes),
    };
    bars.svg(|facet, group, row, series| {
        let key = |key: crate::data::Key| {
            key.work() == works[group]
                && key.capacity == capacities[facet]
                && (key.producers, key.consumers) == threads[row]
        };
        cells.filter(key).first()?.ratio(modes[series], name, peer)
    })
}

/// The picture of the empty loop.
pub(crate) fn of_grid(cells: &Cells, file: &'static str, title: &str) -> Picture {
    let modes = cells.modes();
    let (capacities, threads) = (capacities(cells), threads(cells));
    let bars = Bars {
        title: format!("{title}: throughput of {OURS} as a multiple of its peers'"),
        description: format!(
            "Bars for each peer ({}), number of threads and capacity, with the cores {}; the figures are in docs/bench/grid.md.",
            PEERS.join(", "),
            list(&modes)
        ),
        facets: capacities.iter().map(|&capacity| slots(capacity)).collect(),
        groups: PEERS
            .iter()
            .map(|peer| {
                let rows = threads.iter().map(|(producers, consumers)| format!("{producers}×{consumers}"));
                ((*peer).to_owned(), rows.collect())
            })
            .collect(),
        series: series(&modes),
    };
    let svg = bars.svg(|facet, group, row, series| {
        let key =
            |key: crate::data::Key| key.capacity == capacities[facet] && (key.producers, key.consumers) == threads[row];
        cells.filter(key).first()?.ratio(modes[series], OURS, PEERS[group])
    });
    (file, svg)
}

fn slots(capacity: usize) -> String {
    if capacity == 1 { "1 slot".to_owned() } else { format!("{capacity} slots") }
}

fn series(modes: &[Mode]) -> Vec<String> {
    modes
        .iter()
        .map(|mode| if *mode == Mode::OneCore { "one core".to_owned() } else { format!("cores {mode}") })
        .collect()
}

fn capacities(cells: &Cells) -> Vec<usize> {
    let mut all: Vec<_> = cells.0.iter().map(|cell| cell.key.capacity).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn threads(cells: &Cells) -> Vec<(usize, usize)> {
    let mut all: Vec<_> = cells.0.iter().map(|cell| (cell.key.producers, cell.key.consumers)).collect();
    all.sort_unstable_by_key(|&(producers, consumers)| (producers + consumers, consumers));
    all.dedup();
    all
}
