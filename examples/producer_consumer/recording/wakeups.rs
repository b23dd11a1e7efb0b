//! The wake-ups of a run: which wait each notification ended.
//!
//! The condition variable chooses the thread that a notification wakes, and does not report its choice. The match is therefore
//! inferred from the times of the events. A wait that ended with an item is matched with the nearest notification, and
//! a wait that ended without one with the close. An inferred match can be wrong where two waits end within the time that a
//! wake-up takes, some tens of microseconds. It is also wrong where a thread that still spins takes the item of a parked one.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use bounded_buffer::runner::{Action, Event, Worker};

/// A notification, and the wait that it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wakeup {
    pub(crate) from: Worker,
    pub(crate) sent: Instant,
    pub(crate) to: Worker,
    pub(crate) ended: Instant,
}

/// The longest times between a notification and the end of the wait that it is matched with. The near matches come first, so
/// that a wasted wake-up does not take the wait of a later notification. The second limit is for busy machines.
const LIMITS: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(100)];

/// How many waits on each side of a notification are considered. Nearly always the first one fits.
const NEAREST: usize = 64;

struct Wait {
    worker: Worker,
    began: Instant,
}

/// Waits by the time of their end. The number separates waits that ended at the same time.
type Waits = BTreeMap<(Instant, usize), Wait>;

/// Returns the wake-ups that the events of a run show, in the order of their notifications. The events are ordered by time.
pub(crate) fn of(events: &[Event]) -> Vec<Wakeup> {
    let (mut with_item, without_item) = waits(events);
    let notified = events.iter().filter(|event| event.action == Action::Notified);
    let (closes, mut unmatched): (Vec<&Event>, _) = notified.partition(|event| event.worker == Worker::Runner);
    let mut wakeups = Vec::new();
    if let Some(close) = closes.first() {
        let wakeup =
            |((ended, _), wait): (_, Wait)| Wakeup { from: close.worker, sent: close.at, to: wait.worker, ended };
        wakeups.extend(without_item.into_iter().map(wakeup));
    }
    for limit in LIMITS {
        unmatched.retain(|event| {
            let Some(key) = nearest(&with_item, event, limit) else { return true };
            let wait = with_item.remove(&key).expect("the key is from this map");
            wakeups.push(Wakeup { from: event.worker, sent: event.at, to: wait.worker, ended: key.0 });
            false
        });
    }
    wakeups.sort_by_key(|wakeup| wakeup.sent);
    wakeups
}

/// Returns the waits that ended with an item, and those that ended without one.
fn waits(events: &[Event]) -> (Waits, Waits) {
    let (mut with_item, mut without_item) = (Waits::new(), Waits::new());
    let mut open: HashMap<Worker, Instant> = HashMap::new();
    let mut ended: HashMap<Worker, ((Instant, usize), Wait)> = HashMap::new();
    for (number, event) in events.iter().enumerate() {
        let worker = event.worker;
        if let Some((key, wait)) = ended.remove(&worker) {
            let has_item = matches!(event.action, Action::Pushed { .. } | Action::Popped { .. });
            if has_item { &mut with_item } else { &mut without_item }.insert(key, wait);
        }
        match event.action {
            Action::WaitBegan => _ = open.insert(worker, event.at),
            Action::WaitEnded => {
                let began = open.remove(&worker).unwrap_or(event.at);
                ended.insert(worker, ((event.at, number), Wait { worker, began }));
            }
            _ => {}
        }
    }
    (with_item, without_item)
}

/// Returns the wait of another thread that ended nearest to a notification, among those that had begun by then.
fn nearest(waits: &Waits, notified: &Event, limit: Duration) -> Option<(Instant, usize)> {
    let distance = |ended: Instant| ended.max(notified.at) - ended.min(notified.at);
    let fits = |(key, wait): (&(Instant, usize), &Wait)| {
        (wait.worker != notified.worker && wait.began <= notified.at && distance(key.0) <= limit).then_some(*key)
    };
    let before = waits.range(..(notified.at, 0)).rev().take(NEAREST).find_map(fits);
    let after = waits.range((notified.at, 0)..).take(NEAREST).find_map(fits);
    before.into_iter().chain(after).min_by_key(|key| distance(key.0))
}
