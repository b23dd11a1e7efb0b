//! Threads that fail, and consumers added and removed during a run.

use crate::{quick, recorder, stuck};
use bounded_buffer::BoundedBuffer;
use scenario::{Action, Channel, Crossbeam, Event, Failure, Item, Scenario, StartError, Std, Verdict, Worker};
use std::panic::resume_unwind;
use std::sync::Arc;
use test_support::watched;

#[test]
fn a_producer_that_panics_is_named_and_the_others_go_on() {
    fn on<C: Channel>() {
        let fail = Some(Failure { producer: 2, item: 4 });
        let report = Scenario { fail, consumers: 1, ..quick() }.start_on::<C, _>(()).unwrap().join();
        assert!(report.verdict.holds() && !report.closed_early, "{report}");
        assert_eq!((report.producers[0].items, report.producers[1].items, report.popped), (10, 3, 13));
        assert_eq!(report.producers[0].failure, None);
        assert_eq!(report.producers[1].failure.as_deref(), Some("made to fail at its item 4"));
        assert!(report.to_string().contains("Producer 2 failed: made to fail at its item 4"), "{report}");
    }
    watched(|| {
        on::<BoundedBuffer<Item>>();
        on::<Std>();
        on::<Crossbeam>();
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
fn fails_in(consumer: Option<usize>) -> impl Fn(&Event) {
    move |event| match (event.worker, event.action) {
        (Worker::Consumer(id), Action::Popped { .. }) if consumer.is_none_or(|consumer| consumer == id) => {
            resume_unwind(Box::new("out of order"));
        }
        _ => {}
    }
}

#[test]
fn a_consumer_that_panics_is_named_and_the_others_go_on() {
    watched(|| {
        let report = Scenario { items: 1000, ..quick() }.start(fails_in(Some(2))).unwrap().join();
        assert!(report.verdict.holds(), "the item at hand was delivered: {report}");
        assert_eq!(report.popped, 2000);
        let failed = &report.consumers[1];
        assert!(failed.items == 0 || failed.failure.as_deref() == Some("out of order"), "{report}");
        assert!(failed.items <= 1, "{report}");
    });
}

#[test]
fn producers_end_when_all_consumers_have_failed() {
    fn on<C: Channel>() {
        let scenario = Scenario { items: 1000, consumers: 1, ..quick() };
        let report = scenario.start_on::<C, _>(fails_in(None)).unwrap().join();
        assert_eq!(report.popped, 1);
        assert!(report.closed_early && report.pushed < 2000, "{report}");
        let left = Verdict { lost: report.pushed - 1, ..Verdict::default() };
        assert_eq!(report.verdict, left, "the verdict counts the items that no consumer popped");
    }
    watched(|| {
        on::<BoundedBuffer<Item>>();
        on::<Std>();
        on::<Crossbeam>();
    });
}

#[test]
fn a_consumer_added_during_the_run_pops_items() {
    watched(|| {
        let mut run = Scenario { items: 100, ..stuck() }.start(()).unwrap();
        // Each consumer pops one item, and its delay lasts until the run is closed. The other items stay in the buffer.
        for id in 2..=5 {
            assert_eq!(run.add_consumer().unwrap(), id);
        }
        while run.stats().is_none_or(|stats| stats.popped < 5) {
            std::thread::yield_now();
        }
        run.close();
        let report = run.join();
        assert!(report.verdict.holds(), "{report}");
        assert!(report.consumers.iter().all(|consumer| consumer.items >= 1), "{report}");
    });
}

#[test]
fn the_counters_can_be_read_while_another_thread_joins_the_run() {
    watched(|| {
        let run = stuck().start(()).unwrap();
        let (stats, close) = (run.stats_reader(), run.closer());
        let joining = std::thread::spawn(|| run.join());
        while stats().is_none_or(|stats| stats.popped == 0) {
            std::thread::yield_now();
        }
        close();
        let report = joining.join().unwrap();
        let last = stats().unwrap();
        assert_eq!((last.pushed, last.popped), (report.pushed, report.popped), "{report}");
    });
}

#[test]
fn a_removed_consumer_leaves_during_the_run_and_the_last_one_stays() {
    watched(|| {
        // The producer does not begin until the consumer is removed: both consumers may be inside `pop` before that, and one
        // leaves when it has popped an item. The producer stops halfway until then.
        let (removed, left) = (Arc::new(BoundedBuffer::<()>::new(1)), BoundedBuffer::<()>::new(1));
        let observer = {
            let removed = removed.clone();
            move |event: &Event| match (event.worker, event.action) {
                (Worker::Consumer(_), Action::Ended) => _ = left.close(),
                (Worker::Producer(_), Action::Began) => assert!(removed.pop().is_err()),
                (Worker::Producer(_), Action::Pushed { sequence: 5, .. }) => assert!(left.pop().is_err()),
                _ => {}
            }
        };
        let run = Scenario { producers: 1, consumers: 2, ..quick() }.start(observer).unwrap();
        assert!(run.remove_consumer());
        assert!(!run.remove_consumer(), "the last consumer stays");
        removed.close();
        let report = run.join();
        assert!(report.verdict.holds(), "{report}");
        assert_eq!((report.popped, report.consumers.len()), (10, 2));
    });
}

#[test]
fn a_consumer_that_panics_leaves_instead_of_a_removed_one() {
    watched(|| {
        let (begin, failed) = (Arc::new(BoundedBuffer::<()>::new(1)), BoundedBuffer::<()>::new(1));
        let gate = {
            let begin = begin.clone();
            move |event: &Event| match (event.worker, event.action) {
                (Worker::Producer(_), Action::Began) => assert!(begin.pop().is_err()),
                (_, Action::Popped { sequence: 0, .. }) => resume_unwind(Box::new("out of order")),
                (_, Action::Popped { .. }) => assert!(failed.pop().is_err()), // not before the other
                (_, Action::Failed) => _ = failed.close(),
                _ => {}
            }
        };
        let (recorder, events) = recorder();
        let run = Scenario { producers: 1, consumers: 2, ..quick() }.start((recorder, gate)).unwrap();
        // Both consumers wait for an item, so neither can leave before it pops one.
        assert_eq!(events.iter().filter(|event| event.action == Action::WaitBegan).take(2).count(), 2);
        assert!(run.remove_consumer());
        begin.close();
        let report = run.join();
        assert!(report.verdict.holds() && !report.closed_early, "the other one stays: {report}");
        assert_eq!(report.popped, 10);
    });
}

#[test]
fn a_channel_for_one_consumer_refuses_more() {
    watched(|| {
        let error = quick().start_on::<Std, _>(()).map(drop).unwrap_err();
        assert_eq!(error.to_string(), "the channel std supports only one consumer");
        let mut run = Scenario { consumers: 1, ..quick() }.start_on::<Std, _>(()).unwrap();
        assert!(matches!(run.add_consumer(), Err(StartError::OneConsumerOnly("std"))));
        assert_eq!(run.join().popped, 20);
    });
}
