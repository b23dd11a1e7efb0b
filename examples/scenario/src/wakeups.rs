//! The wake-ups of a run: which operation ended which wait.
//!
//! Neither end of a wake-up is observed: a channel does not report which of its operations sent a notification, and a condition
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

/// An operation, and the wait that it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wakeup {
    pub from: Worker,
    /// When the operation ended.
    pub sent: Instant,
    pub to: Worker,
    /// When the wait ended.
    pub ended: Instant,
}

/// The longest times between an operation and the end of the wait that it is matched with. The near matches come first, so that
/// a slow wake-up does not take the operation of another wait. The second limit is for busy machines.
const LIMITS: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(100)];

struct Wait {
    worker: Worker,
    began: Instant,
    ended: Instant,
}

/// The threads of operations by time. The number separates operations that ended at the same time.
type Operations = BTreeMap<(Instant, usize), Worker>;

/// Returns the wake-ups that the events of a run show, in the order of their operations. The events are ordered by time.
pub fn of(events: &[Event]) -> Vec<Wakeup> {
    let (mut with_item, without_item) = waits(events);
    let operations = |is_wanted: fn(&Action) -> bool| -> Operations {
        let wanted = events.iter().enumerate().filter(|(_, event)| is_wanted(&event.action));
        wanted.map(|(number, event)| ((event.at, number), event.worker)).collect()
    };
    let mut pushes = operations(|action| matches!(action, Action::Pushed { .. }));
    let mut pops = operations(|action| matches!(action, Action::Popped { .. }));
    let mut wakeups = Vec::new();
    if let Some(close) = events.iter().find(|event| event.action == Action::Closed) {
        let woken = without_item.into_iter().filter(|wait| wait.began <= close.at);
        wakeups.extend(woken.map(|wait| wakeup(close.worker, close.at, &wait)));
    }
    for limit in LIMITS {
        with_item.retain(|wait| {
            let of_other_side = if matches!(wait.worker, Worker::Consumer(_)) { &mut pushes } else { &mut pops };
            let Some(key) = nearest(of_other_side, wait, limit) else { return true };
            let from = of_other_side.remove(&key).expect("the key is from this map");
            wakeups.push(wakeup(from, key.0, wait));
            false
        });
    }
    wakeups.sort_by_key(|wakeup| wakeup.sent);
    wakeups
}

fn wakeup(from: Worker, sent: Instant, wait: &Wait) -> Wakeup {
    Wakeup { from, sent, to: wait.worker, ended: wait.ended }
}

/// Returns the waits that ended with an item, and those that ended without one, each in the order of their ends.
fn waits(events: &[Event]) -> (Vec<Wait>, Vec<Wait>) {
    let (mut with_item, mut without_item) = (Vec::new(), Vec::new());
    let mut open: HashMap<Worker, Instant> = HashMap::new();
    let mut ended: HashMap<Worker, Wait> = HashMap::new();
    for event in events {
        let worker = event.worker;
        if let Some(wait) = ended.remove(&worker) {
            let has_item = matches!(event.action, Action::Pushed { .. } | Action::Popped { .. });
            if has_item { &mut with_item } else { &mut without_item }.push(wait);
        }
        match event.action {
            Action::WaitBegan => _ = open.insert(worker, event.at),
            Action::WaitEnded => {
                let began = open.remove(&worker).unwrap_or(event.at);
                ended.insert(worker, Wait { worker, began, ended: event.at });
            }
            _ => {}
        }
    }
    with_item.sort_by_key(|wait| wait.ended);
    without_item.sort_by_key(|wait| wait.ended);
    (with_item, without_item)
}

/// Returns the operation that ended nearest to the end of a wait and after its begin.
fn nearest(operations: &Operations, wait: &Wait, limit: Duration) -> Option<(Instant, usize)> {
    let distance = |at: Instant| at.max(wait.ended) - at.min(wait.ended);
    let before = operations.range((wait.began, 0)..(wait.ended, 0)).next_back();
    let after = operations.range((wait.ended, 0)..).next(); // the woken thread may read the clock first
    let keys = before.into_iter().chain(after).map(|(key, _)| *key);
    keys.filter(|key| distance(key.0) <= limit).min_by_key(|key| distance(key.0))
}
