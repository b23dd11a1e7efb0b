//! The wake-ups and lanes that are inferred from the events of a run: on events with known times, and on whole runs.

use std::collections::HashMap;
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
        let worker = |lane: usize| run.lanes[lane].worker;
        let mut waits: HashMap<(Worker, Duration), u32> = HashMap::new();
        let mut operations: HashMap<Worker, Vec<(Duration, Action)>> = HashMap::new();
        for lane in &run.lanes {
            for span in lane.spans.iter().filter(|span| span.activity != Activity::Working) {
                *waits.entry((lane.worker, span.to)).or_default() += 1;
            }
            operations.insert(lane.worker, lane.marks.clone());
        }
        // An operation that was reported after the end of the wait is drawn at that end. The exact ones first.
        let (exact, late): (Vec<&Wakeup>, Vec<&Wakeup>) =
            run.wakeups.iter().partition(|wakeup| wakeup.sent < wakeup.ended);
        for wakeup in exact.into_iter().chain(late) {
            let (from, to) = (worker(wakeup.from_lane), worker(wakeup.to_lane));
            let (sent, ended) = (wakeup.sent, wakeup.ended);
            assert!(sent <= ended, "{from} at {sent:?}, {to} at {ended:?}");
            let wait = waits.get_mut(&(to, ended)).filter(|count| **count > 0);
            *wait.unwrap_or_else(|| panic!("no wait of {to}, or two wake-ups, at {ended:?}")) -= 1;
            let operations = operations.get_mut(&from).expect("each thread has a lane");
            let index = operations.iter().position(|(at, action)| {
                let is_of_other_side = match (from, to) {
                    (Producer(_), Consumer(_)) => matches!(action, Action::Pushed { .. }),
                    (Consumer(_), Producer(_)) => matches!(action, Action::Popped { .. }),
                    _ => from == Runner && *action == Action::Closed,
                };
                is_of_other_side && (*at == sent || sent == ended && *at > sent)
            });
            let index = index.unwrap_or_else(|| panic!("no operation of {from} at {sent:?} for {to}"));
            // A close ends several waits, any other operation one.
            if from != Runner {
                operations.remove(index); // the others stay in order, so a late one takes the first that is left
            }
        }
    });
}
