//! Sequences of operations on one thread, compared with the models of the package `operations`: random ones, the seeds of the fuzz
//! targets, and as tests of their own, sequences that found a break once.

use bounded_buffer::WaitStrategy;
use operations::{sequence, tasks};
use proptest::prelude::*;
use test_support::watched;

#[test]
fn random_sequences_of_operations_agree_with_a_plain_queue() {
    watched(|| {
        operations_of_threads();
    });
}

#[test]
fn futures_that_are_polled_and_dropped_at_random_agree_with_a_model() {
    watched(|| {
        operations_of_tasks();
    });
}

/// Found `advance` of `src/ring.rs` wrong when it set the head to 0 at the wrap, instead of subtracting the capacity.
#[test]
fn a_batch_that_wraps_leaves_the_head_in_its_place() {
    use sequence::Operation::*;
    watched(|| sequence::compare(2, WaitStrategy::Park, [PushMany(2), PopMany(2), PushMany(2), ForcePush, PopMany(3)]));
}

#[test]
fn each_seed_of_the_fuzz_targets_agrees_with_its_model() {
    let compare_each = |seeds: &str, compare: fn(&[u8])| {
        assert!(seeds.lines().count() > 30);
        for seed in seeds.lines() {
            let byte = |at| u8::from_str_radix(&seed[at..at + 2], 16).unwrap();
            compare(&(0..seed.len()).step_by(2).map(byte).collect::<Vec<_>>());
        }
    };
    watched(|| {
        compare_each(include_str!("../../fuzz/seeds/sequence.txt"), sequence::compare_input);
        compare_each(include_str!("../../fuzz/seeds/tasks.txt"), tasks::compare_input);
    });
}

proptest! {
    fn operations_of_threads(
        capacity in prop_oneof![4 => 1..=4_usize, 1 => 5..=20_usize],
        strategy in prop_oneof![Just(WaitStrategy::Park), Just(WaitStrategy::Adaptive)],
        // Counts below 8 are about as often larger as smaller than what the buffer has.
        operations in prop::collection::vec(
            (any::<u8>(), 0..8_u8, 0..8_u8).prop_map(|(kind, take, count)| sequence::Operation::decode([kind, take << 4 | count])),
            1..80,
        ),
    ) {
        sequence::compare(capacity, strategy, operations);
    }

    fn operations_of_tasks(
        capacity in 1..=4_usize,
        operations in prop::collection::vec(any::<[u8; 2]>().prop_map(tasks::Operation::decode), 1..120),
    ) {
        tasks::compare(capacity, operations);
    }
}
