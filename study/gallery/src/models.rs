//! The models of the gallery: small programs on a `Queue`, each named after the property that it checks. A model without
//! assertions checks that all its threads end. The numbers in a model's name are its parameters, in order.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use bounded_buffer_model::{Arc, AtomicUsize, task};

use crate::queue::{Fail, New};
use crate::shared::{Shared, join, popping_waker};
use linearizability::{Call, Event, Outcome, check};

/// One slot and two items. Pushes are divided among the producers, pops among the consumers. If a side has one thread, it is `main`.
pub fn each_pop_gets_an_item(new: New, producers: u32, consumers: u32) {
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

/// Consumers pop from an empty buffer while `main` closes it.
pub fn close_wakes_each_consumer(new: New, consumers: u32) {
    let queue = Shared::new(new, 1);
    let threads = queue.spawn_each("consumer", consumers, |queue, _| {
        assert!(queue.pop_or_fail() == Err(Fail::Closed), "no item was pushed, so a pop can only report closed");
    });
    queue.close();
    join(threads);
}

/// One slot, one push, one pop.
pub fn a_push_wakes_a_consumer(new: New) {
    let queue = Shared::new(new, 1);
    let consumer = queue.spawn("consumer 1", Shared::pop);
    queue.push(1);
    join([consumer]);
}

/// One slot, one push, two consumers. One of them pops with a deadline, and pushes another item if it gets the first. By the
/// clock, the deadline has already passed (`true`) or is an hour away (`false`). In both cases loom explores an early and a
/// late expiry.
pub fn a_timed_out_pop_loses_no_wakeup(new: New, late: bool) {
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

/// Two slots. A consumer pops once with a deadline, then without one until it has all items.
pub fn a_timed_out_pop_leaves_no_pending_flag(new: New, items: u32) {
    let queue = Shared::new(new, 2);
    let consumer = queue.spawn("consumer 1", move |queue| {
        let taken = u32::from(queue.pop_timeout(never()).is_some());
        (taken..items).for_each(|_| _ = queue.pop());
    });
    (1..=items).for_each(|item| queue.push(item));
    join([consumer]);
}

/// Two slots. One batch contains an item for each consumer.
pub fn a_batch_push_wakes_each_consumer(new: New, consumers: u32) {
    let queue = Shared::new(new, 2);
    let threads = queue.spawn_each("consumer", consumers, |queue, _| queue.pop());
    queue.push_many(1..=consumers);
    join(threads);
}

/// Two slots, both full. Each producer pushes one item, and one batch pop takes the first two items.
pub fn a_batch_pop_wakes_each_producer(new: New, producers: u32) {
    let queue = Shared::holding(new, 2, &[1, 2]);
    let threads = queue.spawn_each("producer", producers, |queue, id| queue.push(2 + id));
    assert!(queue.pop_many(2) == [1, 2], "first in, first out");
    join(threads);
}

/// The buffer holds one item, and each consumer calls `try_pop`.
pub fn try_pop_decides_under_the_lock(new: New, consumers: u32) {
    let queue = Shared::holding(new, 1, &[1]);
    let threads = queue.spawn_each("consumer", consumers, |queue, _| queue.try_pop());
    let taken = join(threads).into_iter().flatten().count();
    assert!(taken == 1, "one consumer takes the item");
}

/// The only producer pushes an item and leaves. The consumer pops until the buffer is closed.
pub fn the_last_producer_closes(new: New) {
    let queue = Shared::with_producers(new, 1, 1);
    let consumer = queue.spawn("consumer 1", |queue| while queue.pop_or_fail().is_ok() {});
    queue.push(1);
    queue.leave();
    join([consumer]);
}

/// A push and a close, concurrently with a pop.
pub fn accepted_items_are_delivered_after_close(new: New) {
    let queue = Shared::new(new, 2);
    let consumer = queue.spawn("consumer 1", |queue| {
        assert!(queue.pop_or_fail() == Ok(1), "the accepted item was not delivered");
    });
    queue.push(1);
    queue.close();
    join([consumer]);
}

/// One full slot. A push is concurrent with a close, which the given number of pops follows.
pub fn nothing_is_accepted_after_close(new: New, pops: u32) {
    let queue = Shared::holding(new, 1, &[1]);
    let producer = queue.spawn("producer 1", |queue| {
        assert!(queue.push_or_fail(2) == Err(Fail::Closed), "the item was accepted after the close");
    });
    queue.close();
    (0..pops).for_each(|_| _ = queue.pop());
    join([producer]);
}

/// One thread removes an item whose `Drop` pops from the same buffer.
pub fn items_are_dropped_without_the_lock(new: New) {
    let queue = Shared::new(new, 1);
    let held = queue.clone();
    queue.push_dropping(1, move || _ = held.try_pop());
    queue.clear();
}

/// One slot. A push is concurrent with a `try_pop`, and the history must be linearizable: a later call observes a push that returned.
pub fn a_completed_push_is_visible(new: New) {
    let queue = Shared::new(new, 1);
    // Relaxed: the clock must order no other operation, or it would hide that an operation is not ordered.
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

/// One slot. Two producers push one item each. `main` and another consumer pop one item each.
pub fn two_producers_and_two_consumers_on_one_slot(new: New) {
    let queue = Shared::new(new, 1);
    let producers = queue.spawn_each("producer", 2, Shared::push);
    let consumer = queue.spawn("consumer 1", Shared::pop);
    let first = queue.pop();
    let second = join([consumer])[0];
    assert!(first + second == 3, "each item is popped once");
    join(producers);
}

/// `main` is a task. It polls a pop, pushes an item and cancels the pop, as a `select!` between the two does. A consumer thread pops.
pub fn a_cancelled_pop_passes_its_wakeup_on(new: New) {
    let queue = Shared::new(new, 1);
    let consumer = queue.spawn("consumer 1", Shared::pop);
    let pop = queue.start_pop(&task::waker()).expect("no thread has pushed");
    queue.push(1);
    pop.cancel();
    join([consumer]);
}

/// A future moves from one task to another: it was polled with the waker of `main`, and then a consumer polls it to its end. `main`
/// pushes an item.
pub fn the_waker_of_the_last_poll_is_called(new: New) {
    let queue = Shared::new(new, 1);
    let first = task::waker();
    let consumer = queue.spawn("consumer 1", move |queue| {
        if let Some(pop) = queue.start_pop(&first) {
            pop.wait();
        }
    });
    queue.push(1);
    join([consumer]);
}

/// One thread. It polls a pop with a waker that pops from the same buffer, and pushes an item.
pub fn a_waker_can_use_the_buffer(new: New) {
    let queue = Shared::new(new, 1);
    let pop = queue.start_pop(&popping_waker(&queue)).expect("no thread has pushed");
    queue.push(1);
    pop.cancel();
}

/// `main` polls a pop and cancels it. Then it pushes an item, and a task pops.
pub fn a_cancelled_pop_leaves_no_waker(new: New) {
    let queue = Shared::new(new, 1);
    let consumer = queue.spawn("consumer 1", Shared::pop_async);
    queue.start_pop(&task::waker()).expect("no thread has pushed").cancel();
    queue.push(1);
    join([consumer]);
}

fn never() -> Instant {
    Instant::now() + Duration::from_hours(1)
}
