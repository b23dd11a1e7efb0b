//! The wake-ups that are inferred from the events of a run, on events with known times.

use std::time::{Duration, Instant};

use scenario::wakeups;
use scenario::{Action, Event, Worker};

use Worker::{Consumer, Producer, Runner};

const PUSHED: Action = Action::Pushed { sequence: 0, value: 0 };
const POPPED: Action = Action::Popped { producer: 1, sequence: 0, value: 0 };

/// The wake-ups of these events, as `(from, sent, to, ended)`. Times are microseconds.
fn inferred(events: &[(u64, Worker, Action)]) -> Vec<(Worker, u64, Worker, u64)> {
    let begin = Instant::now();
    let mut events: Vec<_> = events.to_vec();
    events.sort_by_key(|(at, ..)| *at);
    let events: Vec<_> = events
        .into_iter()
        .map(|(at, worker, action)| Event { at: begin + Duration::from_micros(at), worker, action })
        .collect();
    let micros = |at: Instant| u64::try_from((at - begin).as_micros()).unwrap();
    let wakeups = wakeups::of(&events).into_iter();
    wakeups.map(|wakeup| (wakeup.from, micros(wakeup.sent), wakeup.to, micros(wakeup.ended))).collect()
}

/// A wait of a thread, and the event of its operation.
fn wait(worker: Worker, began: u64, ended: u64, action: Action) -> [(u64, Worker, Action); 3] {
    [(began, worker, Action::WaitBegan), (ended, worker, Action::WaitEnded), (ended + 1, worker, action)]
}

#[test]
fn a_wait_is_matched_with_the_operation_that_ends_nearest() {
    let events = [
        &wait(Consumer(1), 0, 30_060, POPPED)[..],
        &wait(Consumer(2), 10, 20_040, POPPED),
        &[(20_000, Producer(1), PUSHED)],
        &[(30_000, Producer(2), PUSHED)],
    ]
    .concat();
    let expected = [(Producer(1), 20_000, Consumer(2), 20_040), (Producer(2), 30_000, Consumer(1), 30_060)];
    assert_eq!(inferred(&events), expected);
}

#[test]
fn a_woken_thread_may_read_the_clock_first() {
    let events = [&wait(Consumer(1), 0, 19_990, POPPED)[..], &[(20_000, Producer(1), PUSHED)]].concat();
    assert_eq!(inferred(&events), [(Producer(1), 20_000, Consumer(1), 19_990)]);
}

#[test]
fn a_wait_that_began_after_the_operation_is_not_its_effect() {
    let events = [&[(100, Producer(1), PUSHED)][..], &wait(Consumer(1), 110, 120, POPPED)].concat();
    assert_eq!(inferred(&events), []);
}

#[test]
fn an_operation_whose_item_was_taken_does_not_take_the_wait_of_a_later_one() {
    let events = [
        &wait(Consumer(1), 0, 50_030, POPPED)[..],
        &[(10_000, Producer(1), PUSHED)], // another consumer took this item without waiting
        &[(50_000, Producer(2), PUSHED)],
    ]
    .concat();
    assert_eq!(inferred(&events), [(Producer(2), 50_000, Consumer(1), 50_030)]);
}

#[test]
fn a_slow_wake_up_is_matched() {
    let events = [&wait(Producer(1), 0, 90_000, PUSHED)[..], &[(10_000, Consumer(1), POPPED)]].concat();
    assert_eq!(inferred(&events), [(Consumer(1), 10_000, Producer(1), 90_000)]);
}

#[test]
fn a_thread_is_woken_by_the_other_side_only() {
    let events =
        [&wait(Consumer(1), 0, 10, POPPED)[..], &[(11, Consumer(1), POPPED), (12, Consumer(2), POPPED)]].concat();
    assert_eq!(inferred(&events), []);
    let events = [&wait(Producer(1), 0, 10, PUSHED)[..], &[(12, Producer(2), PUSHED)]].concat();
    assert_eq!(inferred(&events), []);
}

#[test]
fn an_operation_ends_one_wait() {
    let events =
        [&wait(Consumer(1), 0, 30, POPPED)[..], &wait(Consumer(2), 0, 40, POPPED), &[(20, Producer(1), PUSHED)]]
            .concat();
    assert_eq!(inferred(&events), [(Producer(1), 20, Consumer(1), 30)]);
}

#[test]
fn a_close_wakes_each_thread_that_waits() {
    let events = [
        &wait(Consumer(1), 0, 1020, Action::Ended)[..],
        &wait(Consumer(2), 5, 1010, Action::Ended),
        &wait(Consumer(3), 1001, 1015, Action::Ended), // found it closed
        &[(1000, Runner, Action::Closed)],
    ]
    .concat();
    assert_eq!(inferred(&events), [(Runner, 1000, Consumer(2), 1010), (Runner, 1000, Consumer(1), 1020)]);
}
