//! Linearizability on real threads: random small programs, whose histories the checker of the models checks.
//!
//! The models explore all schedules of a few programs. This test explores a few schedules of many programs, with the shipped
//! primitives.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use linearizability::{Call, Event, Queue, check, record};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use test_support::{until, watched};

/// The calls of each thread, and the buffer that they use.
#[derive(Clone, Debug)]
struct Program {
    capacity: usize,
    strategy: WaitStrategy,
    threads: Vec<Vec<Call>>,
}

/// One call. Close is rare, because each program ends with one. The items differ, except by chance, so that fewer orders explain a
/// history.
fn call() -> impl Strategy<Value = Call> {
    use Call::*;
    let item = || (0..1_000_000_u32).no_shrink(); // shrinking would make them equal
    let items = || prop::collection::vec(item(), 1..4);
    prop_oneof![
        8 => prop_oneof![
            2 => item().prop_map(Push), 2 => item().prop_map(PushAsync), 1 => item().prop_map(PushCancelled),
            1 => item().prop_map(TryPush), 1 => item().prop_map(PushTimeout), 1 => item().prop_map(ForcePush),
        ],
        4 => prop_oneof![
            2 => items().prop_map(PushMany), 1 => items().prop_map(PushManyAsync), 1 => items().prop_map(TryPushMany),
        ],
        6 => prop_oneof![
            2 => Just(Pop), 2 => Just(PopAsync), 1 => Just(PopCancelled), 1 => Just(TryPop), 1 => Just(PopTimeout),
        ],
        6 => (1..4_usize).prop_flat_map(|max| prop_oneof![
            Just(PopMany(max)), Just(PopManyAsync(max)), Just(TryPopMany(max)), Just(PopManyTimeout(max)),
            Just(PopBatch(max)),
        ]),
        2 => prop_oneof![3 => Just(Len), 2 => Just(Drain), 1 => Just(Close), 1 => Just(CloseAndDrain)],
    ]
}

fn program() -> impl Strategy<Value = Program> {
    let strategy = prop_oneof![Just(WaitStrategy::Park), Just(WaitStrategy::Adaptive)];
    let threads = prop::collection::vec(prop::collection::vec(call(), 1..5), 2..4);
    (1..4_usize, strategy, threads).prop_map(|(capacity, strategy, threads)| Program { capacity, strategy, threads })
}

/// Runs the program and returns its history. Once each thread has ended or waits, a last call closes the buffer: a program may
/// pop more items than it pushes.
fn run(program: Program) -> Vec<Event> {
    let buffer = BoundedBuffer::with_wait_strategy(program.capacity, program.strategy);
    let count = program.threads.len();
    let (clock, ready, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    // Sequentially consistent, as all operations that order events here: a stamp must not move across its call.
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
        // A thread that has ended stays so: `done` is read first. A waiter may be about to wake: close is then one more call.
        until(|| done.load(Ordering::SeqCst) + waiting() == count);
        let mut history = record(&buffer, [Call::Close], now);
        history.extend(threads.into_iter().flat_map(|thread| thread.join().expect("no call panics")));
        history
    })
}

#[test]
fn histories_of_real_threads_are_linearizable() {
    watched(|| {
        let config = ProptestConfig {
            cases: 1000,
            rng_seed: RngSeed::Fixed(3), // the programs are the same each time; the schedules are not
            failure_persistence: None,   // a kept program would not fail again
            ..ProptestConfig::default()
        };
        proptest!(config, |(program in program())| {
            let queue = Queue::new(program.capacity, []);
            check(&queue, run(program));
        });
    });
}
