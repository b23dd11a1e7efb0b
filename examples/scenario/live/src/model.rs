//! The state that the view shows, computed from the events of a run. It uses neither a clock nor a terminal.
//!
//! Many threads report events, so the order of the events can differ from the order of the operations. The model identifies
//! an item by its producer and its number, so that it shows no item that was popped and counts none twice.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use scenario::{Action, Event, ThreadReport, Worker};

/// The state of a run, as far as its events show it.
#[derive(Default)]
pub struct Model {
    pub capacity: usize,
    /// The time of the first event.
    pub begin: Option<Instant>,
    /// Items that were pushed and not yet popped; the next one to be popped is first.
    items: VecDeque<Item>,
    popped: u64,
    /// Items whose pop was reported before their push: producer and number. At most one for each producer.
    popped_early: BTreeSet<(usize, u64)>,
    pub threads: BTreeMap<Worker, ThreadReport>,
    pub closed: bool,
    /// The number of items in the buffer, sampled each [`SAMPLE`]; the newest is last.
    pub levels: Vec<u64>,
    sampled_at: Option<Instant>,
}

/// The time between two samples of the fill level.
pub const SAMPLE: Duration = Duration::from_millis(200);

struct Item {
    producer: usize,
    sequence: u64,
    value: u32,
}

impl Model {
    pub fn new(capacity: usize) -> Self {
        Self { capacity, ..Self::default() }
    }

    /// Records the fill level, if the last time was long enough ago. A run that has ended changes it no more.
    pub fn sample(&mut self, now: Instant) {
        let is_due = self.sampled_at.is_none_or(|before| now.saturating_duration_since(before) >= SAMPLE);
        if is_due && !(self.closed && self.items.is_empty()) {
            self.sampled_at = Some(now);
            self.levels.push(self.level() as u64);
        }
    }

    pub fn record(&mut self, event: &Event) {
        self.begin.get_or_insert(event.at);
        if event.worker != Worker::Runner {
            self.threads.entry(event.worker).or_default().record(event);
        }
        match (event.worker, event.action) {
            (Worker::Producer(producer), Action::Pushed { sequence, value }) => {
                self.push(Item { producer, sequence, value });
            }
            (_, Action::Popped { producer, sequence, .. }) => self.pop(producer, sequence),
            (_, Action::Closed) => self.closed = true,
            _ => {}
        }
    }

    fn push(&mut self, item: Item) {
        if !self.popped_early.remove(&(item.producer, item.sequence)) {
            self.items.push_back(item);
        }
    }

    fn pop(&mut self, producer: usize, sequence: u64) {
        self.popped += 1;
        // The item is near the front: only items whose pops are reported at the same time can precede it.
        match self.items.iter().position(|item| (item.producer, item.sequence) == (producer, sequence)) {
            Some(index) => _ = self.items.remove(index),
            None => _ = self.popped_early.insert((producer, sequence)),
        }
    }

    /// Returns the number of items in the buffer, at most the capacity.
    pub fn level(&self) -> usize {
        self.items.len() - self.gone()
    }

    /// Items beyond the capacity were popped by consumers that have not reported it yet.
    fn gone(&self) -> usize {
        self.items.len().saturating_sub(self.capacity)
    }

    /// Returns the slot of the item that is popped next.
    pub fn head(&self) -> usize {
        self.slot(self.gone())
    }

    /// Returns the slot into which the next item is pushed.
    pub fn tail(&self) -> usize {
        self.slot(self.items.len())
    }

    /// Returns the value in each slot.
    pub fn slots(&self) -> Vec<Option<u32>> {
        let mut slots = vec![None; self.capacity];
        for (index, item) in self.items.iter().enumerate().skip(self.gone()) {
            slots[self.slot(index)] = Some(item.value);
        }
        slots
    }

    /// Returns the slot of the item at this index: items are numbered in the order of their pushes, modulo the capacity.
    fn slot(&self, index: usize) -> usize {
        let number = self.popped + index as u64;
        usize::try_from(number % self.capacity as u64).expect("it is less than the capacity, which is a usize")
    }
}
