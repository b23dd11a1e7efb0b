//! A recorded run as lanes: what each thread was doing from when to when, and how full the buffer was.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bounded_buffer::runner::{Action, Event, Worker};

/// All times count from the first event.
pub(crate) struct Recorded {
    pub(crate) capacity: usize,
    /// Producers, consumers, the runner: in the order of their numbers.
    pub(crate) lanes: Vec<Lane>,
    /// How many items there are from each of these times on.
    pub(crate) occupancy: Vec<(Duration, usize)>,
    pub(crate) closed: Option<Duration>,
    pub(crate) end: Duration,
}

pub(crate) struct Lane {
    pub(crate) worker: Worker,
    /// One after the other, from the thread's first event to its last.
    pub(crate) spans: Vec<Span>,
    /// What happened in no time, with all the event says of it.
    pub(crate) marks: Vec<(Duration, Action)>,
}

#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) doing: Doing,
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Whatever it does between two operations; in the scenario, its pause.
    Working,
    BlockedOnFull,
    BlockedOnEmpty,
}

impl Recorded {
    /// Of all events of a run, in the order of time.
    pub(crate) fn new(events: &[Event], capacity: usize) -> Self {
        let begin = events.first().map(|event| event.at);
        let since = |at: Instant| begin.map_or(Duration::ZERO, |begin| at - begin);
        let mut lanes: HashMap<Worker, Lane> = HashMap::new();
        let mut closed = None;
        for event in events {
            let lane = lanes.entry(event.worker).or_insert_with(|| Lane::new(event.worker));
            lane.note(since(event.at), event.action);
            if event.action == Action::Closed {
                closed = Some(since(event.at));
            }
        }
        let mut lanes: Vec<_> = lanes.into_values().collect();
        lanes.sort_by_key(|lane| match lane.worker {
            Worker::Producer(id) => (0, id),
            Worker::Consumer(id) => (1, id),
            Worker::Runner => (2, 0),
        });
        let end = events.last().map_or(Duration::ZERO, |event| since(event.at));
        Self { capacity, lanes, occupancy: occupancy(events, capacity, since), closed, end }
    }
}

impl Span {
    pub(crate) fn length(&self) -> Duration {
        self.to.saturating_sub(self.from) // never less than 0: the events were in the order of time
    }
}

impl Lane {
    fn new(worker: Worker) -> Self {
        Self { worker, spans: Vec::new(), marks: Vec::new() }
    }

    fn note(&mut self, at: Duration, action: Action) {
        match action {
            Action::Began | Action::WaitEnded => self.turn_to(Some(Doing::Working), at),
            Action::WaitBegan => self.turn_to(Some(self.waits()), at),
            Action::Ended => self.turn_to(None, at),
            Action::Failed => {
                self.turn_to(None, at);
                self.marks.push((at, action));
            }
            _ => self.marks.push((at, action)),
        }
    }

    fn waits(&self) -> Doing {
        if matches!(self.worker, Worker::Producer(_)) { Doing::BlockedOnFull } else { Doing::BlockedOnEmpty }
    }

    /// Each span's end is written when the next one begins; until then it is its beginning.
    fn turn_to(&mut self, next: Option<Doing>, at: Duration) {
        if let Some(last) = self.spans.last_mut() {
            last.to = at;
        }
        self.spans.extend(next.map(|doing| Span { doing, from: at, to: at }));
    }
}

/// An item is there from the first that was heard of it, which may be its pop: who pushed it tells after the push, pending
/// back. For the same reason a slot can be told to be taken again before it is told to be free, so the capacity bounds what is
/// shown, as it did what was.
fn occupancy(events: &[Event], capacity: usize, since: impl Fn(Instant) -> Duration) -> Vec<(Duration, usize)> {
    let mut steps = Vec::new();
    let mut entered = HashMap::new();
    for event in events {
        match (event.action, event.worker) {
            (Action::Pushed { sequence, .. }, Worker::Producer(id)) => {
                entered.entry((id, sequence)).or_insert(event.at);
            }
            (Action::Popped { producer, sequence, .. }, _) => {
                entered.entry((producer, sequence)).or_insert(event.at);
                steps.push((event.at, false));
            }
            _ => {}
        }
    }
    steps.extend(entered.into_values().map(|at| (at, true)));
    steps.sort_by_key(|(at, enters)| (*at, !enters));
    let mut items = 0_usize;
    let level = |(at, enters): (Instant, bool)| {
        // Below zero only if the channel hands out an item twice, which the report will tell.
        items = if enters { items + 1 } else { items.saturating_sub(1) };
        (since(at), items.min(capacity))
    };
    steps.into_iter().map(level).collect()
}
