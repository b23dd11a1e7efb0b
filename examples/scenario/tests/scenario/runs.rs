//! Whole runs: their items, their duration, their events, their report, and threads that fail.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use bounded_buffer::{Stats, bounded};
use test_support::{until, watched};

use crate::quick;
use scenario::{Action, Event, Failure, Report, Run, Scenario, State, Worker, virtual_run};

use Worker::{Consumer, Producer};

/// Checks all that holds of a complete run.
fn assert_complete(report: &Report) {
    let planned = report.scenario.producers as u64 * report.scenario.items;
    assert!(report.verdict.holds(), "{report}");
    assert!(!report.closed_early, "{report}");
    assert_eq!((report.pushed, report.popped), (planned, planned), "{report}");
    assert!(
        (1..=report.scenario.producers).all(|id| report.threads[&Producer(id)].items == report.scenario.items),
        "{report}"
    );
    assert_eq!(report.threads.values().map(|thread| thread.items).sum::<u64>(), 2 * planned, "{report}");
    assert!(report.threads.values().all(|thread| thread.state == State::Ended), "{report}");
    assert!((1..=report.scenario.capacity).contains(&report.counters.high_water), "{report}");
}

#[test]
fn two_hundred_seeded_runs_lose_duplicate_and_reorder_no_item() {
    watched(|| {
        std::thread::scope(|threads| {
            for first in (0..200).step_by(20) {
                threads.spawn(move || {
                    for seed in first..first + 20 {
                        let scenario = Scenario { seed: Some(seed), time_scale: 0.01, ..Scenario::default() };
                        assert_complete(&scenario.run().unwrap());
                    }
                });
            }
        });
    });
}

#[test]
fn runs_with_one_consumer_or_with_many_items_are_complete() {
    watched(|| {
        for scenario in [Scenario { consumers: 1, ..quick() }, Scenario { items: 10_000, capacity: 2, ..quick() }] {
            assert_complete(&scenario.run().unwrap());
        }
    });
}

#[test]
fn a_run_in_which_nothing_is_pushed_ends_and_reports() {
    watched(|| {
        let fails = Scenario { producers: 1, fail: Some(Failure { producer: 1, item: 1 }), ..quick() };
        for scenario in [Scenario { items: 0, ..quick() }, fails] {
            let report = scenario.run().unwrap();
            assert!(report.verdict.holds(), "{report}");
            assert_eq!((report.pushed, report.popped, report.time_in_buffer), (0, 0, None));
        }
    });
}

/// The items of each producer, in its order.
fn pushed(events: &[Event]) -> HashMap<Worker, Vec<(u64, u32)>> {
    let mut all = HashMap::<_, Vec<_>>::new();
    for event in events {
        if let Action::Pushed { sequence, value } = event.action {
            all.entry(event.worker).or_default().push((sequence, value));
        }
    }
    all
}

#[test]
fn the_seed_alone_determines_the_items_of_each_producer() {
    watched(|| {
        for capacity in [1, 2, 1000] {
            let scenario = Scenario { seed: Some(99), items: 200, capacity, ..quick() };
            let report = scenario.run().unwrap();
            assert_complete(&report);
            let pushed = pushed(&report.events);
            for producer in [1, 2] {
                let drawn = scenario.steps(99, producer).map(|(value, _)| value);
                let planned: Vec<_> = (0..scenario.items).zip(drawn).collect();
                assert_eq!(pushed[&Producer(producer)], planned);
            }
        }
    });
}

#[test]
fn a_run_without_a_seed_reports_one_that_repeats_it() {
    watched(|| {
        let run = |scenario: &Scenario| {
            let report = scenario.run().unwrap();
            (report.scenario, pushed(&report.events))
        };
        let (first, one) = run(&quick());
        let (again, two) = run(&first);
        assert!(first.seed.is_some());
        assert_eq!((first, one), (again, two));
    });
}

/// With one thread on each side, the times of a virtual run are lower bounds: real delays end late, and never early. A real run may
/// take longer, but if each delay took place twice, no run would end within twice that time.
#[test]
fn a_real_run_takes_as_long_as_a_virtual_one() {
    watched(|| {
        let scenario =
            Scenario { seed: Some(5), producers: 1, consumers: 1, capacity: 2, time_scale: 0.1, ..Scenario::default() };
        let least = virtual_run::run(&scenario, 5).elapsed;
        assert!((Duration::from_millis(150)..Duration::from_millis(300)).contains(&least), "about 250 ms: {least:?}");
        let soon = (0..50).any(|_| {
            let elapsed = scenario.run().unwrap().elapsed;
            assert!(elapsed >= least, "{elapsed:?}, but the delays take {least:?}");
            elapsed < 2 * least
        });
        assert!(soon, "50 runs, and none within {:?}", 2 * least);
    });
}

#[test]
fn the_events_are_complete_and_in_order_per_thread() {
    watched(|| {
        let report = Scenario { items: 100, capacity: 1, ..quick() }.run().unwrap();
        assert!(report.events.is_sorted_by_key(|event| event.at));
        let mut by_worker = HashMap::<_, Vec<_>>::new();
        for event in &report.events {
            by_worker.entry(event.worker).or_default().push(event.action);
        }
        assert_eq!(by_worker.len(), 6, "two producers, three consumers, and the runner");
        assert_eq!(by_worker[&Worker::Runner], [Action::Closed]);

        for (worker, thread) in &report.threads {
            let actions = &by_worker[worker];
            assert_eq!((actions.first(), actions.last()), (Some(&Action::Began), Some(&Action::Ended)));
            let count = |wanted: fn(&Action) -> bool| actions.iter().filter(|action| wanted(action)).count() as u64;
            assert_eq!(count(|action| matches!(action, Action::Pushed { .. } | Action::Popped { .. })), thread.items);
            assert_eq!(count(|action| *action == Action::WaitBegan), thread.blocked);
            for pair in actions.windows(2) {
                assert_eq!(pair[0] == Action::WaitBegan, pair[1] == Action::WaitEnded, "{worker}: {pair:?}");
            }
        }
    });
}

#[test]
fn the_observer_receives_each_event() {
    watched(|| {
        let (observed_events, events) = std::sync::mpsc::channel();
        let report = Run::new(&quick()).unwrap().execute(|event| observed_events.send(*event).unwrap()).unwrap();
        drop(observed_events);
        let mut events: Vec<Event> = events.iter().collect();
        events.sort_by_key(|event| (event.at, event.worker)); // a stable sort keeps the order of each thread
        let mut recorded = report.events;
        recorded.sort_by_key(|event| (event.at, event.worker));
        assert_eq!(events, recorded);
    });
}

#[test]
fn the_time_of_waits_and_in_the_buffer_is_measured() {
    watched(|| {
        // One slot, two items. The consumer pops the first item when the producer has waited some time for a slot, and the
        // second item when it has been in the buffer for some time.
        const SOME_TIME: Duration = Duration::from_millis(20);
        let (release, hold) = bounded(10);
        let scenario = Scenario { producers: 1, consumers: 1, capacity: 1, items: 2, ..quick() };
        let observer = |event: &Event| match (event.worker, event.action) {
            (Producer(_), Action::WaitBegan | Action::Pushed { sequence: 1, .. }) => release.push(()).unwrap(),
            (Consumer(_), Action::Began | Action::Popped { sequence: 0, .. }) => {
                hold.pop().unwrap();
                thread::sleep(2 * SOME_TIME);
            }
            _ => {}
        };
        let report = Run::new(&scenario).unwrap().execute(observer).unwrap();
        assert_complete(&report);
        assert_eq!(report.threads[&Producer(1)].blocked, 1);
        assert!(report.threads[&Producer(1)].blocked_time >= SOME_TIME, "{report}");
        assert!(report.time_in_buffer.unwrap().min >= SOME_TIME, "both were in the buffer for some time: {report}");
        assert_eq!(report.counters.high_water, 1);
    });
}

/// One producer without delays, and one consumer whose first delay lasts until the run is closed.
fn stuck() -> Scenario {
    Scenario { producers: 1, consumers: 1, produce_ms: 0..1, consume_ms: u64::MAX - 1..u64::MAX, ..Scenario::default() }
}

/// Closes a run when its counters are these. Returns its report.
fn closed_early(scenario: &Scenario, when: impl Fn(&Stats) -> bool) -> Report {
    let run = Run::new(scenario).unwrap();
    let report = thread::scope(|scope| {
        let running = scope.spawn(|| run.execute(|_| {}).unwrap());
        until(|| when(&run.stats()));
        run.close();
        running.join().unwrap()
    });
    assert!(report.verdict.holds() && report.closed_early, "{report}");
    assert_eq!(report.pushed, report.popped);
    assert_eq!((run.stats().pushed, run.stats().popped), (report.pushed, report.popped), "{report}");
    report
}

#[test]
fn an_early_close_returns_the_item_of_a_waiting_producer() {
    watched(|| {
        // The consumer has popped one item, two are in the buffer, and the producer waits with the fourth.
        let scenario = Scenario { capacity: 2, ..stuck() };
        let report = closed_early(&scenario, |stats| (stats.pushed, stats.waiting_producers) == (3, 1));
        assert_eq!((report.pushed, report.popped), (3, 3));
    });
}

#[test]
fn an_early_close_ends_all_delays_and_delivers_the_accepted_items() {
    watched(|| {
        let slow = Scenario { produce_ms: u64::MAX - 1..u64::MAX, ..Scenario::default() };
        let endless = Scenario { items: u64::MAX, consumers: 1, ..quick() };
        for scenario in [slow, endless, stuck()] {
            closed_early(&scenario, |stats| stats.popped > 0);
        }
    });
}

#[test]
fn a_report_fits_eighty_columns_and_names_its_seed() {
    let scenario = Scenario { seed: Some(u64::MAX), items: 1_000, producers: 12, consumers: 12, ..quick() };
    watched(move || {
        let text = scenario.run().unwrap().to_string();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("seed 18446744073709551615"), "{text}");
        assert!(text.contains("nothing lost, nothing duplicated, per-producer order kept"), "{text}");
    });
}

#[test]
fn a_producer_that_panics_is_named_and_the_others_go_on() {
    watched(|| {
        let fail = Some(Failure { producer: 2, item: 4 });
        let report = Scenario { fail, ..quick() }.run().unwrap();
        assert!(report.verdict.holds() && !report.closed_early, "{report}");
        let [one, two] = [1, 2].map(|id| &report.threads[&Producer(id)]);
        assert_eq!((one.items, two.items, report.popped), (10, 3, 13));
        assert_eq!((one.state, two.state), (State::Ended, State::Failed));
        assert!(report.to_string().contains("Producer 2 failed after 3 items"), "{report}");
    });
}
