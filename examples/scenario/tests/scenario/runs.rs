//! Whole runs: their items, their duration, their events, their report, and threads that fail.

use crate::{quick, recorder, stuck};
use bounded_buffer::{BoundedBuffer, bounded};
use scenario::{Action, Event, Failure, Observer, Report, Scenario, Verdict, Worker, new_histogram, virtual_run};
use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;
use test_support::{until, watched};

/// Checks all that holds of a complete run.
fn assert_complete(report: &Report) {
    let planned = report.scenario.producers as u64 * report.scenario.items;
    assert!(report.verdict.holds(), "{report}");
    assert!(!report.closed_early, "{report}");
    assert_eq!((report.pushed, report.popped), (planned, planned), "{report}");
    assert!(report.producers.iter().all(|producer| producer.items == report.scenario.items), "{report}");
    assert_eq!(report.consumers.iter().map(|consumer| consumer.items).sum::<u64>(), planned, "{report}");
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
fn a_run_without_items_ends_and_reports() {
    watched(|| {
        let report = Scenario { items: 0, ..quick() }.run().unwrap();
        assert!(report.verdict.holds());
        assert_eq!((report.pushed, report.popped, report.time_in_buffer), (0, 0, None));
    });
}

/// The items of each producer, in its order.
fn pushed(events: impl IntoIterator<Item = Event>) -> HashMap<Worker, Vec<(u64, u32)>> {
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
            let (observer, events) = recorder();
            assert_complete(&scenario.start(vec![observer]).unwrap().join());
            let pushed = pushed(events);
            for producer in [1, 2] {
                let drawn = scenario.steps(99, producer).map(|(value, _)| value);
                let planned: Vec<_> = (0..scenario.items).zip(drawn).collect();
                assert_eq!(pushed[&Worker::Producer(producer)], planned);
            }
        }
    });
}

#[test]
fn a_run_without_a_seed_reports_one_that_repeats_it() {
    watched(|| {
        let run = |scenario: &Scenario| {
            let (observer, events) = recorder();
            let report = scenario.start(vec![observer]).unwrap().join();
            (report.scenario, pushed(events))
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
        let least = virtual_run::run(&scenario, 5, &mut new_histogram()).elapsed;
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
        let (observer, events) = recorder();
        let scenario = Scenario { items: 100, capacity: 1, ..quick() };
        let report = scenario.start(vec![observer]).unwrap().join();
        let mut by_worker = HashMap::<_, Vec<_>>::new();
        for event in events {
            by_worker.entry(event.worker).or_default().push(event);
        }
        assert_eq!(by_worker.len(), 6, "two producers, three consumers, and the runner");
        assert!(by_worker.values().all(|events| events.is_sorted_by_key(|event| event.at)));
        let runner: Vec<_> = by_worker[&Worker::Runner].iter().map(|event| event.action).collect();
        assert_eq!(runner, [Action::Closed]);

        for (worker, thread) in report.threads() {
            let actions: Vec<_> = by_worker[&worker].iter().map(|event| event.action).collect();
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
fn close_notifies_the_consumers_that_wait() {
    watched(|| {
        let all_wait = Arc::new(BoundedBuffer::<()>::new(1));
        let gate = {
            let all_wait = all_wait.clone();
            move |event: &Event| {
                if (event.worker, event.action) == (Worker::Producer(1), Action::Ended) {
                    assert!(all_wait.pop().is_err()); // the runner closes when this thread has ended
                }
            }
        };
        let run = quick().start(vec![Box::new(gate)]).unwrap();
        let control = run.control();
        until(|| (control.stats().popped, control.stats().waiting_consumers) == (20, 3));
        let before = control.stats().notifications;
        all_wait.close();
        let report = run.join();
        assert_complete(&report);
        // At least one: a consumer that returns notifies those again that have not returned from their waits yet.
        assert!(report.counters.notifications > before, "{report}");
    });
}

#[test]
fn close_notifies_no_thread_if_none_waits() {
    watched(|| {
        let closed = BoundedBuffer::<()>::new(1);
        let gate = move |event: &Event| match (event.worker, event.action) {
            (Worker::Consumer(_), Action::Began) => assert!(closed.pop().is_err()),
            (Worker::Runner, Action::Closed) => _ = closed.close(),
            _ => {}
        };
        let report = Scenario { capacity: 20, ..quick() }.start(vec![Box::new(gate)]).unwrap().join();
        assert_complete(&report);
        assert_eq!(report.counters.notifications, 0);
    });
}

#[test]
fn the_time_of_waits_and_in_the_buffer_is_measured() {
    watched(|| {
        // One slot, two items. The consumer pops the first item when the producer has waited some time for a slot, and the
        // second item when it has been in the buffer for some time.
        const SOME_TIME: Duration = Duration::from_millis(20);
        let (release, hold) = bounded(10);
        let gate = move |event: &Event| match (event.worker, event.action) {
            (Worker::Producer(_), Action::WaitBegan | Action::Pushed { sequence: 1, .. }) => release.push(()).unwrap(),
            (Worker::Consumer(_), Action::Began | Action::Popped { sequence: 0, .. }) => {
                hold.pop().unwrap();
                std::thread::sleep(2 * SOME_TIME);
            }
            _ => {}
        };
        let scenario = Scenario { producers: 1, consumers: 1, capacity: 1, items: 2, ..quick() };
        let report = scenario.start(vec![Box::new(gate)]).unwrap().join();
        assert_complete(&report);
        assert_eq!(report.producers[0].blocked, 1);
        assert!(report.producers[0].blocked_time >= SOME_TIME, "{report}");
        assert!(report.time_in_buffer.unwrap().min >= SOME_TIME, "both were in the buffer for some time: {report}");
        assert_eq!(report.counters.high_water, 1);
    });
}

#[test]
fn an_early_close_returns_the_item_of_a_waiting_producer() {
    watched(|| {
        let (observer, events) = recorder();
        let run = Scenario { capacity: 2, ..stuck() }.start(vec![observer]).unwrap();
        // The consumer has popped one item, two are in the buffer, and the producer waits with the fourth.
        let mut pushed = 0;
        let full = events.iter().any(|event| {
            pushed += u64::from(matches!(event.action, Action::Pushed { .. }));
            pushed == 3 && (event.worker, event.action) == (Worker::Producer(1), Action::WaitBegan)
        });
        assert!(full);
        run.control().close();
        let report = run.join();
        assert!(report.verdict.holds(), "{report}");
        assert_eq!((report.pushed, report.popped), (3, 3));
    });
}

#[test]
fn an_early_close_ends_all_delays_and_delivers_the_accepted_items() {
    watched(|| {
        let slow = Scenario { produce_ms: u64::MAX - 1..u64::MAX, ..Scenario::default() };
        let endless = Scenario { items: u64::MAX, consumers: 1, ..quick() };
        for scenario in [slow, endless, stuck()] {
            let run = scenario.start(Vec::new()).unwrap();
            let control = run.control();
            let joining = std::thread::spawn(|| run.join()); // meanwhile, the control reads the counters
            until(|| control.stats().popped > 0);
            control.close();
            let report = joining.join().unwrap();
            assert!(report.verdict.holds() && report.closed_early, "{report}");
            assert_eq!(report.pushed, report.popped);
            assert_eq!((control.stats().pushed, control.stats().popped), (report.pushed, report.popped), "{report}");
        }
    });
}

#[test]
fn the_threads_of_a_dropped_run_end() {
    watched(|| {
        let (observer, events) = recorder();
        drop(stuck().start(vec![observer]).unwrap());
        // Ends when the last thread has dropped the observer.
        assert!(events.iter().count() > 0);
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
fn a_report_is_json_with_times_in_milliseconds() {
    watched(|| {
        let report = Scenario { seed: Some(4), ..quick() }.run().unwrap();
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((json["popped"].as_u64(), json["scenario"]["seed"].as_u64()), (Some(20), Some(4)));
        assert_eq!(json["verdict"]["lost"], 0);
        let elapsed = json["elapsed_ms"].as_f64().unwrap() / 1e3;
        assert!((elapsed - report.elapsed.as_secs_f64()).abs() < 1e-9, "{elapsed} s");
    });
}

#[test]
fn each_observer_receives_each_event() {
    watched(|| {
        let ((one, events), (other, others)) = (recorder(), recorder());
        assert_complete(&quick().start(vec![one, other]).unwrap().join());
        let of_producer = |events: std::sync::mpsc::Receiver<Event>| {
            events.iter().filter(|event| event.worker == Worker::Producer(1)).collect::<Vec<_>>()
        };
        let (events, others) = (of_producer(events), of_producer(others));
        assert!(events.len() >= 12, "began, ten items, ended: {events:?}");
        assert_eq!(events, others);
    });
}

#[test]
fn a_producer_that_panics_is_named_and_the_others_go_on() {
    watched(|| {
        let fail = Some(Failure { producer: 2, item: 4 });
        let report = Scenario { fail, ..quick() }.run().unwrap();
        assert!(report.verdict.holds() && !report.closed_early, "{report}");
        assert_eq!((report.producers[0].items, report.producers[1].items, report.popped), (10, 3, 13));
        assert_eq!(report.producers[0].failure, None);
        assert_eq!(report.producers[1].failure.as_deref(), Some("made to fail at its item 4"));
        assert!(report.to_string().contains("Producer 2 failed: made to fail at its item 4"), "{report}");
    });
}

#[test]
fn a_run_ends_though_its_only_producer_panics() {
    let fail = Some(Failure { producer: 1, item: 1 });
    watched(move || {
        let report = Scenario { fail, producers: 1, ..quick() }.run().unwrap();
        assert_eq!((report.pushed, report.popped), (0, 0));
    });
}

/// Panics when the consumer of this number, or any consumer, pops an item. The panic hook is not called.
fn fails_in(consumer: Option<usize>) -> Observer {
    Box::new(move |event: &Event| match (event.worker, event.action) {
        (Worker::Consumer(id), Action::Popped { .. }) if consumer.is_none_or(|consumer| consumer == id) => {
            resume_unwind(Box::new("out of order"));
        }
        _ => {}
    })
}

#[test]
fn a_consumer_that_panics_is_named_and_the_others_go_on() {
    watched(|| {
        let report = Scenario { items: 1000, ..quick() }.start(vec![fails_in(Some(2))]).unwrap().join();
        assert!(report.verdict.holds(), "the item at hand was delivered: {report}");
        assert_eq!(report.popped, 2000);
        let failed = &report.consumers[1];
        assert!(failed.items == 0 || failed.failure.as_deref() == Some("out of order"), "{report}");
        assert!(failed.items <= 1, "{report}");
    });
}

#[test]
fn producers_end_when_all_consumers_have_failed() {
    watched(|| {
        for consumers in [1, 3] {
            let report = Scenario { items: 1000, consumers, ..quick() }.start(vec![fails_in(None)]).unwrap().join();
            assert_eq!(report.popped, consumers as u64);
            assert!(report.closed_early && report.pushed < 2000, "{report}");
            let left = Verdict { lost: report.pushed - report.popped, ..Verdict::default() };
            assert_eq!(report.verdict, left, "the verdict counts the items that no consumer popped");
        }
    });
}
