//! What `cargo bench --bench paired` writes.

use serde::Deserialize;

/// How this crate's buffer is called in the tables.
pub(crate) const OURS: &str = "bounded-buffer";

#[derive(Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) grid: Option<Grid>,
    pub(crate) single: Vec<Measure>,
}

#[derive(Deserialize)]
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

#[derive(Deserialize)]
pub(crate) struct Grid {
    pub(crate) item: String,
    pub(crate) rounds: usize,
    pub(crate) run_ms: u64,
    pub(crate) cells: Vec<Cell>,
    pub(crate) summary: Vec<Summary>,
}

#[derive(Deserialize)]
pub(crate) struct Cell {
    pub(crate) capacity: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) rate: f64,
    pub(crate) ratio: f64,
    pub(crate) ratio_interval: (f64, f64),
}

#[derive(Deserialize)]
pub(crate) struct Summary {
    pub(crate) name: String,
    pub(crate) cells: usize,
    pub(crate) ratio: f64,
    pub(crate) worst: f64,
    pub(crate) wins: usize,
}

/// Times: less is better.
#[derive(Deserialize)]
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

    pub(crate) fn label(&self) -> String {
        format!("{}, {}×{}", self.capacity, self.producers, self.consumers)
    }
}

impl Grid {
    /// Everyone in it, in the order of the first mention.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for entry in self.cells.iter().flat_map(|cell| &cell.entries) {
            if !names.contains(&entry.name.as_str()) {
                names.push(entry.name.as_str());
            }
        }
        names
    }

    pub(crate) fn against(&self, name: &str) -> Option<&Summary> {
        self.summary.iter().find(|summary| summary.name == name)
    }
}
