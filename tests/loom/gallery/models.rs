//! The models of the gallery: small programs on any `Queue`, each named after the property it checks. Where one asserts
//! nothing, the property is that all of it ends. The numbers in a model's name are its parameters, in order.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use bounded_buffer::sync::model::{Arc, AtomicUsize};

use super::queue::{Fail, New};
use super::shared::{Shared, join};
use crate::linearizability::{self, Call, Event, Outcome, check};

/// One slot, two items. The producers share the pushes, the consumers the pops; who is alone on a side is the main thread.
pub(crate) fn each_pop_gets_an_item(new: New, producers: u32, consumers: u32) {
    let queue = Shared::new(new, 1);
    let produce = move |queue: &Shared, id| (0..2 / producers).for_each(|more| queue.push(id + more));
    let consume = move |queue: &Shared| (0..2 / consumers).for_each(|_| _ = queue.pop());
    if consumers > 1 {
        let threads = queue.spawn_each("consumer", consumers, move |queue, _| consume(queue));
        produce(&queue, 1);
        join(threads);
    } else {
        let threads = queue.spawn_each("producer", producers, produce);
        consume(&queue);
        join(threads);
    }
}

/// Consumers pop from an empty buffer, which is closed.
pub(crate) fn close_wakes_every_consumer(new: New, consumers: u32) {
    let queue = Shared::new(new, 1);
    let threads = queue.spawn_each("consumer", consumers, |queue, _| {
        assert!(queue.pop_or_fail() == Err(Fail::Closed), "nothing was pushed, and closed is all a pop can say");
    });
    queue.close();
    join(threads);
}

/// One slot, one push, one pop.
pub(crate) fn a_push_wakes_a_consumer(new: New) {
    let queue = Shared::new(new, 1);
    let consumer = queue.spawn("consumer 1", Shared::pop);
    queue.push(1);
    join([consumer]);
}

/// One slot, one push. A consumer waits in time only: if it gets the item it pushes another, so that there is one for the
/// second consumer. Its deadline is over by the clock at once (`true`) or never (`false`); the wait may expire early or late.
pub(crate) fn who_gives_up_takes_no_wake_up_along(new: New, late: bool) {
    let deadline = if late { Instant::now() } else { never() };
    let queue = Shared::new(new, 1);
    let timed = queue.spawn("consumer 1", move |queue| {
        if queue.pop_timeout(deadline).is_some() {
            queue.push(2);
        }
    });
    let untimed = queue.spawn("consumer 2", Shared::pop);
    queue.push(1);
    timed.join().unwrap();
    untimed.join().unwrap();
}

/// Two slots. A consumer waits in time only, then as long as it takes, until it has all items.
pub(crate) fn who_gives_up_leaves_no_mark(new: New, items: u32) {
    let queue = Shared::new(new, 2);
    let consumer = queue.spawn("consumer 1", move |queue| {
        let taken = u32::from(queue.pop_timeout(never()).is_some());
        (taken..items).for_each(|_| _ = queue.pop());
    });
    (1..=items).for_each(|item| queue.push(item));
    join([consumer]);
}

/// Two slots. One batch with an item for every consumer.
pub(crate) fn a_batch_push_feeds_every_consumer(new: New, consumers: u32) {
    let queue = Shared::new(new, 2);
    let threads = queue.spawn_each("consumer", consumers, |queue, _| queue.pop());
    queue.push_many(1..=consumers);
    join(threads);
}

/// Two slots, both taken. Producers push one item each; one batch takes the two that were there.
pub(crate) fn a_batch_pop_makes_room_for_every_producer(new: New, producers: u32) {
    let queue = Shared::holding(new, 2, &[1, 2]);
    let threads = queue.spawn_each("producer", producers, |queue, id| queue.push(2 + id));
    assert!(queue.pop_many(2) == [1, 2], "what was pushed first comes first");
    join(threads);
}

/// One item is there, and each consumer asks for it without waiting.
pub(crate) fn try_pop_decides_under_the_lock(new: New, consumers: u32) {
    let queue = Shared::holding(new, 1, &[1]);
    let threads = queue.spawn_each("consumer", consumers, |queue, _| queue.try_pop());
    let taken = join(threads).into_iter().flatten().count();
    assert!(taken == 1, "one consumer takes the item");
}

/// The only producer pushes an item and leaves; the consumer takes what comes until it is closed.
pub(crate) fn the_last_producer_closes(new: New) {
    let queue = Shared::with_producers(new, 1, 1);
    let consumer = queue.spawn("consumer 1", |queue| while queue.pop_or_fail().is_ok() {});
    queue.push(1);
    queue.leave();
    join([consumer]);
}

/// Push, then close, beside a pop.
pub(crate) fn what_was_accepted_outlives_close(new: New) {
    let queue = Shared::new(new, 2);
    let consumer = queue.spawn("consumer 1", |queue| {
        assert!(queue.pop_or_fail() == Ok(1), "the item was accepted, so it is delivered");
    });
    queue.push(1);
    queue.close();
    join([consumer]);
}

/// One slot, taken. A push waits beside a close; after it, some pops free the slot.
pub(crate) fn nothing_is_accepted_after_close(new: New, pops: u32) {
    let queue = Shared::holding(new, 1, &[1]);
    let producer = queue.spawn("producer 1", |queue| {
        assert!(queue.push_or_fail(2) == Err(Fail::Closed), "an item was accepted, and not before the close");
    });
    queue.close();
    (0..pops).for_each(|_| _ = queue.pop());
    join([producer]);
}

/// A thread by itself throws an item out whose drop pops from the very buffer.
pub(crate) fn items_are_dropped_outside_the_lock(new: New) {
    let queue = Shared::new(new, 1);
    let held = queue.clone();
    queue.push_dropping(1, move || _ = held.try_pop());
    queue.clear();
}

/// One slot, a push beside a `try_pop`, and the history must be linearizable: a push that returned is seen by who asks later.
pub(crate) fn a_push_that_returned_is_seen(new: New) {
    let queue = Shared::new(new, 1);
    // Relaxed: the clock must order nothing but itself, or it would hide what is not ordered.
    let clock = Arc::new(AtomicUsize::new(0));
    let now = move || clock.fetch_add(1, Relaxed);
    let later = now.clone();
    let consumer = queue.spawn("consumer 1", move |queue| {
        let invoked = later();
        let outcome = queue.try_pop().map_or(Outcome::Empty, Outcome::Popped);
        Event { call: Call::TryPop, outcome, invoked, returned: later() }
    });
    let invoked = now();
    queue.push(1);
    let push = Event { call: Call::Push(1), outcome: Outcome::Pushed, invoked, returned: now() };
    let mut history = join([consumer]);
    history.push(push);
    check(&linearizability::Queue::new(1, []), history);
}

fn never() -> Instant {
    Instant::now() + Duration::from_hours(1)
}
