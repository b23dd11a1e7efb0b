//! The wake-ups that `producer_consumer` infers from the events of a run, on events with known times.

#[path = "../../examples/producer_consumer/recording/wakeups.rs"]
mod inferred;

use std::time::{Duration, Instant};

use bounded_buffer::runner::{Action, Event, Worker};

use Worker::{Consumer, Producer, Runner};

const PUSHED: Action = Action::Pushed { sequence: 0, value: 0 };
const POPPED: Action = Action::Popped { producer: 1, sequence: 0, value: 0 };

/// The wake-ups of these events, as `(from, sent, to, ended)`. Times are microseconds.
fn wakeups(events: &[(u64, Worker, Action)]) -> Vec<(Worker, u64, Worker, u64)> {
    let begin = Instant::now();
    let mut events: Vec<_> = events.to_vec();
    events.sort_by_key(|(at, ..)| *at);
    let events: Vec<_> = events
        .into_iter()
        .map(|(at, worker, action)| Event { at: begin + Duration::from_micros(at), worker, action })
        .collect();
    let micros = |at: Instant| u64::try_from((at - begin).as_micros()).unwrap();
    let wakeups = inferred::of(&events).into_iter();
    wakeups.map(|wakeup| (wakeup.from, micros(wakeup.sent), wakeup.to, micros(wakeup.ended))).collect()
}

/// A wait of a thread, and the event of its operation.
fn wait(worker: Worker, began: u64, ended: u64, action: Action) -> [(u64, Worker, Action); 3] {
    [(began, worker, Action::WaitBegan), (ended, worker, Action::WaitEnded), (ended + 1, worker, action)]
}

fn notification(worker: Worker, at: u64, action: Action) -> [(u64, Worker, Action); 2] {
    [(at, worker, action), (at, worker, Action::Notified)]
}

#[test]
fn a_notification_is_matched_with_the_wait_that_ends_nearest() {
    let events = [
        &wait(Consumer(1), 0, 30_060, POPPED)[..],
        &wait(Consumer(2), 10, 20_040, POPPED),
        &notification(Producer(1), 20_000, PUSHED),
        &notification(Producer(2), 30_000, PUSHED),
    ]
    .concat();
    let expected = [(Producer(1), 20_000, Consumer(2), 20_040), (Producer(2), 30_000, Consumer(1), 30_060)];
    assert_eq!(wakeups(&events), expected);
}

#[test]
fn a_woken_thread_may_read_the_clock_first() {
    let events = [&wait(Consumer(1), 0, 19_990, POPPED)[..], &notification(Producer(1), 20_000, PUSHED)].concat();
    assert_eq!(wakeups(&events), [(Producer(1), 20_000, Consumer(1), 19_990)]);
}

#[test]
fn a_wait_that_began_after_the_notification_is_not_its_effect() {
    let events = [&notification(Producer(1), 100, PUSHED)[..], &wait(Consumer(1), 110, 120, POPPED)].concat();
    assert_eq!(wakeups(&events), []);
}

#[test]
fn a_wasted_wake_up_does_not_take_the_wait_of_a_later_notification() {
    let events = [
        &wait(Consumer(1), 0, 50_030, POPPED)[..],
        &notification(Producer(1), 10_000, PUSHED), // another consumer took this item without waiting
        &notification(Producer(2), 50_000, PUSHED),
    ]
    .concat();
    assert_eq!(wakeups(&events), [(Producer(2), 50_000, Consumer(1), 50_030)]);
}

#[test]
fn a_slow_wake_up_is_matched() {
    let events = [&wait(Producer(1), 0, 90_000, PUSHED)[..], &notification(Consumer(1), 10_000, POPPED)].concat();
    assert_eq!(wakeups(&events), [(Consumer(1), 10_000, Producer(1), 90_000)]);
}

#[test]
fn a_thread_does_not_wake_itself() {
    let events = [&wait(Consumer(1), 0, 10, POPPED)[..], &notification(Consumer(1), 11, POPPED)].concat();
    assert_eq!(wakeups(&events), []);
}

#[test]
fn a_close_wakes_each_thread_that_waits_and_counts_once() {
    let closed = notification(Runner, 1000, Action::Closed);
    let events = [
        &wait(Consumer(1), 0, 1020, Action::Ended)[..],
        &wait(Consumer(2), 5, 1010, Action::Ended),
        &closed,
        &closed[1..],
    ]
    .concat();
    assert_eq!(wakeups(&events), [(Runner, 1000, Consumer(2), 1010), (Runner, 1000, Consumer(1), 1020)]);
}
