//! The state that the view shows, computed from the events of a run. It uses neither a clock nor a terminal.
//!
//! Many threads report events, so the order of the events can differ from the order of the operations. The model identifies
//! an item by its producer and its number, so that it shows no item that was popped and counts none twice.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use scenario::{Action, Event, Worker};

/// The state of a run, as far as its events show it.
#[derive(Default)]
pub struct Model {
    capacity: usize,
    /// Items that were pushed and not yet popped; the next one to be popped is first.
    items: VecDeque<Item>,
    popped: u64,
    /// Items whose pop was reported before their push: producer and number. At most one for each producer.
    popped_early: BTreeSet<(usize, u64)>,
    producers: Vec<Thread>,
    consumers: Vec<Thread>,
    closed: bool,
    /// The number of items in the buffer, sampled each [`SAMPLE`]; the newest is first.
    levels: VecDeque<u64>,
    sampled_at: Option<Instant>,
}

/// The time between two samples of the fill level.
pub const SAMPLE: Duration = Duration::from_millis(200);

/// More samples than any terminal has columns.
const SAMPLES: usize = 512;

struct Item {
    producer: usize,
    sequence: u64,
    value: u32,
}

/// A producer or a consumer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thread {
    pub state: State,
    /// Number of items that it pushed or popped.
    pub items: u64,
    /// How often it waited.
    pub blocked: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum State {
    #[default]
    Working,
    /// On a full buffer (a producer) or an empty one (a consumer), since this time.
    Blocked(Instant),
    Ended,
    Failed,
}

/// A copy of the state to draw from. Its size is bounded by that of the terminal.
pub struct Snapshot {
    pub capacity: usize,
    /// Number of items in the buffer, at most the capacity.
    pub len: usize,
    /// Slot of the item that is popped next.
    pub head: usize,
    /// Slot into which the next item is pushed.
    pub tail: usize,
    /// The value in each slot; `None` if the slots do not fit.
    pub slots: Option<Vec<Option<u32>>>,
    pub producers: Vec<Thread>,
    pub consumers: Vec<Thread>,
    pub closed: bool,
    /// The fill level over time; the newest is last.
    pub levels: Vec<u64>,
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
            self.levels.truncate(SAMPLES);
            self.levels.push_front(self.items.len().min(self.capacity) as u64);
        }
    }

    pub fn record(&mut self, event: &Event) {
        match event.worker {
            Worker::Producer(id) => record_in(&mut self.producers, id, event),
            Worker::Consumer(id) => record_in(&mut self.consumers, id, event),
            Worker::Runner => {}
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
        // A producer reports its items in order, so its count shows which of them it has reported.
        if self.producers.get(producer - 1).is_none_or(|thread| thread.items <= sequence) {
            self.popped_early.insert((producer, sequence));
            return;
        }
        // The item is near the front: only items whose pops are reported at the same time can precede it.
        let index = self.items.iter().position(|item| (item.producer, item.sequence) == (producer, sequence));
        if let Some(index) = index {
            self.items.remove(index);
        }
    }

    /// Returns a copy of the state, with the slots if there are at most `most`.
    pub fn snapshot(&self, most: usize) -> Snapshot {
        // Items beyond the capacity were popped by consumers that have not reported it yet.
        let gone = self.items.len().saturating_sub(self.capacity);
        let len = self.items.len() - gone;
        let head = self.slot(gone);
        let slots = (self.capacity <= most).then(|| {
            let mut slots = vec![None; self.capacity];
            for (index, item) in self.items.iter().enumerate().skip(gone) {
                slots[self.slot(index)] = Some(item.value);
            }
            slots
        });
        Snapshot {
            capacity: self.capacity,
            len,
            head,
            tail: (head + len) % self.capacity,
            slots,
            producers: self.producers.clone(),
            consumers: self.consumers.clone(),
            closed: self.closed,
            levels: self.levels.iter().rev().copied().collect(),
        }
    }

    /// Returns the slot of the item at this index: items are numbered in the order of their pushes, modulo the capacity.
    fn slot(&self, index: usize) -> usize {
        let number = self.popped + index as u64;
        usize::try_from(number % self.capacity as u64).expect("it is less than the capacity, which is a usize")
    }
}

fn record_in(threads: &mut Vec<Thread>, id: usize, event: &Event) {
    if threads.len() < id {
        threads.resize(id, Thread::default()); // threads start in any order
    }
    let thread = &mut threads[id - 1];
    match event.action {
        Action::WaitBegan => {
            thread.state = State::Blocked(event.at);
            thread.blocked += 1;
        }
        Action::WaitEnded => thread.state = State::Working,
        Action::Pushed { .. } | Action::Popped { .. } => thread.items += 1,
        Action::Ended => thread.state = State::Ended,
        Action::Failed => thread.state = State::Failed,
        _ => {}
    }
}

impl Snapshot {
    /// Returns whether all threads have ended.
    pub fn has_ended(&self) -> bool {
        let mut threads = self.producers.iter().chain(&self.consumers);
        self.closed && threads.all(|thread| matches!(thread.state, State::Ended | State::Failed))
    }
}
