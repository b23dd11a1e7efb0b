//! A recorded run as lanes: what each thread did from when to when, its wake-ups, and the number of items in the buffer.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use scenario::{Action, Event, Worker, wakeups};

/// A run. Times count from its first event.
pub(crate) struct Recorded {
    pub(crate) capacity: usize,
    /// Producers, consumers, the runner, each ordered by number.
    pub(crate) lanes: Vec<Lane>,
    /// In the order of their operations.
    pub(crate) wakeups: Vec<Wakeup>,
    /// The number of items from each time on.
    pub(crate) occupancy: Vec<(Duration, usize)>,
    pub(crate) closed: Option<Duration>,
    pub(crate) end: Duration,
}

/// What one thread did.
pub(crate) struct Lane {
    pub(crate) worker: Worker,
    /// Without gaps, from the thread's first event to its last.
    pub(crate) spans: Vec<Span>,
    /// Actions that take no time in the picture.
    pub(crate) marks: Vec<(Duration, Action)>,
}

#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) activity: Activity,
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Between two operations. In the scenario this is the delay.
    Working,
    BlockedOnFull,
    BlockedOnEmpty,
}

/// An operation and the wait that it ended. Lanes are indices into [`Recorded::lanes`].
pub(crate) struct Wakeup {
    pub(crate) from_lane: usize,
    pub(crate) sent: Duration,
    pub(crate) to_lane: usize,
    pub(crate) ended: Duration,
}

impl Recorded {
    /// Builds the lanes from all events of a run, which are ordered by time.
    pub(crate) fn new(events: &[Event], capacity: usize) -> Self {
        let begin = events.first().map(|event| event.at);
        let since = |at: Instant| begin.map_or(Duration::ZERO, |begin| at - begin);
        let mut lanes: HashMap<Worker, Lane> = HashMap::new();
        let mut closed = None;
        for event in events {
            let lane = lanes.entry(event.worker).or_insert_with(|| Lane::new(event.worker));
            lane.record(since(event.at), event.action);
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
        let index: HashMap<_, _> = lanes.iter().enumerate().map(|(index, lane)| (lane.worker, index)).collect();
        let wakeup = |wakeup: wakeups::Wakeup| Wakeup {
            from_lane: index[&wakeup.from],
            // The woken thread may read the clock before the other one does. An effect is not shown before its cause.
            sent: since(wakeup.sent.min(wakeup.ended)),
            to_lane: index[&wakeup.to],
            ended: since(wakeup.ended),
        };
        let wakeups = wakeups::of(events).into_iter().map(wakeup).collect();
        let end = events.last().map_or(Duration::ZERO, |event| since(event.at));
        Self { capacity, lanes, wakeups, occupancy: occupancy(events, capacity, since), closed, end }
    }
}

impl Span {
    pub(crate) fn length(&self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

impl Lane {
    fn new(worker: Worker) -> Self {
        Self { worker, spans: Vec::new(), marks: Vec::new() }
    }

    fn record(&mut self, at: Duration, action: Action) {
        match action {
            Action::Began | Action::WaitEnded => self.begin_span(Some(Activity::Working), at),
            Action::WaitBegan => self.begin_span(Some(self.blocked_activity()), at),
            Action::Ended => self.begin_span(None, at),
            Action::Failed => {
                self.begin_span(None, at);
                self.marks.push((at, action));
            }
            _ => self.marks.push((at, action)),
        }
    }

    fn blocked_activity(&self) -> Activity {
        if matches!(self.worker, Worker::Producer(_)) { Activity::BlockedOnFull } else { Activity::BlockedOnEmpty }
    }

    /// Ends the current span and begins the next one, if there is one.
    fn begin_span(&mut self, next: Option<Activity>, at: Duration) {
        if let Some(last) = self.spans.last_mut() {
            last.to = at;
        }
        self.spans.extend(next.map(|activity| Span { activity, from: at, to: at }));
    }
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
        // Saturating: a channel that returns an item twice has more pops than pushes. The verdict reports it.
        items = if enters { items + 1 } else { items.saturating_sub(1) };
        (since(at), items.min(capacity))
    };
    steps.into_iter().map(level).collect()
}
