//! Batches that linger: how many wake-ups and how much system time they need at fixed rates.

use std::thread;
use std::time::{Duration, Instant};

use benches::processor::{system_time, thread_time};
use bounded_buffer::{BoundedBuffer, WaitStrategy};
use results::{Linger, LingerRun, LingerSetting, OURS, PARK, Rate};

use crate::args::Args;
use crate::contestant::Contestant;
use crate::rounds::{self, millis};

const MAX: usize = 1_000;
const CAPACITY: usize = 1_024;
const LINGER: Duration = Duration::from_millis(20);

pub(crate) fn run(args: &Args) -> Linger {
    // Long enough for the system time, which is updated at each clock tick.
    let time = args.run_of(Duration::from_secs(1));
    let contestant = |(name, strategy)| Contestant::new(name, move |load| batches(strategy, load, time));
    let contestants = [(OURS, WaitStrategy::Adaptive), (PARK, WaitStrategy::Park)].map(contestant);
    let loads = [1_000, 10_000, 100_000, 1_000_000].map(|rate| Rate { items_per_second: Some(rate), busy: 0 });
    let setting = LingerSetting { max: MAX, linger_ms: millis(LINGER), run_ms: millis(time) };
    rounds::contest(args.limits(), setting, loads.into(), contestants.into(), |_| ())
}

/// The producer waits for the clock in a loop, so the system time is that of the buffer.
fn batches(strategy: WaitStrategy, load: Rate, time: Duration) -> LingerRun {
    let buffer = BoundedBuffer::with_wait_strategy(CAPACITY, strategy);
    let rate = load.items_per_second.expect("each load has a rate");
    let interval = Duration::from_secs(1) / u32::try_from(rate).expect("at most a million");
    let in_millis = |time: Duration| time.as_secs_f64() * 1e3;
    let system = system_time();
    let (items, batches, consumer) = thread::scope(|threads| {
        threads.spawn(|| {
            let start = Instant::now();
            let mut due = Duration::ZERO;
            while due < time {
                while start.elapsed() < due {}
                due += interval;
                assert!(buffer.push(0_u64).is_ok(), "the buffer is open");
            }
            buffer.close();
        });
        let consumer = threads.spawn(|| {
            let processor = thread_time();
            let (mut batch, mut items, mut batches) = (Vec::new(), 0.0, 0.0);
            while let Ok(taken) = buffer.pop_batch(&mut batch, MAX, LINGER) {
                items += f64::from(u32::try_from(taken).expect("at most a batch"));
                batches += 1.0;
                batch.clear();
            }
            (items, batches, thread_time().saturating_sub(processor))
        });
        consumer.join().expect("the consumer does not panic")
    });
    #[allow(clippy::cast_precision_loss, reason = "at most one for each item")]
    let notifications = buffer.stats().notifications as f64;
    let system_ms = in_millis(system_time().saturating_sub(system));
    LingerRun { items, batches, notifications, system_ms, consumer_ms: in_millis(consumer) }
}
