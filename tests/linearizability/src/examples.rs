//! Tests of the checker: linearizable and other histories, written by hand.

#![allow(clippy::enum_glob_use, reason = "the histories below are written in calls and outcomes")]

use std::slice;

use crate::Outcome::{self, *};
use crate::call::Call::{self, *};
use crate::{Event, Queue, linearizable};

/// One call and its outcome, from `invoked` to `returned`.
fn event(invoked: usize, returned: usize, call: Call, outcome: Outcome) -> Event {
    Event { call, outcome, invoked, returned }
}

/// Whether the history is linearizable, from a queue of two slots with these items.
fn explained(items: impl IntoIterator<Item = u32>, history: &[Event]) -> bool {
    linearizable(Queue::new(2, items), history)
}

#[test]
fn calls_one_after_the_other_must_be_in_order() {
    let pushes_and_pops = |first, second| {
        [
            event(0, 1, Push(1), Pushed),
            event(2, 3, Push(2), Pushed),
            event(4, 5, Pop, Popped(first)),
            event(6, 7, Pop, Popped(second)),
        ]
    };
    assert!(explained([], &pushes_and_pops(1, 2)));
    assert!(!explained([], &pushes_and_pops(2, 1)));
}

#[test]
fn overlapping_calls_may_be_in_any_order() {
    for (first, second) in [(1, 2), (2, 1)] {
        let pushes = [event(0, 3, Push(1), Pushed), event(1, 2, Push(2), Pushed)];
        let pops = [event(4, 5, Pop, Popped(first)), event(6, 7, Pop, Popped(second))];
        assert!(explained([], &[pushes, pops].concat()));
    }
}

#[test]
fn an_item_cannot_be_popped_before_it_is_pushed() {
    let pop = event(0, 1, Pop, Popped(1));
    assert!(!explained([], &[pop.clone(), event(2, 3, Push(1), Pushed)]));
    assert!(explained([], &[pop, event(0, 3, Push(1), Pushed)]));
}

#[test]
fn an_item_is_popped_once() {
    let pop = |at| event(at, at + 1, TryPop, Popped(1));
    assert!(!explained([1], &[pop(0), pop(2)]));
}

#[test]
fn empty_is_wrong_while_there_is_an_item() {
    assert!(!explained([1], &[event(0, 1, TryPop, Empty)]), "a stale length");
    assert!(!explained([1], &[event(0, 1, PopTimeout, Empty)]), "a time-out without a last attempt");
}

#[test]
fn full_is_wrong_while_there_is_a_free_slot() {
    assert!(!explained([], &[event(0, 1, TryPush(1), Full)]));
    assert!(!explained([], &[event(0, 1, PushTimeout(1), Full)]));
}

#[test]
fn the_capacity_is_not_exceeded() {
    let push = |at| event(at, at + 1, Push(1), Pushed);
    assert!(explained([], &[push(0), push(2)]));
    assert!(!explained([], &[push(0), push(2), push(4)]), "three in two slots");
    let waits = [event(0, 3, Push(1), Pushed), event(1, 2, Len, Length(2)), event(0, 3, Pop, Popped(1))];
    assert!(explained([1, 1], &waits));
}

#[test]
fn nothing_is_accepted_after_close() {
    let close = event(0, 1, Close, WasFirst(true));
    assert!(!explained([], &[close.clone(), event(2, 3, Push(1), Pushed)]));
    assert!(!explained([], &[close.clone(), event(2, 3, ForcePush(1), Forced(None))]));
    assert!(explained([], &[close.clone(), event(2, 3, Push(1), Closed)]));
    assert!(!explained([], &[event(0, 1, Push(1), Closed), event(2, 3, Close, WasFirst(true))]));
    assert!(!explained([], &[close.clone(), close]), "two closes are the first");
}

#[test]
fn accepted_items_come_before_closed() {
    let close = event(0, 1, Close, WasFirst(true));
    assert!(!explained([1], &[close.clone(), event(2, 3, Pop, Closed)]));
    assert!(explained([1], &[close, event(2, 3, Pop, Popped(1))]));
}

#[test]
fn close_and_drain_is_one_step() {
    let during = |calls: &[Event]| {
        let close = event(0, 9, CloseAndDrain, PoppedMany(vec![1]));
        explained([1], &[slice::from_ref(&close), calls].concat())
    };
    assert!(during(&[event(1, 2, TryPop, Closed)]));
    assert!(!during(&[event(1, 2, TryPop, Empty)]), "drained, and not yet closed");
    let late = [event(1, 2, Push(2), Closed), event(3, 4, TryPop, Popped(1))];
    assert!(!during(&late), "closed, and not yet drained");
}

#[test]
fn a_forced_push_evicts_the_oldest_item_if_the_queue_is_full() {
    let force = |evicted| [event(0, 1, ForcePush(3), Forced(evicted))];
    assert!(explained([1, 2], &force(Some(1))));
    assert!(!explained([1, 2], &force(Some(2))), "the newest item was evicted");
    assert!(!explained([1], &force(Some(1))), "a slot was free");
}

#[test]
fn a_batch_is_one_step_if_it_fits() {
    let push = event(0, 9, PushMany(vec![1, 2]), PushedMany(2));
    assert!(!explained([], &[push.clone(), event(1, 2, Len, Length(1))]), "half of the batch is visible");
    assert!(explained([], &[push, event(1, 2, Len, Length(2))]));
}

#[test]
fn a_batch_that_does_not_fit_is_pushed_in_parts() {
    let push = event(0, 9, PushMany(vec![1, 2, 3]), PushedMany(3));
    let pop = |at, items: &[u32]| event(at, at + 1, PopMany(2), PoppedMany(items.to_vec()));
    assert!(explained([], &[push.clone(), pop(1, &[1, 2]), pop(3, &[3])]));
    assert!(!explained([], slice::from_ref(&push)), "three in two slots");
    assert!(!explained([], &[push, pop(1, &[2, 1]), pop(3, &[3])]), "out of order");
}

#[test]
fn a_batch_interrupted_by_close_returns_the_number_of_accepted_items() {
    let close = event(1, 2, CloseAndDrain, PoppedMany(vec![1, 2]));
    for accepted in 0..=3 {
        let push = event(0, 9, PushMany(vec![1, 2, 3]), ClosedAfter(accepted));
        assert_eq!(explained([], &[push, close.clone()]), accepted == 2);
    }
}

#[test]
fn a_lingering_pop_ends_with_its_maximum_or_an_empty_queue() {
    let pop = |max, items: &[u32]| event(0, 9, PopBatch(max), PoppedMany(items.to_vec()));
    let third = event(1, 2, Push(3), Pushed);
    assert!(explained([1, 2], &[pop(1, &[1])]));
    assert!(explained([1, 2], &[pop(3, &[1, 2])]), "no other item came");
    assert!(explained([1, 2], &[pop(3, &[1, 2, 3]), third.clone()]), "the third item came before the end");
    assert!(explained([1, 2], &[pop(3, &[1, 2]), third]), "the third item came later");
    assert!(!explained([1, 2], &[pop(3, &[1])]), "an item remained");
    assert!(!explained([], &[pop(3, &[])]), "it waits for the first item");
}
