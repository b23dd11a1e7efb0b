//! What `cargo bench --bench paired` writes.

use serde::{Deserialize, Serialize};

use crate::statistics::{Standing, median, median_interval};

/// How this crate's buffer is called in the tables.
pub(crate) const OURS: &str = "bounded-buffer";

#[derive(Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) grid: Option<Grid>,
    pub(crate) single: Vec<Measure>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) cores_that_ran: f64,
    pub(crate) cores_that_ran_after: f64,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
    pub(crate) commit: String,
    pub(crate) date: String,
    pub(crate) command: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Grid {
    pub(crate) item: String,
    pub(crate) rounds: usize,
    pub(crate) run_ms: u64,
    pub(crate) cells: Vec<Cell>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Cell {
    pub(crate) capacity: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) rate: f64,
    pub(crate) ratio: f64,
    pub(crate) ratio_interval: (f64, f64),
    /// Round by round; not kept in a record.
    #[serde(default, skip_serializing)]
    rates: Vec<f64>,
}

impl Entry {
    /// Its multiple of another's rate, and the interval of that: by the rounds, as `paired` sets this crate's beside each.
    pub(crate) fn multiple_of(&self, other: &Self) -> (f64, (f64, f64)) {
        let ratios: Vec<_> = self.rates.iter().zip(&other.rates).map(|(rate, other)| rate / other).collect();
        (median(&ratios), median_interval(&ratios))
    }
}

/// Times: less is better.
#[derive(Serialize, Deserialize)]
pub(crate) struct Measure {
    pub(crate) what: String,
    pub(crate) unit: String,
    pub(crate) ours: f64,
    pub(crate) beside: String,
    pub(crate) theirs: f64,
    pub(crate) ratio: f64,
}

impl Cell {
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// This crate's, in batches; and what they were called.
    pub(crate) fn batches(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| is_own(&entry.name) && entry.name.contains("batches"))
    }

    pub(crate) fn label(&self) -> String {
        format!("{}, {}×{}", self.capacity, self.producers, self.consumers)
    }
}

/// A variant of this crate's buffer: to be compared with, and no peer.
pub(crate) fn is_own(name: &str) -> bool {
    name.starts_with(OURS)
}

impl Grid {
    /// Everyone in it but this crate's buffer: the peers in the order of the first mention, then its own variants.
    pub(crate) fn others(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for Entry { name, .. } in self.cells.iter().flat_map(|cell| &cell.entries) {
            if name != OURS && !names.contains(&name.as_str()) {
                names.push(name.as_str());
            }
        }
        names.sort_by_key(|name| is_own(name));
        names
    }

    /// This crate's buffer against another, over all cells that have it.
    pub(crate) fn against(&self, name: &str) -> Option<Standing> {
        let entries = self.cells.iter().filter_map(|cell| cell.entry(name));
        let cells: Vec<_> = entries.map(|entry| (entry.ratio, entry.ratio_interval)).collect();
        (!cells.is_empty()).then(|| Standing::of(&cells))
    }
}
