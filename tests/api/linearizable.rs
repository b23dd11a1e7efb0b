//! Linearizability on real threads: random small programs, and the checker of the models on what they did.
//!
//! The models see every schedule of a few programs; this sees a few schedules of many programs, with the primitives that
//! are shipped.

#[path = "../linearizability/mod.rs"]
mod linearizability;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use linearizability::{Call, Event, Queue, check, record};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::{until, watched};

/// What each thread calls, and on what.
#[derive(Clone, Debug)]
struct Program {
    capacity: usize,
    strategy: WaitStrategy,
    threads: Vec<Vec<Call>>,
}

/// One call; its items are numbered later. The end comes by itself, so close is rare.
fn call() -> impl Strategy<Value = Call> {
    use Call::*;
    let batch = || 1..4_usize;
    prop_oneof![
        8 => prop_oneof![2 => Just(Push(0)), 1 => Just(TryPush(0)), 1 => Just(PushTimeout(0)), 1 => Just(ForcePush(0))],
        4 => prop_oneof![
            2 => batch().prop_map(|count| PushMany(vec![0; count])),
            1 => batch().prop_map(|count| TryPushMany(vec![0; count])),
        ],
        6 => prop_oneof![2 => Just(Pop), 1 => Just(TryPop), 1 => Just(PopTimeout)],
        6 => batch().prop_flat_map(|max| prop_oneof![
            Just(PopMany(max)), Just(TryPopMany(max)), Just(PopManyTimeout(max)), Just(PopBatch(max)),
        ]),
        2 => prop_oneof![3 => Just(Len), 2 => Just(Drain), 1 => Just(Close), 1 => Just(CloseAndDrain)],
    ]
}

/// Gives each item a number of its own: a history tells the more, the less its items look alike.
fn number(threads: &mut [Vec<Call>]) {
    let mut numbers = 0..;
    for call in threads.iter_mut().flatten() {
        match call {
            Call::Push(item) | Call::TryPush(item) | Call::PushTimeout(item) | Call::ForcePush(item) => {
                *item = numbers.next().expect("numbers do not end");
            }
            Call::PushMany(items) | Call::TryPushMany(items) => {
                items.iter_mut().zip(&mut numbers).for_each(|(item, number)| *item = number);
            }
            _ => {}
        }
    }
}

fn program() -> impl Strategy<Value = Program> {
    let strategy = prop_oneof![Just(WaitStrategy::Park), Just(WaitStrategy::Adaptive)];
    let threads = prop::collection::vec(prop::collection::vec(call(), 1..5), 2..4);
    (1..4_usize, strategy, threads).prop_map(|(capacity, strategy, mut threads)| {
        number(&mut threads);
        Program { capacity, strategy, threads }
    })
}

/// Runs it and says what happened. Once every thread is done or waiting, a last call closes the buffer: a program may well pop
/// more than it pushes.
fn run(program: Program) -> Vec<Event> {
    let buffer = BoundedBuffer::with_wait_strategy(program.capacity, program.strategy);
    let count = program.threads.len();
    let (clock, ready, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    // Sequentially consistent, like all that orders here: a stamp must not move across the call that it brackets.
    let now = || clock.fetch_add(1, Ordering::SeqCst);
    let waiting = || {
        let stats = buffer.stats();
        stats.waiting_producers + stats.waiting_consumers
    };
    thread::scope(|scope| {
        let work = |calls| {
            ready.fetch_add(1, Ordering::SeqCst);
            while ready.load(Ordering::SeqCst) < count {
                thread::yield_now(); // a barrier would wake the threads one after another, and fewer calls would overlap
            }
            let history = record(&buffer, calls, now);
            done.fetch_add(1, Ordering::SeqCst);
            history
        };
        let threads: Vec<_> = program.threads.into_iter().map(|calls| scope.spawn(move || work(calls))).collect();
        // Who is done stays done, so `done` is read first. A sleeper may be about to wake: closing is then just another call.
        until(|| done.load(Ordering::SeqCst) + waiting() == count);
        let mut history = record(&buffer, [Call::Close], now);
        history.extend(threads.into_iter().flat_map(|thread| thread.join().expect("no call panics")));
        history
    })
}

#[test]
fn what_real_threads_see_is_linearizable() {
    watched(|| {
        let config = ProptestConfig {
            cases: 1000,
            rng_seed: RngSeed::Fixed(3), // the programs are the same each time; the schedules are not
            failure_persistence: None,   // nor would a kept program fail again by itself
            ..ProptestConfig::default()
        };
        proptest!(config, |(program in program())| {
            let queue = Queue::new(program.capacity, []);
            check(&queue, run(program));
        });
    });
}
