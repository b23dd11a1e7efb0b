//! Batches that linger: how many wake-ups and how much system time they need at fixed rates.

use std::thread;
use std::time::{Duration, Instant};

use benches::processor::{system_time, thread_time};
use benches::watchdog;
use bounded_buffer::{BoundedBuffer, WaitStrategy};
use results::{Linger, LingerCell, LingerRun, OURS, PARK, Runs};
use support::stdout::print;

use crate::args::Args;
use crate::{rounds, summary};

const MAX: usize = 1_000;
const CAPACITY: usize = 1_024;
const LINGER: Duration = Duration::from_millis(20);
const RATES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const STRATEGIES: [(&str, WaitStrategy); 2] = [(OURS, WaitStrategy::Adaptive), (PARK, WaitStrategy::Park)];
/// Long enough for the system time, which is updated at each clock tick.
const RUN: Duration = Duration::from_secs(1);
const QUICK_RUN: Duration = Duration::from_millis(100);

pub(crate) fn run(args: &Args) -> Linger {
    let time = if args.quick() { QUICK_RUN } else { RUN };
    print(format_args!("\nbatches of at most {MAX} items, linger {LINGER:?}"));
    let cells = rounds::collect(RATES.len(), args.limits(), |cell, rng| {
        let run = |strategy: usize| {
            let (name, strategy) = STRATEGIES[strategy];
            let _alive = watchdog::watch(format!("{name}, batches at {} items/s", RATES[cell]));
            batches(strategy, RATES[cell], time)
        };
        Runs { runs: rounds::in_changing_order(rng, STRATEGIES.len(), run) }
    });
    let millis = |time: Duration| u64::try_from(time.as_millis()).expect("a short time");
    let cells = RATES.into_iter().zip(cells).map(|(items_per_second, rounds)| LingerCell { items_per_second, rounds });
    let found = Linger {
        max: MAX,
        linger_ms: millis(LINGER),
        run_ms: millis(time),
        names: STRATEGIES.map(|(name, _)| name.to_owned()).into(),
        cells: cells.collect(),
    };
    print_medians(&found);
    found
}

/// The producer waits for the clock in a loop, so the system time is that of the buffer.
fn batches(strategy: WaitStrategy, items_per_second: u64, time: Duration) -> LingerRun {
    let buffer = BoundedBuffer::with_wait_strategy(CAPACITY, strategy);
    let interval = Duration::from_secs(1) / u32::try_from(items_per_second).expect("at most a million");
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
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
    let system_ms = millis(system_time().saturating_sub(system));
    LingerRun { items, batches, notifications, system_ms, consumer_ms: millis(consumer) }
}

fn print_medians(linger: &Linger) {
    for LingerCell { items_per_second, rounds } in &linger.cells {
        let columns = "items, batches, notifications; system time, consumer's processor time (ms)";
        summary::medians(
            &format!("{items_per_second} items/s: {columns}"),
            &linger.names,
            rounds,
            &[
                (9, 0, |run| run.items),
                (7, 0, |run| run.batches),
                (9, 0, |run| run.notifications),
                (8, 1, |run| run.system_ms),
                (8, 1, |run| run.consumer_ms),
            ],
        );
    }
}
