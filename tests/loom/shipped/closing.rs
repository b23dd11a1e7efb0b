//! Close wakes all waiters, no item is accepted after it, and no accepted item is lost.

use std::sync::atomic::Ordering::Relaxed;

use bounded_buffer::{PopError, PushError, TryPopError, TryPushError};
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;

use super::{Buffer, empty, full, join, spawn};
use crate::explore::{BOUNDED, DEEPER, UNBOUNDED};
use crate::harness::{Model, model};

pub(super) const MODELS: &[Model] = &[
    model("close_wakes_a_consumer", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, Buffer::pop);
        buffer.close();
        assert_eq!(join(consumer), Err(PopError));
    }),
    model("close_wakes_a_producer", UNBOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        buffer.close();
        assert_eq!(join(producer), Err(PushError(1)));
    }),
    model("close_wakes_each_consumer", DEEPER, || {
        let buffer = empty(1);
        let consumers = [spawn(&buffer, Buffer::pop), spawn(&buffer, Buffer::pop)];
        buffer.close();
        assert_eq!(consumers.map(join), [Err(PopError), Err(PopError)]);
    }),
    model("close_wakes_each_producer", DEEPER, || {
        let buffer = full(1);
        let producers = [1, 2].map(|item| spawn(&buffer, move |buffer| buffer.push(item)));
        buffer.close();
        assert_eq!(producers.map(join), [Err(PushError(1)), Err(PushError(2))]);
    }),
    // The push sends a wake-up, and close runs while it is pending.
    model("close_wakes_all_while_a_wakeup_is_pending", DEEPER, || {
        let buffer = empty(1);
        let consumers = [spawn(&buffer, Buffer::pop), spawn(&buffer, Buffer::pop)];
        buffer.push(7).unwrap();
        buffer.close();
        let popped = consumers.map(join);
        assert!(popped.contains(&Ok(7)) && popped.contains(&Err(PopError)), "{popped:?}");
    }),
    model("accepted_items_are_popped_before_closed_is_reported", UNBOUNDED, || {
        let buffer = empty(2);
        let consumer = spawn(&buffer, |buffer| (buffer.pop(), buffer.pop()));
        buffer.push(7).unwrap();
        buffer.close();
        assert_eq!(join(consumer), (Ok(7), Err(PopError)));
    }),
    // Even if a slot becomes free before the producer reacquires the lock.
    model("close_returns_the_item_of_a_blocked_push", UNBOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        assert!(buffer.close());
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(buffer.try_pop(), Err(TryPopError::Closed));
        assert_eq!(join(producer), Err(PushError(1)));
    }),
    model("nothing_is_accepted_after_close", UNBOUNDED, || {
        let buffer = empty(2);
        let closer = spawn(&buffer, |buffer| {
            buffer.close();
            buffer.len()
        });
        let accepted = [buffer.try_push(0).is_ok(), buffer.push(1).is_ok()];
        let forced = buffer.force_push(2).is_ok();
        let at_close = join(closer);
        assert_eq!(accepted.map(usize::from).iter().sum::<usize>().max(usize::from(forced)), at_close);
        assert_eq!(buffer.len(), at_close);
        assert_eq!(buffer.try_push(3), Err(TryPushError::Closed(3)));
    }),
    model("one_close_returns_true", UNBOUNDED, || {
        let buffer = empty(1);
        let other = spawn(&buffer, Buffer::close);
        assert!(buffer.close() != join(other));
        assert!(!buffer.close(), "a later call returns false");
    }),
    model("close_and_drain_loses_no_item_and_wakes_both_sides", BOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        let consumer = spawn(&buffer, Buffer::pop);
        let drained = buffer.close_and_drain();
        let pushed = join(producer).is_ok();
        let popped = join(consumer).ok();
        let mut seen: Vec<u32> = popped.into_iter().chain(drained).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..=u32::from(pushed)).collect::<Vec<_>>());
        assert!(buffer.is_empty(), "the close drained it");
    }),
    model("drain_wakes_each_producer", DEEPER, || {
        let buffer = full(2);
        let producers = [2, 3].map(|item| spawn(&buffer, move |buffer| buffer.push(item).unwrap()));
        let drained = buffer.drain();
        producers.into_iter().for_each(join);
        assert_eq!(drained, [0, 1], "no push fits before the drain");
        assert_eq!(buffer.len(), 2);
        assert!(!buffer.is_closed());
    }),
    model("an_iterator_yields_all_items_and_ends_at_close", BOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| buffer.iter().collect::<Vec<_>>());
        (0..2).for_each(|item| buffer.push(item).unwrap());
        buffer.close();
        assert_eq!(join(consumer), [0, 1]);
    }),
    model("an_iterator_of_batches_yields_all_items_and_ends_at_close", BOUNDED, || {
        let buffer = empty(2);
        let consumer = spawn(&buffer, |buffer| buffer.iter_many(2).collect::<Vec<_>>());
        (0..3).for_each(|item| buffer.push(item).unwrap());
        buffer.close();
        assert_eq!(join(consumer), [0, 1, 2]);
    }),
    // The load is `Relaxed`, so only the lock inside `is_closed` orders it after the store.
    model("a_thread_that_sees_the_close_sees_what_preceded_it", UNBOUNDED, || {
        let buffer = empty(1);
        let written = Arc::new(AtomicUsize::new(0));
        let seen = written.clone();
        let other = spawn(&buffer, move |buffer| {
            assert!(!buffer.is_closed() || seen.load(Relaxed) == 1);
        });
        written.store(1, Relaxed);
        buffer.close();
        join(other);
    }),
];
