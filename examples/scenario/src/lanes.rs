//! A recorded run as lanes: what each thread did from when to when, its wake-ups, and the number of items in the buffer.
//!
//! Neither end of a wake-up is observed: a buffer does not report which of its operations sent a notification, and a condition
//! variable does not report which thread it woke. Both are inferred from the times of the events. A consumer's wait that ended
//! with an item is matched with the push that ended nearest to it, a producer's wait with the pop, and a wait that ended without an
//! item with the close.
//!
//! A match can be wrong where two waits end within the time that a wake-up takes, some tens of microseconds. It is also wrong
//! where a thread that still spins takes the item of a parked one. A wait that ended before the thread parked needed no notification
//! and is matched all the same.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::event::{Action, Event, Worker};

/// A run. Times count from its first event.
pub struct Recorded {
    pub capacity: usize,
    /// Producers, consumers, the runner, each ordered by number.
    pub lanes: Vec<Lane>,
    pub wakeups: Vec<Wakeup>,
    /// The number of items from each time on.
    pub occupancy: Vec<(Duration, usize)>,
    pub closed: Option<Duration>,
    pub end: Duration,
}

/// What one thread did.
pub struct Lane {
    pub worker: Worker,
    /// Without gaps, from the thread's first event to its last.
    pub spans: Vec<Span>,
    /// Actions that take no time in the picture.
    pub marks: Vec<(Duration, Action)>,
}

#[derive(Clone, Copy)]
pub struct Span {
    pub activity: Activity,
    pub from: Duration,
    pub to: Duration,
    /// Whether an item was pushed or popped after it: a wait without one was ended by the close.
    pub has_item: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Between two operations. In the scenario this is the delay.
    Working,
    BlockedOnFull,
    BlockedOnEmpty,
}

/// An operation, and the wait that it ended. Lanes are indices into [`Recorded::lanes`].
pub struct Wakeup {
    pub from_lane: usize,
    /// When the operation ended; at most `ended`.
    pub sent: Duration,
    pub to_lane: usize,
    /// When the wait ended.
    pub ended: Duration,
}

impl Recorded {
    /// Builds the lanes from all events of a run, which are ordered by time.
    pub fn new(events: &[Event], capacity: usize) -> Self {
        let begin = events.first().map(|event| event.at);
        let since = |at: Instant| begin.map_or(Duration::ZERO, |begin| at - begin);
        let mut lanes: BTreeMap<Worker, Lane> = BTreeMap::new();
        for event in events {
            let new = || Lane { worker: event.worker, spans: Vec::new(), marks: Vec::new() };
            lanes.entry(event.worker).or_insert_with(new).record(since(event.at), event.action);
        }
        let lanes: Vec<_> = lanes.into_values().collect();
        let closed = events.iter().find(|event| event.action == Action::Closed).map(|event| since(event.at));
        let end = events.last().map_or(Duration::ZERO, |event| since(event.at));
        let wakeups = wakeups(&lanes, closed);
        Self { capacity, lanes, wakeups, occupancy: occupancy(events, capacity, since), closed, end }
    }
}

impl Lane {
    fn record(&mut self, at: Duration, action: Action) {
        match action {
            Action::Began | Action::WaitEnded => self.begin_span(Some(Activity::Working), at),
            Action::WaitBegan if self.is_producer() => self.begin_span(Some(Activity::BlockedOnFull), at),
            Action::WaitBegan => self.begin_span(Some(Activity::BlockedOnEmpty), at),
            Action::Ended | Action::Failed => self.begin_span(None, at),
            Action::Pushed { .. } | Action::Popped { .. } => {
                if let [.., before, _] = &mut self.spans[..] {
                    before.has_item = true;
                }
            }
            Action::Closed => {}
        }
        if matches!(action, Action::Pushed { .. } | Action::Popped { .. } | Action::Closed | Action::Failed) {
            self.marks.push((at, action));
        }
    }

    fn is_producer(&self) -> bool {
        matches!(self.worker, Worker::Producer(_))
    }

    /// Ends the current span and begins the next one, if there is one.
    fn begin_span(&mut self, next: Option<Activity>, at: Duration) {
        if let Some(last) = self.spans.last_mut() {
            last.to = at;
        }
        self.spans.extend(next.map(|activity| Span { activity, from: at, to: at, has_item: false }));
    }
}

/// The lanes of operations by time. The number separates operations that ended at the same time.
type Operations = BTreeMap<(Duration, usize), usize>;

/// The longest times between an operation and the end of the wait that it is matched with. The near matches come first, so that
/// a slow wake-up does not take the operation of another wait. The second limit is for busy machines.
const LIMITS: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(100)];

/// Returns the wake-ups that the lanes show.
fn wakeups(lanes: &[Lane], closed: Option<Duration>) -> Vec<Wakeup> {
    let (mut pushes, mut pops) = (Operations::new(), Operations::new());
    let (mut wakeups, mut waits) = (Vec::new(), Vec::new());
    for (number, lane) in lanes.iter().enumerate() {
        for (at, action) in &lane.marks {
            match action {
                Action::Pushed { .. } => _ = pushes.insert((*at, pushes.len()), number),
                Action::Popped { .. } => _ = pops.insert((*at, pops.len()), number),
                _ => {}
            }
        }
        for span in lane.spans.iter().filter(|span| span.activity != Activity::Working) {
            if span.has_item {
                waits.push((number, *span));
            } else if let Some(sent) = closed.filter(|closed| span.from <= *closed) {
                wakeups.push(Wakeup { from_lane: lanes.len() - 1, sent, to_lane: number, ended: span.to });
            }
        }
    }
    waits.sort_by_key(|(_, wait)| wait.to);
    for limit in LIMITS {
        waits.retain(|(number, wait)| {
            let of_other_side = if lanes[*number].is_producer() { &mut pops } else { &mut pushes };
            let Some(key) = nearest(of_other_side, wait, limit) else { return true };
            let from_lane = of_other_side.remove(&key).expect("the key is from this map");
            wakeups.push(Wakeup { from_lane, sent: key.0, to_lane: *number, ended: wait.to });
            false
        });
    }
    wakeups.sort_by_key(|wakeup| (wakeup.sent, wakeup.ended));
    // The woken thread may read the clock before the other one does. An effect is not shown before its cause.
    for wakeup in &mut wakeups {
        wakeup.sent = wakeup.sent.min(wakeup.ended);
    }
    wakeups
}

/// Returns the operation that ended nearest to the end of a wait and after its begin.
fn nearest(operations: &Operations, wait: &Span, limit: Duration) -> Option<(Duration, usize)> {
    let before = operations.range((wait.from, 0)..(wait.to, 0)).next_back();
    let after = operations.range((wait.to, 0)..).next(); // the woken thread may read the clock first
    let keys = before.into_iter().chain(after).map(|(key, _)| *key);
    keys.filter(|key| key.0.abs_diff(wait.to) <= limit).min_by_key(|key| key.0.abs_diff(wait.to))
}

/// Returns the number of items after each push and pop.
///
/// A push may be reported after the pop of the same item, so an item counts from the first event that names it. A slot may
/// be reported as taken before it is reported as free, so the count is limited to the capacity.
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
        // Saturating: a buffer that returns an item twice has more pops than pushes. The verdict reports it.
        items = if enters { items + 1 } else { items.saturating_sub(1) };
        (since(at), items.min(capacity))
    };
    steps.into_iter().map(level).collect()
}
