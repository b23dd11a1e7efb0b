//! The duration of a handoff: a round trip between two threads that spin, and the wake-up of a parked thread.

mod support;

use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use criterion::{Criterion, criterion_group, criterion_main};

use support::peers::{Visitor, all};
use support::{Channel, Receiver, Sender};

/// A round trip through two channels of one slot.
fn ping_pong(c: &mut Criterion) {
    all(&mut PingPong { c });
}

struct PingPong<'a> {
    c: &'a mut Criterion,
}

impl Visitor for PingPong<'_> {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        self.single::<C>(name);
    }

    fn single<C: Channel<u64>>(&mut self, name: &str) {
        self.c.benchmark_group("latency/ping-pong").bench_function(name, |b| {
            b.iter_custom(|times| {
                let (there, at_echo) = C::open(1);
                let (back, at_home) = C::open(1);
                let echo = thread::spawn(move || {
                    (0..times).for_each(|_| back.push(at_echo.pop()));
                    (back, at_echo)
                });
                let begin = Instant::now();
                for item in 0..times {
                    there.push(item);
                    at_home.pop();
                }
                let time = begin.elapsed();
                drop(echo.join().expect("the echo does not panic"));
                time
            });
        });
    }
}

/// The time from a push to the return of a parked pop; `stats` reports when it waits.
fn wake_up(c: &mut Criterion) {
    c.benchmark_group("latency/wake-up of a parked thread").sample_size(10).bench_function("bounded-buffer", |b| {
        b.iter_custom(|times| {
            let buffer = BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park);
            let wake_once = || {
                thread::scope(|threads| {
                    let waiter = threads.spawn(|| {
                        let pushed_at: Instant = buffer.pop().expect("the buffer stays open");
                        pushed_at.elapsed()
                    });
                    while buffer.stats().waiting_consumers == 0 {
                        thread::yield_now();
                    }
                    buffer.push(Instant::now()).expect("the buffer stays open");
                    waiter.join().expect("the waiter does not panic")
                })
            };
            (0..times).map(|_| wake_once()).sum::<Duration>()
        });
    });
}

criterion_group! {
    name = benches;
    config = support::criterion_setup::criterion();
    targets = ping_pong, wake_up
}
criterion_main!(benches);
