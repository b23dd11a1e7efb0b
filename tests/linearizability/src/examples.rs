//! Tests of the checker: linearizable and other histories, written by hand.

use std::slice;

use crate::call::{Call, Outcome};
use crate::checker::linearizable;
use crate::{Event, Queue};

/// One call and its outcome, from `invoked` to `returned`.
fn event(invoked: usize, returned: usize, call: Call, outcome: Outcome) -> Event {
    Event { call, outcome, invoked, returned }
}

/// Whether the history is linearizable, from an empty queue of two slots.
fn explained(history: &[Event]) -> bool {
    linearizable(Queue::new(2, []), history)
}

#[test]
fn calls_one_after_the_other_must_be_in_order() {
    let push = [event(0, 1, Call::Push(1), Outcome::Pushed), event(2, 3, Call::Push(2), Outcome::Pushed)];
    let pop = |first, second| {
        [event(4, 5, Call::Pop, Outcome::Popped(first)), event(6, 7, Call::Pop, Outcome::Popped(second))]
    };
    assert!(explained(&[push.clone(), pop(1, 2)].concat()));
    assert!(!explained(&[push, pop(2, 1)].concat()), "out of order");
}

#[test]
fn overlapping_calls_may_be_in_any_order() {
    let push = [event(0, 3, Call::Push(1), Outcome::Pushed), event(1, 2, Call::Push(2), Outcome::Pushed)];
    for (first, second) in [(1, 2), (2, 1)] {
        let pop = [event(4, 5, Call::Pop, Outcome::Popped(first)), event(6, 7, Call::Pop, Outcome::Popped(second))];
        assert!(explained(&[push.clone(), pop].concat()));
    }
}

#[test]
fn an_item_cannot_be_popped_before_it_is_pushed() {
    let pop = event(0, 1, Call::Pop, Outcome::Popped(1));
    assert!(!explained(&[pop.clone(), event(2, 3, Call::Push(1), Outcome::Pushed)]));
    assert!(explained(&[pop, event(0, 3, Call::Push(1), Outcome::Pushed)]));
}

#[test]
fn an_item_is_popped_once() {
    let push = event(0, 1, Call::Push(1), Outcome::Pushed);
    let pop = |at| event(at, at + 1, Call::TryPop, Outcome::Popped(1));
    assert!(!explained(&[push, pop(2), pop(4)]));
}

#[test]
fn empty_is_wrong_while_there_is_an_item() {
    let push = event(0, 1, Call::Push(1), Outcome::Pushed);
    assert!(!explained(&[push.clone(), event(2, 3, Call::TryPop, Outcome::Empty)]), "a stale length");
    assert!(!explained(&[push, event(2, 3, Call::PopTimeout, Outcome::Empty)]), "a time-out without a last attempt");
}

#[test]
fn full_is_wrong_while_there_is_a_free_slot() {
    assert!(!explained(&[event(0, 1, Call::TryPush(1), Outcome::Full)]));
    assert!(!explained(&[event(0, 1, Call::PushTimeout(1), Outcome::Full)]));
}

#[test]
fn the_capacity_is_not_exceeded() {
    let push = |at| event(at, at + 1, Call::Push(1), Outcome::Pushed);
    assert!(explained(&[push(0), push(2)]));
    assert!(!explained(&[push(0), push(2), push(4)]), "three in two slots");
    assert!(
        explained(&[
            push(0),
            push(2),
            event(4, 7, Call::Push(1), Outcome::Pushed),
            event(5, 6, Call::Len, Outcome::Length(2)),
            event(4, 7, Call::Pop, Outcome::Popped(1))
        ]),
        "the third waited"
    );
}

#[test]
fn nothing_is_accepted_after_close() {
    let close = event(0, 1, Call::Close, Outcome::WasFirst(true));
    assert!(!explained(&[close.clone(), event(2, 3, Call::Push(1), Outcome::Pushed)]));
    assert!(!explained(&[close.clone(), event(2, 3, Call::ForcePush(1), Outcome::Forced(None))]));
    assert!(explained(&[close.clone(), event(2, 3, Call::Push(1), Outcome::Closed)]));
    assert!(!explained(&[
        event(0, 1, Call::Push(1), Outcome::Closed),
        event(2, 3, Call::Close, Outcome::WasFirst(true))
    ]));
    assert!(!explained(&[close.clone(), close]), "two closes are the first");
}

#[test]
fn accepted_items_come_before_closed() {
    let push = event(0, 1, Call::Push(1), Outcome::Pushed);
    let close = event(2, 3, Call::Close, Outcome::WasFirst(true));
    assert!(!explained(&[push.clone(), close.clone(), event(4, 5, Call::Pop, Outcome::Closed)]));
    assert!(explained(&[push, close, event(4, 5, Call::Pop, Outcome::Popped(1))]));
}

#[test]
fn close_and_drain_is_one_step() {
    let push = event(0, 1, Call::Push(1), Outcome::Pushed);
    let close = event(2, 9, Call::CloseAndDrain, Outcome::PoppedMany(vec![1]));
    assert!(explained(&[push.clone(), close.clone(), event(3, 4, Call::TryPop, Outcome::Closed)]));
    assert!(
        !explained(&[push.clone(), close.clone(), event(3, 4, Call::TryPop, Outcome::Empty)]),
        "drained, and not yet closed"
    );
    let late = event(3, 4, Call::Push(2), Outcome::Closed);
    let pop = event(5, 6, Call::TryPop, Outcome::Popped(1));
    assert!(!explained(&[push, close, late, pop]), "closed, and not yet drained");
}

#[test]
fn a_forced_push_evicts_the_oldest_item_if_the_queue_is_full() {
    let push = [event(0, 1, Call::Push(1), Outcome::Pushed), event(2, 3, Call::Push(2), Outcome::Pushed)];
    let force = |evicted| event(4, 5, Call::ForcePush(3), Outcome::Forced(evicted));
    assert!(explained(&[push.to_vec(), vec![force(Some(1))]].concat()));
    assert!(!explained(&[push.to_vec(), vec![force(Some(2))]].concat()), "the newest item was evicted");
    assert!(!explained(&[push[0].clone(), force(Some(1))]), "a slot was free");
}

#[test]
fn a_batch_is_one_step_if_it_fits() {
    let push = event(0, 9, Call::PushMany(vec![1, 2]), Outcome::PushedMany(2));
    assert!(!explained(&[push.clone(), event(1, 2, Call::Len, Outcome::Length(1))]), "half of the batch is visible");
    assert!(explained(&[push, event(1, 2, Call::Len, Outcome::Length(2))]));
}

#[test]
fn a_batch_that_does_not_fit_is_pushed_in_parts() {
    let push = event(0, 9, Call::PushMany(vec![1, 2, 3]), Outcome::PushedMany(3));
    let pop = |at, items: &[u32]| event(at, at + 1, Call::PopMany(2), Outcome::PoppedMany(items.to_vec()));
    assert!(explained(&[push.clone(), pop(1, &[1, 2]), pop(3, &[3])]));
    assert!(!explained(slice::from_ref(&push)), "three in two slots");
    assert!(!explained(&[push, pop(1, &[2, 1]), pop(3, &[3])]), "out of order");
}

#[test]
fn a_batch_interrupted_by_close_returns_the_number_of_accepted_items() {
    let close = event(1, 2, Call::CloseAndDrain, Outcome::PoppedMany(vec![1, 2]));
    let push = |accepted| event(0, 9, Call::PushMany(vec![1, 2, 3]), Outcome::ClosedAfter(accepted));
    assert!(explained(&[push(2), close.clone()]));
    assert!(!explained(&[push(1), close.clone()]));
    assert!(!explained(&[push(3), close]));
}

#[test]
fn a_lingering_pop_ends_with_its_maximum_or_an_empty_queue() {
    let push = [event(0, 1, Call::Push(1), Outcome::Pushed), event(2, 3, Call::Push(2), Outcome::Pushed)];
    let pop = |max, items: &[u32]| event(4, 9, Call::PopBatch(max), Outcome::PoppedMany(items.to_vec()));
    let third = event(5, 6, Call::Push(3), Outcome::Pushed);
    assert!(explained(&[push.to_vec(), vec![pop(1, &[1])]].concat()));
    assert!(explained(&[push.to_vec(), vec![pop(3, &[1, 2])]].concat()), "no other item came");
    assert!(
        explained(&[push.to_vec(), vec![pop(3, &[1, 2, 3]), third.clone()]].concat()),
        "the third item came before the end"
    );
    assert!(explained(&[push.to_vec(), vec![pop(3, &[1, 2]), third]].concat()), "the third item came later");
    assert!(!explained(&[push.to_vec(), vec![pop(3, &[1])]].concat()), "an item remained");
    assert!(!explained(&[event(4, 9, Call::PopBatch(3), Outcome::PoppedMany(vec![]))]), "it waits for the first item");
}
