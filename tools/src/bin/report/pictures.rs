//! The pictures and their data.

use results::cells::{Cell, Cells, is_peer, mean};
use results::tables::{cores, work_label};
use results::{CROSSBEAM, GO, ITER_MANY, Mode, OURS, PARK};
use support::statistics::Estimate;

use crate::plot::{Bars, Heat};

/// A file name and its content.
type Picture = (&'static str, String);

/// Peers in the plots of the empty loop.
const PEERS: [&str; 3] = [CROSSBEAM, "kanal", GO];

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
    let (modes, works) = (cells.modes(), cells.works());
    let peers: Vec<String> = cells.names().into_iter().filter(|name| is_peer(name) || name == PARK).collect();
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
        mean(&some, modes[side], variants[panel], &peers[row])
    })
}

fn work_bars(cells: &Cells, name: &str, peer: &str) -> String {
    let works: Vec<_> = cells.works().into_iter().filter(|&(before, after)| before + after > 0).collect();
    let groups = works.iter().map(|&work| format!("{} ns", work_label(work))).collect();
    let title = format!("{name}: throughput as a multiple of {peer}'s");
    let rows = "each amount of work, number of threads and capacity";
    bars(cells, (title, rows, "work.md"), groups, |group, cell, mode| {
        (cell.key.work() == works[group]).then(|| cell.ratio(mode, name, peer)).flatten()
    })
}

/// The picture of the empty loop.
pub(crate) fn of_grid(cells: &Cells, file: &'static str, title: &str) -> Picture {
    let groups = PEERS.map(str::to_owned).to_vec();
    let title = format!("{title}: throughput of {OURS} as a multiple of its peers'");
    let rows = format!("each peer ({}), number of threads and capacity", PEERS.join(", "));
    let svg = bars(cells, (title, &rows, "grid.md"), groups, |group, cell, mode| cell.ratio(mode, OURS, PEERS[group]));
    (file, svg)
}

/// Bars with a facet for each capacity, and in each group a row for each number of threads. `words` are the title, what the bars
/// stand for, and the page with the figures; `ratio` returns that of a group, a cell and a mode.
fn bars(
    cells: &Cells,
    words: (String, &str, &str),
    groups: Vec<String>,
    ratio: impl Fn(usize, &Cell, Mode) -> Option<Estimate>,
) -> String {
    let (modes, capacities, threads) = (cells.modes(), cells.capacities(), threads(cells));
    let (title, rows, page) = words;
    let labels: Vec<_> = threads.iter().map(|(producers, consumers)| format!("{producers}×{consumers}")).collect();
    let bars = Bars {
        title,
        description: format!("Bars for {rows}, with the cores {}; the figures are in docs/bench/{page}.", list(&modes)),
        facets: capacities.iter().map(|&capacity| slots(capacity)).collect(),
        groups: groups.into_iter().map(|group| (group, labels.clone())).collect(),
        series: modes.iter().map(|&mode| cores(mode)).collect(),
    };
    bars.svg(|facet, group, row, series| {
        let some = cells.filter(|key| {
            key.shape.capacity == capacities[facet] && (key.shape.producers, key.shape.consumers) == threads[row]
        });
        some.into_iter().find_map(|cell| ratio(group, cell, modes[series]))
    })
}

fn slots(capacity: usize) -> String {
    if capacity == 1 { "1 slot".to_owned() } else { format!("{capacity} slots") }
}

fn threads(cells: &Cells) -> Vec<(usize, usize)> {
    let mut all: Vec<_> = cells.0.iter().map(|cell| (cell.key.shape.producers, cell.key.shape.consumers)).collect();
    all.sort_unstable_by_key(|&(producers, consumers)| (producers + consumers, consumers));
    all.dedup();
    all
}

/// The modes as words, such as `near and far`.
fn list(modes: &[Mode]) -> String {
    modes.iter().map(Mode::to_string).collect::<Vec<_>>().join(" and ")
}
