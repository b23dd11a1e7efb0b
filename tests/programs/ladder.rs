//! The steps of `examples/ladder`: each is a bounded buffer. Their models are in `tests/loom/ladder.rs`.

#![allow(dead_code, reason = "the example reads the counts")]
#![allow(clippy::disallowed_types, reason = "the first step is built on std's own")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;

use crate::support::watched;

#[path = "../../examples/ladder/sync.rs"]
mod sync;

#[path = "../../examples/ladder/step1_textbook.rs"]
mod step1_textbook;
#[path = "../../examples/ladder/step2_parking_lot.rs"]
mod step2_parking_lot;
#[path = "../../examples/ladder/step3_notify_if_waiting.rs"]
mod step3_notify_if_waiting;
#[path = "../../examples/ladder/step4_chained_wakeups.rs"]
mod step4_chained_wakeups;
#[path = "../../examples/ladder/step5_spin.rs"]
mod step5_spin;
#[path = "../../examples/ladder/step6_back_off.rs"]
mod step6_back_off;
#[path = "../../examples/ladder/step7_batches.rs"]
mod step7_batches;
#[path = "../../examples/ladder/waits.rs"]
mod waits;

use waits::Waits;

const PRODUCERS: u64 = 3;
const ITEMS: u64 = 400;

/// Three producers and three consumers on so few slots that all of them wait; then close.
fn all_items_once_and_in_order<B: Send + Sync + 'static>(
    buffer: B,
    push_all: fn(&B, VecDeque<u64>),
    pop: fn(&B) -> Option<u64>,
    close: fn(&B),
) {
    watched(move || {
        let buffer = Arc::new(buffer);
        let producers: Vec<_> = (0..PRODUCERS)
            .map(|id| {
                let buffer = buffer.clone();
                thread::spawn(move || push_all(&buffer, (id * ITEMS..(id + 1) * ITEMS).collect()))
            })
            .collect();
        let consumers: Vec<_> = (0..3)
            .map(|_| {
                let buffer = buffer.clone();
                thread::spawn(move || std::iter::from_fn(|| pop(&buffer)).collect::<Vec<_>>())
            })
            .collect();
        for producer in producers {
            producer.join().unwrap();
        }
        close(&buffer); // and the consumers end, having drained it
        let taken: Vec<_> = consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect();
        for items in &taken {
            for producer in 0..PRODUCERS {
                assert!(items.iter().filter(|&item| item / ITEMS == producer).is_sorted());
            }
        }
        let mut all = taken.concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..PRODUCERS * ITEMS));
    });
}

macro_rules! single {
    ($($step:ident)+) => {
        $(
            #[test]
            fn $step() {
                let buffer = $step::Buffer::new(2);
                let push_all = |buffer: &$step::Buffer<u64>, items: VecDeque<u64>| {
                    assert!(items.into_iter().all(|item| buffer.push(item).is_ok()), "it is open");
                };
                all_items_once_and_in_order(buffer, push_all, $step::Buffer::pop, $step::Buffer::close);
            }
        )+
    };
}
single!(step1_textbook step2_parking_lot step3_notify_if_waiting step4_chained_wakeups step5_spin step6_back_off);

#[test]
fn step7_batches() {
    let push_all = |buffer: &step7_batches::Buffer<u64>, mut items: VecDeque<u64>| {
        assert!(buffer.push_many(&mut items), "it is open");
    };
    let pop = |buffer: &step7_batches::Buffer<u64>| {
        let mut one = Vec::new();
        buffer.pop_many(&mut one, 1);
        one.pop()
    };
    all_items_once_and_in_order(step7_batches::Buffer::new(2), push_all, pop, step7_batches::Buffer::close);
}

/// So that the difference of two neighbours is one idea.
#[test]
fn each_step_is_read_at_a_glance() {
    let steps = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ladder")).unwrap();
    let steps: Vec<_> = steps
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("step"))
        .collect();
    assert_eq!(steps.len(), 7);
    for step in steps {
        let lines = std::fs::read_to_string(&step).unwrap().lines().count();
        assert!(lines <= 120, "{}: {lines} lines", step.display());
    }
}
