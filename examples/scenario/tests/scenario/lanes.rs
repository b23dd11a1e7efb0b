//! The wake-ups and lanes that are inferred from the events of a run: on events with known times, and on whole runs.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::quick;
use scenario::lanes::{Activity, Recorded, Wakeup};
use scenario::{Action, Event, Report, Scenario, Worker};
use test_support::watched;

use Worker::{Consumer, Producer, Runner};

const PUSHED: Action = Action::Pushed { sequence: 0, value: 0 };
const POPPED: Action = Action::Popped { producer: 1, sequence: 0, value: 0 };

/// The wake-ups of these events, as `(from, sent, to, ended)`. Times are microseconds since the first event.
fn inferred(events: &[&[(u64, Worker, Action)]]) -> Vec<(Worker, u64, Worker, u64)> {
    let begin = Instant::now();
    let mut events = events.concat();
    events.sort_by_key(|(at, ..)| *at);
    let event = |(at, worker, action)| Event { at: begin + Duration::from_micros(at), worker, action };
    let events: Vec<_> = events.into_iter().map(event).collect();
    let run = Recorded::new(&events, 5);
    let micros = |at: Duration| u64::try_from(at.as_micros()).unwrap();
    let worker = |lane: usize| run.lanes[lane].worker;
    let wakeups = run.wakeups.iter();
    wakeups.map(|it| (worker(it.from_lane), micros(it.sent), worker(it.to_lane), micros(it.ended))).collect()
}

/// A wait of a thread, and the event of its operation.
fn wait(worker: Worker, began: u64, ended: u64, action: Action) -> [(u64, Worker, Action); 3] {
    [(began, worker, Action::WaitBegan), (ended, worker, Action::WaitEnded), (ended + 1, worker, action)]
}

#[test]
fn a_wait_is_matched_with_the_operation_that_ends_nearest() {
    let events = inferred(&[
        &wait(Consumer(1), 0, 30_060, POPPED),
        &wait(Consumer(2), 10, 20_040, POPPED),
        &[(20_000, Producer(1), PUSHED), (30_000, Producer(2), PUSHED)],
    ]);
    let expected = [(Producer(1), 20_000, Consumer(2), 20_040), (Producer(2), 30_000, Consumer(1), 30_060)];
    assert_eq!(events, expected);
}

#[test]
fn a_woken_thread_may_read_the_clock_first() {
    let events = inferred(&[&wait(Consumer(1), 0, 19_990, POPPED), &[(20_000, Producer(1), PUSHED)]]);
    assert_eq!(events, [(Producer(1), 19_990, Consumer(1), 19_990)], "no effect is shown before its cause");
}

#[test]
fn a_wait_that_began_after_the_operation_is_not_its_effect() {
    assert_eq!(inferred(&[&[(100, Producer(1), PUSHED)], &wait(Consumer(1), 110, 120, POPPED)]), []);
}

#[test]
fn an_operation_whose_item_was_taken_does_not_take_the_wait_of_a_later_one() {
    // Another consumer took the item of the first push without waiting.
    let pushes = [(10_000, Producer(1), PUSHED), (50_000, Producer(2), PUSHED)];
    let events = inferred(&[&wait(Consumer(1), 0, 50_030, POPPED), &pushes]);
    assert_eq!(events, [(Producer(2), 50_000, Consumer(1), 50_030)]);
}

#[test]
fn a_slow_wake_up_is_matched() {
    let events = inferred(&[&wait(Producer(1), 0, 90_000, PUSHED), &[(10_000, Consumer(1), POPPED)]]);
    assert_eq!(events, [(Consumer(1), 10_000, Producer(1), 90_000)]);
}

#[test]
fn a_thread_is_woken_by_the_other_side_only() {
    let pops = [(11, Consumer(1), POPPED), (12, Consumer(2), POPPED)];
    assert_eq!(inferred(&[&wait(Consumer(1), 0, 10, POPPED), &pops]), []);
    assert_eq!(inferred(&[&wait(Producer(1), 0, 10, PUSHED), &[(12, Producer(2), PUSHED)]]), []);
}

#[test]
fn an_operation_ends_one_wait() {
    let waits = [wait(Consumer(1), 0, 30, POPPED), wait(Consumer(2), 0, 40, POPPED)].concat();
    assert_eq!(inferred(&[&waits, &[(20, Producer(1), PUSHED)]]), [(Producer(1), 20, Consumer(1), 30)]);
}

#[test]
fn a_close_wakes_each_thread_that_waits() {
    let events = inferred(&[
        &wait(Consumer(1), 0, 1020, Action::Ended),
        &wait(Consumer(2), 5, 1010, Action::Ended),
        &wait(Consumer(3), 1001, 1015, Action::Ended), // found it closed
        &[(1000, Runner, Action::Closed)],
    ]);
    assert_eq!(events, [(Runner, 1000, Consumer(2), 1010), (Runner, 1000, Consumer(1), 1020)]);
}

/// Runs with many waits on both sides and wake-ups by both, some with a full buffer, some without delays.
fn on_runs(check: fn(&Recorded, &Report)) {
    let default = Scenario { time_scale: 0.02, ..Scenario::default() };
    let full = Scenario { consumers: 1, capacity: 2, ..default.clone() };
    let narrow = Scenario { seed: Some(2), capacity: 1, time_scale: 0.01, ..full.clone() };
    watched(move || {
        for scenario in [full, default, narrow, Scenario { items: 500, ..quick() }] {
            let report = scenario.run().unwrap();
            check(&Recorded::new(&report.events, scenario.capacity), &report);
        }
    });
}

#[test]
fn the_lanes_contain_what_the_report_counts() {
    on_runs(|run, report| {
        assert!(report.verdict.holds(), "{report}");
        let workers = report.threads.keys().copied().chain([Runner]);
        assert!(run.lanes.iter().map(|lane| lane.worker).eq(workers), "a lane for each thread, in order");
        for (lane, (worker, thread)) in run.lanes.iter().zip(&report.threads) {
            let is_producer = matches!(worker, Producer(_));
            let is_item = |(_, action): &(Duration, Action)| match action {
                Action::Pushed { .. } => is_producer,
                Action::Popped { .. } => !is_producer,
                _ => false,
            };
            assert!(lane.marks.iter().all(is_item) && lane.marks.len() as u64 == thread.items, "{worker}");
            let wait = if is_producer { Activity::BlockedOnFull } else { Activity::BlockedOnEmpty };
            let waits: Vec<_> = lane.spans.iter().filter(|span| span.activity != Activity::Working).collect();
            assert_eq!(waits.len() as u64, thread.blocked, "{worker}");
            assert!(waits.iter().all(|span| span.activity == wait), "{worker}");
        }
        assert!(run.occupancy.iter().all(|(_, items)| *items <= run.capacity));
        assert_eq!(run.occupancy.last().map(|(_, items)| *items), Some(0), "all items were popped");
    });
}

#[test]
fn a_thread_does_one_thing_at_a_time() {
    on_runs(|run, _| {
        for lane in &run.lanes {
            for pair in lane.spans.windows(2) {
                assert!(pair[0].activity != pair[1].activity, "{}: equal neighbours are merged", lane.worker);
                assert_eq!(pair[0].to, pair[1].from, "{}", lane.worker);
            }
            assert!(lane.spans.iter().all(|span| span.from <= span.to && span.to <= run.end), "{}", lane.worker);
            let pushes = lane.marks.iter().filter(|(_, action)| matches!(action, Action::Pushed { .. }));
            assert!(pushes.map(|(at, _)| *at).all(|at| Some(at) <= run.closed), "nothing is pushed after the close");
        }
    });
}

#[test]
fn a_wake_up_begins_at_an_operation_of_the_other_side_and_ends_where_a_wait_ends() {
    on_runs(|run, _| {
        assert!(!run.wakeups.is_empty());
        let (mut waits, mut operations) = (HashSet::new(), HashSet::new());
        for (number, lane) in run.lanes.iter().enumerate() {
            let ended = lane.spans.iter().filter(|span| span.activity != Activity::Working).map(|span| span.to);
            waits.extend(ended.map(|at| (number, at)));
            operations.extend(lane.marks.iter().map(|(at, _)| (number, *at)));
        }
        for &Wakeup { from_lane, sent, to_lane, ended } in &run.wakeups {
            let [from, to] = [from_lane, to_lane].map(|lane| run.lanes[lane].worker);
            let is_other_side =
                matches!((from, to), (Producer(_), Consumer(_)) | (Consumer(_), Producer(_)) | (Runner, _));
            assert!(is_other_side && sent <= ended, "{from} at {sent:?}, {to} at {ended:?}");
            assert!(waits.remove(&(to_lane, ended)), "no wait of {to}, or two wake-ups, at {ended:?}");
            let has_operation = if sent == ended {
                // It may have been reported after the end of the wait.
                operations.iter().any(|(lane, at)| *lane == from_lane && *at >= sent)
            } else if from == Runner {
                operations.contains(&(from_lane, sent)) // a close ends several waits
            } else {
                operations.remove(&(from_lane, sent))
            };
            assert!(has_operation, "no operation of {from}, or two wake-ups, at {sent:?} for {to}");
        }
    });
}
