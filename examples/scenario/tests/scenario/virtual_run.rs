//! Virtual runs, compared with runs computed by hand and with properties of all runs.

use std::time::Duration;

use proptest::prelude::*;
use scenario::Scenario;
use scenario::virtual_run::{Outcome, Spent, run};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// One producer, with delays of constant length.
fn even(produce: u64, consume: u64, consumers: usize, capacity: usize, items: u64) -> Scenario {
    let (produce_ms, consume_ms) = (produce..produce + 1, consume..consume + 1);
    Scenario { producers: 1, consumers, capacity, items, produce_ms, consume_ms, ..Scenario::default() }
}

#[test]
fn with_an_equally_fast_consumer_no_thread_waits() {
    let outcome = run(&even(10, 10, 1, 1, 5), 1);
    let producers = Spent { blocked: ms(0), delayed: ms(50) };
    let in_buffer = vec![ms(0); 5];
    assert_eq!(outcome, Outcome { in_buffer, elapsed: ms(50), producers, consumers: producers });
}

#[test]
fn with_a_slow_consumer_the_producer_waits_and_items_stay_longer() {
    // Pushed at 0, 10, 30 and 60 ms, since the slot is taken from 10 to 30, from 30 to 60 and from 60 to 90 ms.
    let outcome = run(&even(10, 30, 1, 1, 4), 1);
    let producers = Spent { blocked: ms(10 + 20), delayed: ms(4 * 10) };
    let consumers = Spent { blocked: ms(0), delayed: ms(4 * 30) };
    let in_buffer = [0, 20, 30, 30].map(ms).to_vec();
    assert_eq!(outcome, Outcome { in_buffer, elapsed: ms(120), producers, consumers });
}

#[test]
fn more_slots_do_not_help_if_the_consumer_is_too_slow_on_average() {
    let outcome = run(&even(10, 30, 1, 10, 1000), 1);
    let waited = outcome.producers.blocked_fraction();
    assert!((0.65..0.67).contains(&waited), "about two thirds: {waited}");
}

#[test]
fn a_fast_consumer_waits_for_the_rest_of_the_time() {
    // It waits from 10 to 30, from 40 to 60, and so on, and once more at the end, until the close.
    let outcome = run(&even(30, 10, 1, 1, 4), 1);
    assert_eq!(outcome.consumers, Spent { blocked: ms(4 * 20), delayed: ms(4 * 10) });
    assert_eq!((outcome.producers.blocked, outcome.elapsed), (ms(0), ms(120)));
}

proptest! {
    #[test]
    fn no_time_and_no_item_is_lost_in_a_virtual_run(
        (producers, consumers, capacity) in (1_usize..5, 1_usize..5, 1_usize..6),
        (items, seed) in (1_u64..50, any::<u64>()),
        (produce, consume) in (0_u64..30, 0_u64..30),
        (more_to_produce, more_to_consume) in (1_u64..30, 1_u64..30),
    ) {
        let (produce_ms, consume_ms) = (produce..produce + more_to_produce, consume..consume + more_to_consume);
        let scenario = Scenario { producers, consumers, capacity, items, produce_ms, consume_ms, ..Scenario::default() };
        scenario.validate().unwrap();
        let outcome = run(&scenario, seed);
        prop_assert_eq!(&outcome, &run(&scenario, seed), "the same seed");
        prop_assert_eq!(outcome.in_buffer.len() as u64, producers as u64 * items);
        // The delays of the real threads come from the same generators.
        let delays: Duration = (1..=producers)
            .flat_map(|id| scenario.steps(seed, id).take(usize::try_from(items).unwrap()))
            .map(|(_, delay)| delay)
            .sum();
        prop_assert_eq!(outcome.producers.delayed, delays);
        let of_each = |spent: Spent, threads: usize| (spent.blocked + spent.delayed) / u32::try_from(threads).unwrap();
        prop_assert!(of_each(outcome.producers, producers) <= outcome.elapsed);
        prop_assert!(of_each(outcome.consumers, consumers) <= outcome.elapsed);
        prop_assert!(outcome.in_buffer.iter().all(|time| *time <= outcome.elapsed));
    }
}
