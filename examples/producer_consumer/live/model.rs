//! What the view shows, made of the events of a run. Pure: no clock, no terminal.
//!
//! Events are told by many threads, so their order is not quite that of the buffer. That is settled here: an item is known
//! by who pushed it and its number, so that none is shown that is gone, and nothing is counted twice.

use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

use bounded_buffer::runner::{Action, Event, Worker};

/// What is known of a run so far.
pub(crate) struct Model {
    capacity: usize,
    /// Pushed and not yet popped, as far as was told; the next to be popped first.
    items: VecDeque<Item>,
    popped: u64,
    /// Popped before the push was told: producer and number. As many as there are producers, at most.
    early: BTreeSet<(usize, u64)>,
    producers: Vec<Thread>,
    consumers: Vec<Thread>,
    closed: bool,
}

struct Item {
    producer: usize,
    sequence: u64,
    value: u32,
}

/// A producer or a consumer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Thread {
    pub(crate) state: State,
    /// Pushed or popped by it.
    pub(crate) items: u64,
    /// How often it had to wait.
    pub(crate) blocked: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum State {
    #[default]
    Working,
    /// On a full buffer, if it is a producer; else on an empty one. Since when.
    Blocked(Instant),
    Ended,
    Failed,
}

/// A copy of the model to draw from, no larger than what fits.
pub(crate) struct Picture {
    pub(crate) capacity: usize,
    /// Items in the buffer; never more than the capacity.
    pub(crate) len: usize,
    /// The slot of the item that is popped next.
    pub(crate) head: usize,
    /// The slot into which the next item is pushed.
    pub(crate) tail: usize,
    /// What is in each slot, if all of them fit.
    pub(crate) slots: Option<Vec<Option<u32>>>,
    pub(crate) pushed: u64,
    pub(crate) popped: u64,
    pub(crate) producers: Vec<Thread>,
    pub(crate) consumers: Vec<Thread>,
    pub(crate) closed: bool,
}

impl Model {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            items: VecDeque::new(),
            popped: 0,
            early: BTreeSet::new(),
            producers: Vec::new(),
            consumers: Vec::new(),
            closed: false,
        }
    }

    pub(crate) fn note(&mut self, event: &Event) {
        match event.worker {
            Worker::Producer(id) => note_in(&mut self.producers, id, event),
            Worker::Consumer(id) => note_in(&mut self.consumers, id, event),
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
        if !self.early.remove(&(item.producer, item.sequence)) {
            self.items.push_back(item);
        }
    }

    fn pop(&mut self, producer: usize, sequence: u64) {
        self.popped += 1;
        // A producer tells of its items in order, so its count says which of them were told.
        if self.producers.get(producer - 1).is_none_or(|thread| thread.items <= sequence) {
            self.early.insert((producer, sequence));
            return;
        }
        // At or near the front: only who tells at the same time can come before it.
        let place = self.items.iter().position(|item| (item.producer, item.sequence) == (producer, sequence));
        if let Some(place) = place {
            self.items.remove(place);
        }
    }

    /// With the slots if there are no more than `most`.
    pub(crate) fn picture(&self, most: usize) -> Picture {
        // More than fit are in the hands of consumers who have yet to tell.
        let gone = self.items.len().saturating_sub(self.capacity);
        let len = self.items.len() - gone;
        let head = self.slot(gone);
        let slots = (self.capacity <= most).then(|| {
            let mut slots = vec![None; self.capacity];
            for (place, item) in self.items.iter().enumerate().skip(gone) {
                slots[self.slot(place)] = Some(item.value);
            }
            slots
        });
        Picture {
            capacity: self.capacity,
            len,
            head,
            tail: (head + len) % self.capacity,
            slots,
            pushed: self.popped + self.items.len() as u64,
            popped: self.popped,
            producers: self.producers.clone(),
            consumers: self.consumers.clone(),
            closed: self.closed,
        }
    }

    /// Where the item at this place of the line is: items are numbered as they are pushed, and go round the ring.
    fn slot(&self, place: usize) -> usize {
        let number = self.popped + place as u64;
        usize::try_from(number % self.capacity as u64).expect("less than the capacity, which is a usize")
    }
}

fn note_in(threads: &mut Vec<Thread>, id: usize, event: &Event) {
    if threads.len() < id {
        threads.resize(id, Thread::default()); // threads begin in any order
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

impl Picture {
    /// How many slots of this stretch of the ring have an item.
    pub(crate) fn taken_in(&self, from: usize, to: usize) -> usize {
        // The items are one stretch from the head on; what runs over the end goes on at slot 0.
        let overlap = |begin: usize, end: usize| end.min(to).saturating_sub(begin.max(from));
        let end = self.head + self.len;
        overlap(self.head, end.min(self.capacity)) + overlap(0, end.saturating_sub(self.capacity))
    }
}
