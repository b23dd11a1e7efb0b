//! Runs the steps in turns and lays out what they cost.

use std::fmt;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::BoundedBuffer;
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Serialize;

use crate::rungs::{Crossbeam, Rung};
use crate::{
    Slept, step1_textbook, step2_parking_lot, step3_ask_first, step4_chained_wakeups, step5_spin, step6_back_off,
    step7_batches,
};

/// One cell: every step at one capacity, with so many threads a side.
#[derive(Serialize)]
pub(crate) struct Table {
    capacity: usize,
    threads: usize,
    rows: Vec<Row>,
}

/// Medians over the rounds.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    /// Million items a second.
    rate: f64,
    /// A thousand items; `None` where nobody counts.
    sleeps: Option<f64>,
    futile: Option<f64>,
    /// Voluntary context switches a thousand items: sleeps, in whatever layer.
    switches: f64,
    /// Cores kept busy.
    cores: f64,
}

struct Sample {
    time: Duration,
    items: u64,
    slept: Option<Slept>,
    switches: i64,
    processor: Duration,
}

type Run = fn(usize, usize, u64) -> Sample;

const LADDER: [(&str, Run); 9] = [
    ("1 textbook, std", run::<step1_textbook::Buffer<u64>>),
    ("2 parking_lot", run::<step2_parking_lot::Buffer<u64>>),
    ("3 notify if waiting", run::<step3_ask_first::Buffer<u64>>),
    ("4 throttle, baton", run::<step4_chained_wakeups::Buffer<u64>>),
    ("5 look, then sleep", run::<step5_spin::Buffer<u64>>),
    ("6 back off", run::<step6_back_off::Buffer<u64>>),
    ("7 batches of 64", run::<step7_batches::Buffer<u64>>),
    ("shipped, single items", run::<BoundedBuffer<u64>>),
    ("crossbeam-channel", run::<Crossbeam>),
];

/// The rows whose name contains `only`.
pub(crate) fn table(only: &str, capacity: usize, threads: usize, rounds: u32, run_ms: u32) -> Table {
    let wanted = Duration::from_millis(run_ms.into());
    let mut rungs: Vec<_> = LADDER
        .into_iter()
        .filter(|(name, _)| name.contains(only))
        .map(|(name, run)| (name, run, size(|items| run(capacity, threads, items).time, wanted), Vec::new()))
        .collect();
    for _ in 0..rounds {
        for (_, run, items, samples) in &mut rungs {
            samples.push(run(capacity, threads, *items));
        }
    }
    let rows = rungs.into_iter().map(|(name, _, _, samples)| Row::new(name, &samples)).collect();
    Table { capacity, threads, rows }
}

/// How many items take about as long as wanted.
fn size(run: impl Fn(u64) -> Duration, wanted: Duration) -> u64 {
    let mut items = 256;
    loop {
        let time = (0..3).map(|_| run(items)).min().expect("there are three");
        if time * 3 > wanted {
            let times = wanted.as_secs_f64() / time.as_secs_f64();
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a size"
            )]
            return (items as f64 * times) as u64 + 1;
        }
        items *= 3;
    }
}

/// `threads` a side, from the first start to the last end.
fn run<R: Rung>(capacity: usize, threads: usize, items: u64) -> Sample {
    let share = items.div_ceil(threads as u64);
    let rung = R::new(capacity);
    let start = Barrier::new(2 * threads);
    let before = usage();
    let times: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let spawn = |work: fn(&R, u64)| {
            let (rung, start) = (&rung, &start);
            scope.spawn(move || {
                start.wait();
                let begin = Instant::now();
                work(rung, share);
                (begin, Instant::now())
            })
        };
        let workers: Vec<_> = (0..threads).flat_map(|_| [spawn(R::push_all), spawn(R::pop_all)]).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    let after = usage();
    let begin = times.iter().map(|time| time.0).min().expect("there are workers");
    let end = times.iter().map(|time| time.1).max().expect("there are workers");
    Sample {
        time: end - begin,
        items: share * threads as u64,
        slept: rung.slept(),
        switches: after.voluntary_context_switches() - before.voluntary_context_switches(),
        processor: processor(&after).saturating_sub(processor(&before)),
    }
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask about itself")
}

fn processor(usage: &Usage) -> Duration {
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(micros.unsigned_abs())
}

impl Row {
    #[allow(clippy::cast_precision_loss, reason = "counts of one run")]
    fn new(name: &'static str, samples: &[Sample]) -> Self {
        let median = |of: &dyn Fn(&Sample) -> f64| {
            let mut values: Vec<f64> = samples.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let thousands = |sample: &Sample| sample.items as f64 / 1000.0;
        let slept = |of: fn(Slept) -> u64| {
            let counted = samples.iter().all(|sample| sample.slept.is_some());
            counted.then(|| median(&|sample| of(sample.slept.unwrap_or_default()) as f64 / thousands(sample)))
        };
        Self {
            name,
            rate: median(&|sample| sample.items as f64 / sample.time.as_secs_f64() / 1e6),
            sleeps: slept(|slept| slept.times),
            futile: slept(|slept| slept.for_nothing),
            switches: median(&|sample| sample.switches as f64 / thousands(sample)),
            cores: median(&|sample| sample.processor.as_secs_f64() / sample.time.as_secs_f64()),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "capacity {}, {} thread(s) a side; a thousand items cost so many", self.capacity, self.threads)?;
        writeln!(f, "{:<22} {:>9} {:>9} {:>9} {:>9} {:>7}", "", "M items/s", "sleeps", "futile", "switches", "cores")?;
        let counted = |count: Option<f64>| count.map_or("-".to_owned(), |count| format!("{count:.2}"));
        for Row { name, rate, sleeps, futile, switches, cores } in &self.rows {
            let (sleeps, futile) = (counted(*sleeps), counted(*futile));
            writeln!(f, "{name:<22} {rate:>9.3} {sleeps:>9} {futile:>9} {switches:>9.2} {cores:>7.2}")?;
        }
        Ok(())
    }
}
