//! Runs the steps in turns and compares them.

use std::fmt;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use ladder::{
    Waits, step1_textbook, step2_parking_lot, step3_notify_if_waiting, step4_chained_wakeups, step5_spin, step6_batches,
};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Serialize;

use crate::rungs::{Crossbeam, Rung, Shipped};
use crate::spread::Spread;

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

struct Sample {
    time: Duration,
    items: usize,
    waits: Option<Waits>,
    switches: u64,
    processor: Duration,
}

type Run = fn(usize, usize, usize) -> Sample;

const LADDER: [(&str, Run); 8] = [
    ("1 textbook, std", run::<step1_textbook::Buffer<usize>>),
    ("2 parking_lot", run::<step2_parking_lot::Buffer<usize>>),
    ("3 notify if waiting", run::<step3_notify_if_waiting::Buffer<usize>>),
    ("4 chained wake-ups", run::<step4_chained_wakeups::Buffer<usize>>),
    ("5 spin, then park", run::<step5_spin::Buffer<usize>>),
    ("6 batches of 64", run::<step6_batches::Buffer<usize>>),
    (SHIPPED, run::<Shipped>),
    ("crossbeam-channel", run::<Crossbeam>),
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

/// Runs `threads` a side and measures from the first start to the last end.
fn run<R: Rung>(capacity: usize, threads: usize, items: usize) -> Sample {
    let share = items.div_ceil(threads);
    let rung = R::new(capacity);
    let start = Barrier::new(2 * threads);
    let before = usage();
    let times: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let spawn = |work: fn(&R, usize)| {
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
        items: share * threads,
        waits: rung.waits(),
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
