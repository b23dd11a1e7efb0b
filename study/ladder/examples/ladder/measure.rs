//! Runs the steps in turns and compares them.

use std::fmt;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::BoundedBuffer;
use ladder::{
    Step, Waits, step1_textbook, step2_parking_lot, step3_notify_if_waiting, step4_chained_wakeups, step5_spin,
    step6_batches,
};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Serialize;

/// The rows at one capacity and number of threads.
#[derive(Serialize)]
pub(crate) struct Table {
    capacity: usize,
    threads: usize,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    /// Million items a second.
    rate: Spread,
    /// The rate divided by that of the row above in the same round.
    gain: Option<Spread>,
    /// Parks per thousand items; `None` if they are not counted.
    parks: Option<Spread>,
    /// Wasted wake-ups per thousand items.
    wasted: Option<Spread>,
    /// Voluntary context switches per thousand items, which includes the parks in a mutex.
    switches: Spread,
    /// Processor time divided by elapsed time.
    cores: Spread,
}

/// A figure with its spread: the median and the quartiles of several values.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Spread {
    median: f64,
    low: f64,
    high: f64,
}

struct Sample {
    time: Duration,
    items: usize,
    /// `None` if parks are not counted.
    waits: Option<Waits>,
    switches: u64,
    processor: Duration,
}

type Run = fn(usize, usize, usize) -> Sample;

const LADDER: [(&str, Run); 8] = [
    ("1 textbook, std", step::<step1_textbook::Buffer<usize>>),
    ("2 parking_lot", step::<step2_parking_lot::Buffer<usize>>),
    ("3 notify if waiting", step::<step3_notify_if_waiting::Buffer<usize>>),
    ("4 chained wake-ups", step::<step4_chained_wakeups::Buffer<usize>>),
    ("5 spin, then park", step::<step5_spin::Buffer<usize>>),
    ("6 batches of 64", step::<step6_batches::Buffer<usize>>),
    (SHIPPED, shipped),
    ("crossbeam-channel", crossbeam),
];

const SHIPPED: &str = "shipped, single items";

/// Returns an error if no row contains `only`.
pub(crate) fn check(only: &str) -> Result<(), String> {
    let names = LADDER.map(|(name, _)| name);
    if names.iter().any(|name| name.contains(only)) {
        return Ok(());
    }
    Err(format!("no row contains '{only}'; the rows are '{}'", names.join("', '")))
}

/// Measures the rows whose name contains `only`.
pub(crate) fn table(only: &str, capacity: usize, threads: usize, rounds: u32, run_ms: u32) -> Table {
    let duration = Duration::from_millis(run_ms.into());
    let mut rungs: Vec<_> = LADDER
        .into_iter()
        .filter(|(name, _)| name.contains(only))
        .map(|(name, run)| (name, run, size(|items| run(capacity, threads, items).time, duration), Vec::new()))
        .collect();
    for _ in 0..rounds {
        for (_, run, items, samples) in &mut rungs {
            samples.push(run(capacity, threads, *items));
        }
    }
    let mut above: Option<Vec<Sample>> = None;
    let rows = rungs
        .into_iter()
        .map(|(name, _, _, samples)| {
            let row = Row::new(name, &samples, above.as_deref());
            above = Some(samples);
            row
        })
        .collect();
    Table { capacity, threads, rows }
}

/// Returns the number of items that take about `duration`.
fn size(run: impl Fn(usize) -> Duration, duration: Duration) -> usize {
    let mut items = 256;
    loop {
        let time = (0..3).map(|_| run(items)).min().expect("there are three");
        if time * 3 > duration {
            let times = duration.as_secs_f64() / time.as_secs_f64();
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a size"
            )]
            return (items as f64 * times) as usize + 1;
        }
        items *= 3;
    }
}

fn step<S: Step<usize>>(capacity: usize, threads: usize, items: usize) -> Sample {
    let step = S::new(capacity);
    let push = |count| assert!(step.push_all(0..count), "no thread closes it");
    let sample = run(threads, items, &push, &|count| step.pop_all(count));
    Sample { waits: Some(step.waits()), ..sample }
}

/// One item at a time.
fn shipped(capacity: usize, threads: usize, items: usize) -> Sample {
    let buffer = BoundedBuffer::new(capacity);
    let push = |count| (0..count).for_each(|item| buffer.push(item).expect("no thread closes it"));
    let pop = |count| (0..count).for_each(|_| _ = black_box(buffer.pop()));
    let sample = run(threads, items, &push, &pop);
    let stats = buffer.stats();
    let wasted = stats.wasted_wakeups;
    Sample { waits: Some(Waits { parks: stats.push_waits + stats.pop_waits + wasted, wasted }), ..sample }
}

fn crossbeam(capacity: usize, threads: usize, items: usize) -> Sample {
    let (sender, receiver) = crossbeam_channel::bounded(capacity);
    let push = |count| (0..count).for_each(|item| sender.send(item).expect("the receiver is not dropped"));
    run(threads, items, &push, &|count| (0..count).for_each(|_| _ = black_box(receiver.recv())))
}

/// Runs `threads` a side, which push and pop their share, and measures from the first start to the last end.
fn run(threads: usize, items: usize, push: &(dyn Fn(usize) + Sync), pop: &(dyn Fn(usize) + Sync)) -> Sample {
    let share = items.div_ceil(threads);
    let start = Barrier::new(2 * threads);
    let before = usage();
    let times: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let timed = |work: &dyn Fn(usize)| {
            start.wait();
            let begin = Instant::now();
            work(share);
            (begin, Instant::now())
        };
        let works = (0..threads).flat_map(|_| [push, pop]);
        let workers: Vec<_> = works.map(|work| scope.spawn(move || timed(work))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    let after = usage();
    let begin = times.iter().map(|time| time.0).min().expect("there are workers");
    let end = times.iter().map(|time| time.1).max().expect("there are workers");
    Sample {
        time: end - begin,
        items: share * threads,
        waits: None,
        switches: u64::try_from(after.voluntary_context_switches() - before.voluntary_context_switches())
            .expect("the count does not fall"),
        processor: processor(&after).saturating_sub(processor(&before)),
    }
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("the process can read its own usage")
}

fn processor(usage: &Usage) -> Duration {
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(micros.unsigned_abs())
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        Self { median: values[last / 2], low: values[last / 4], high: values[last - last / 4] }
    }
}

/// `1.50 [1.20-1.70]`, with the precision of the formatter.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision().unwrap_or(2);
        let Self { median, low, high } = self;
        let text = format!("{median:.precision$} [{low:.precision$}-{high:.precision$}]");
        f.pad_integral(true, "", &text)
    }
}

impl Sample {
    #[allow(clippy::cast_precision_loss, reason = "counts of one run")]
    fn per_thousand(&self, count: u64) -> f64 {
        count as f64 * 1000.0 / self.items as f64
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of one run")]
    fn rate(&self) -> f64 {
        self.items as f64 / self.time.as_secs_f64() / 1e6
    }
}

impl Row {
    fn new(name: &'static str, samples: &[Sample], above: Option<&[Sample]>) -> Self {
        let spread = |of: &dyn Fn(&Sample) -> f64| Spread::of(samples.iter().map(of));
        let counted = |of: fn(Waits) -> u64| {
            let counted = samples.iter().all(|sample| sample.waits.is_some());
            counted.then(|| spread(&|sample| sample.per_thousand(of(sample.waits.unwrap_or_default()))))
        };
        let gain =
            |above: &[Sample]| Spread::of(samples.iter().zip(above).map(|(row, above)| row.rate() / above.rate()));
        Self {
            name,
            rate: spread(&Sample::rate),
            gain: above.map(gain),
            parks: counted(|waits| waits.parks),
            wasted: counted(|waits| waits.wasted),
            switches: spread(&|sample| sample.per_thousand(sample.switches)),
            cores: spread(&|sample| sample.processor.as_secs_f64() / sample.time.as_secs_f64()),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { capacity, threads, rows } = self;
        writeln!(f, "capacity {capacity}, {threads} thread(s) a side: median [quartiles] over the rounds")?;
        writeln!(
            f,
            "parks, wasted wake-ups and context switches are per thousand items; a gain whose range includes 1 is none"
        )?;
        writeln!(
            f,
            "{:<21} {:>22} {:>18} {:>20} {:>17} {:>20} {:>16}",
            "", "M items/s", "gain over row above", "parks", "wasted", "switches", "cores busy"
        )?;
        let optional = |figure: &Option<Spread>, precision| {
            figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.precision$}"))
        };
        for Row { name, rate, gain, parks, wasted, switches, cores } in rows {
            let (gain, parks, wasted) = (optional(gain, 2), optional(parks, 1), optional(wasted, 1));
            writeln!(f, "{name:<21} {rate:>22.3} {gain:>18} {parks:>20} {wasted:>17} {switches:>20.1} {cores:>16.1}")?;
        }
        self.gained().map_or(Ok(()), |gained| writeln!(f, "{gained}"))
    }
}

impl Table {
    /// A sentence on what the ladder gained. `None` if it was not measured whole.
    fn gained(&self) -> Option<String> {
        let row = |name| self.rows.iter().find(|row| row.name == name);
        let (first, last) = (row(LADDER[0].0)?, row(SHIPPED)?);
        let steps = self.rows.iter().take_while(|row| row.name != SHIPPED);
        let gains = steps.filter_map(|row| Some((row.name, row.gain.filter(|gain| gain.low > 1.0)?)));
        let most = gains.max_by(|(_, one), (_, other)| one.median.total_cmp(&other.median)).map_or_else(
            || "No step gained more than the rounds differ".to_owned(),
            |(name, gain)| format!("'{name}' gained most, {:.1} times the row above", gain.median),
        );
        let whole = last.rate.median / first.rate.median;
        Some(format!("{most}; '{SHIPPED}' has {whole:.1} times the rate of '{}'.", first.name))
    }
}
