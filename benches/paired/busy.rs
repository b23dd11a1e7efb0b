//! Latency with one producer and one consumer: at fixed rates, and with work on both sides; quiet, and next to busy processes.
//!
//! The producer of a fixed rate sleeps until its next item is due, and then pushes all items that are due.

use std::hint::spin_loop;
use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};

use benches::peers::{Visitor, all};
use benches::processor::thread_time;
use benches::work::Work;
use benches::{Channel, watch};
use hdrhistogram::Histogram;
use results::{Latency, LatencyRun, LatencySetting, Percentiles, Rate};
use support::stdout::print;

use crate::args::Args;
use crate::contestant::{Contestant, takes_part};
use crate::external::Process;
use crate::rounds::{self, millis};

const CAPACITY: usize = 64;
/// `None`: a pipeline with [`WORK_NS`] on each side.
const RATES: [Option<u64>; 5] = [Some(1_000), Some(10_000), Some(100_000), Some(1_000_000), None];
const WORK_NS: u64 = 1_000;
/// Longer times in the buffer are recorded as this time.
const LONGEST_NS: u64 = 10_000_000_000;

/// Uses a core until the input ends. A line of output reports that it runs.
pub(crate) fn spin() {
    thread::spawn(|| {
        // An error ends it, too.
        _ = io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    print("busy");
    loop {
        spin_loop();
    }
}

/// Starts processes that use the cores until they are dropped. They run when this returns.
fn start_busy(count: usize) -> Vec<Process> {
    let program = std::env::current_exe().expect("this program has a path");
    let mut all: Vec<_> =
        (0..count).map(|_| Process::start(&program, &["--spin"]).expect("it can be started again")).collect();
    for process in &mut all {
        assert_eq!(process.line().expect("it has a pipe").trim(), "busy");
    }
    all
}

/// Checks that a busy process ends when its input does, as it does when this process is killed.
pub(crate) fn check() {
    let _alive = watch("the end of a busy process".to_owned());
    for mut process in start_busy(2) {
        drop(process.ask.take());
        assert_eq!(process.line().expect("it has a pipe"), "", "it ends without a further line");
    }
}

pub(crate) fn run(args: &Args) -> Latency {
    let time = args.run_of(Duration::from_millis(200));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let loads =
        [0, cores, 2 * cores].into_iter().flat_map(|busy| RATES.map(|rate| Rate { items_per_second: rate, busy }));
    // The work is calibrated before the cores are busy.
    let mut peers = Peers { args, work: Work::of_nanos(WORK_NS, WORK_NS), time, all: Vec::new() };
    all(&mut peers);
    let setting = LatencySetting { capacity: CAPACITY, run_ms: millis(time), producer_sleeps: true };
    rounds::contest(args.limits(), setting, loads.collect(), peers.all, |load| start_busy(load.busy))
}

struct Peers<'a> {
    args: &'a Args,
    work: Work,
    time: Duration,
    all: Vec<Contestant<Rate, LatencyRun>>,
}

impl Visitor<u64> for Peers<'_> {
    fn visit<C: Channel<u64>>(&mut self, name: &str) {
        if takes_part(self.args, name) {
            let (work, time) = (self.work, self.time);
            self.all.push(Contestant::new(name, move |load: Rate| latency::<C>(load.items_per_second, work, time)));
        }
    }
}

/// Ends the consumer.
const LAST: u64 = u64::MAX;

fn latency<C: Channel<u64>>(rate: Option<u64>, work: Work, time: Duration) -> LatencyRun {
    let (sender, receiver) = C::pair(CAPACITY);
    let interval = rate.map(|rate| Duration::from_secs(1) / u32::try_from(rate).expect("at most a million"));
    let start = Instant::now();
    let nanos = move || u64::try_from(start.elapsed().as_nanos()).expect("a short run");
    let histogram = || Histogram::<u64>::new_with_bounds(1, LONGEST_NS, 3).expect("3 digits are allowed");
    thread::scope(|threads| {
        let producer = threads.spawn(move || {
            let mut pushes = histogram();
            let mut due = Duration::from_millis(1); // the consumer has started by then
            while due < time && start.elapsed() < time {
                if let Some(interval) = interval {
                    thread::sleep(due.saturating_sub(start.elapsed()));
                    due += interval;
                } else {
                    work.before_push.run();
                }
                let begin = nanos();
                C::push(&sender, begin);
                pushes.saturating_record(nanos() - begin);
            }
            C::push(&sender, LAST);
            (percentiles(&pushes), sender) // alive until all items have been taken
        });
        let consumer = threads.spawn(move || {
            let mut in_buffer = histogram();
            let (begin, processor) = (Instant::now(), thread_time());
            loop {
                let pushed = C::pop(&receiver);
                if pushed == LAST {
                    break;
                }
                in_buffer.saturating_record(nanos() - pushed);
                if interval.is_none() {
                    work.after_pop.run();
                }
            }
            let (busy, passed) = (thread_time().saturating_sub(processor).as_secs_f64(), begin.elapsed().as_secs_f64());
            #[allow(clippy::cast_precision_loss, reason = "a rate")]
            let rate = in_buffer.len() as f64 / passed / 1e6;
            (percentiles(&in_buffer), 100.0 * busy / passed, rate)
        });
        let (in_buffer, consumer_percent, rate) = consumer.join().expect("the consumer does not panic");
        let (push, _) = producer.join().expect("the producer does not panic");
        LatencyRun { rate, in_buffer, push, consumer_percent }
    })
}

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    #[allow(clippy::cast_precision_loss, reason = "nanoseconds of a short run")]
    let nanos = |value: u64| value as f64;
    let at = |quantile| nanos(histogram.value_at_quantile(quantile));
    Percentiles { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: nanos(histogram.max()) }
}
