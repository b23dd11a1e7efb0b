//! Sequences of operations on one thread, compared with the models of the package `operations`: each operation in each state of a
//! small buffer, random ones, the seeds of the fuzz targets, and as tests of their own, sequences that found a break once.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bounded_buffer::WaitStrategy;
use operations::sequence::How::Wait;
use operations::tasks::Kind;
use operations::{sequence, tasks};
use proptest::prelude::*;
use test_support::{watched, with_each_strategy};

/// Names the sequence that failed.
fn check<O: Debug + Clone>(operations: &[O], compare: impl FnOnce(Vec<O>)) {
    let result = catch_unwind(AssertUnwindSafe(|| compare(operations.to_vec())));
    assert!(result.is_ok(), "this sequence differs from the model: {operations:?}");
}

/// Sequences that lead to each position of the head with each length, open and closed.
fn states(capacity: usize) -> impl Iterator<Item = Vec<sequence::Operation>> {
    use sequence::Operation::*;
    let places = (0..capacity).flat_map(move |head| (0..=capacity).map(move |len| (head, len)));
    places.flat_map(move |(head, len)| {
        let open = [[Push(Wait), Pop(Wait)].repeat(head), vec![PushMany(Wait, len)]].concat();
        [[open.clone(), vec![Close]].concat(), open]
    })
}

#[test]
fn each_operation_in_each_state_agrees_with_a_plain_queue() {
    with_each_strategy(|strategy| {
        for capacity in 1..=4_u8 {
            let all = sequence::Operation::all(0..=capacity + 2);
            let capacity = capacity.into();
            for state in states(capacity) {
                for &operation in &all {
                    let operations = [state.clone(), vec![operation]].concat();
                    check(&operations, |operations| sequence::compare(capacity, strategy, operations));
                }
            }
        }
    });
}

#[test]
fn each_two_operations_in_each_state_agree_with_a_plain_queue() {
    let each = sequence::Operation::all(2..=2);
    with_each_strategy(|strategy| {
        for state in states(2) {
            for first in &each {
                for second in &each {
                    let operations = [&state[..], &[*first, *second]].concat();
                    check(&operations, |operations| sequence::compare(2, strategy, operations));
                }
            }
        }
    });
}

/// Two tasks wait on one side, and a third may begin to. Each three steps follow.
#[test]
fn each_sequence_next_to_waiting_tasks_agrees_with_a_model() {
    use tasks::Operation::*;
    const PUSHES: [Kind; 2] = [Kind::Push, Kind::PushMany(2)];
    const POPS: [Kind; 2] = [Kind::Pop, Kind::PopMany(2)];
    let each: [&[_]; 16] = [
        &[TryPush],
        &[TryPushMany(2)],
        &[ForcePush],
        &[TryPop],
        &[TryPopMany(2)],
        &[Drain],
        &[Close],
        &[Poll(0, 0)],
        &[Poll(0, 1)],
        &[Poll(1, 0)],
        &[Cancel(0)],
        &[Cancel(1)],
        &[Create(2, Kind::Pop), Poll(2, 0)],
        &[Create(2, Kind::Push), Poll(2, 0)],
        &[Create(2, Kind::Closed), Poll(2, 0)],
        &[Poll(2, 1)],
    ];
    watched(|| {
        for kinds in [PUSHES, POPS] {
            for (first, second) in kinds.into_iter().flat_map(|first| kinds.map(|second| (first, second))) {
                for capacity in [1, 3] {
                    let fill = if kinds == PUSHES { capacity } else { 0 };
                    let state = [TryPushMany(fill), Create(0, first), Poll(0, 0), Create(1, second), Poll(1, 0)];
                    for number in 0..each.len().pow(3) {
                        let step = |place: u32| each[number / each.len().pow(place) % each.len()];
                        let operations = [&state[..], step(0), step(1), step(2)].concat();
                        check(&operations, |operations| tasks::compare(capacity, operations));
                    }
                }
            }
        }
    });
}

/// Found `advance` of `src/ring.rs` wrong when it set the head to 0 at the wrap, instead of subtracting the capacity.
#[test]
fn a_batch_that_wraps_leaves_the_head_in_its_place() {
    use sequence::Operation::*;
    let operations = [PushMany(Wait, 2), PopMany(Wait, 2), PushMany(Wait, 2), ForcePush, PopMany(Wait, 3)];
    watched(|| sequence::compare(2, WaitStrategy::Park, operations));
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

#[test]
fn random_sequences_of_operations_agree_with_a_plain_queue() {
    let capacity = prop_oneof![4 => 1..=4_usize, 1 => 5..=20_usize];
    let strategy = prop_oneof![Just(WaitStrategy::Park), Just(WaitStrategy::Adaptive)];
    // Counts below 8 are about as often larger as smaller than what the buffer has.
    let operation = (any::<u8>(), 0..8_u8, 0..8_u8)
        .prop_map(|(kind, take, count)| sequence::Operation::decode([kind, take << 4 | count]));
    let operations = prop::collection::vec(operation, 1..80);
    watched(|| {
        proptest!(|(capacity in capacity, strategy in strategy, operations in operations)| {
            sequence::compare(capacity, strategy, operations);
        });
    });
}

#[test]
fn futures_that_are_polled_and_dropped_at_random_agree_with_a_model() {
    let operations = prop::collection::vec(any::<[u8; 2]>().prop_map(tasks::Operation::decode), 1..120);
    watched(|| {
        proptest!(|(capacity in 1..=4_usize, operations in operations)| tasks::compare(capacity, operations));
    });
}
