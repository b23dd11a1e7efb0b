//! The command line of the soak.
//!
//! ```text
//! cargo run --release --bin soak                             # a few seconds
//! cargo run --release --bin soak -- --items 1000000000
//! cargo run --release --bin soak -- --seed 7 --round 1234    # repeat one round
//! cargo run --release --bin soak -- --seed 7 --from 1234     # continue an interrupted soak
//! ```

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;

use soak::plan::{self, Plan};
use soak::round::{self, Outcome};
use support::progress::Progress;
use support::{cli, stdout};

/// Stresses the buffer with random scenarios and faults until the given number of items was accepted.
#[derive(Parser)]
struct Arguments {
    /// Stop after this number of accepted items
    #[arg(long, default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    items: u64,
    /// Stop after this number of seconds, if that is earlier
    #[arg(long)]
    seconds: Option<u64>,
    /// Draws the rounds [default: from the clock]
    #[arg(long)]
    seed: Option<u64>,
    /// Run only this round of the seed
    #[arg(long, conflicts_with = "from")]
    round: Option<u64>,
    /// Start with this round of the seed, to continue an interrupted soak
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Percentage of the producers and consumers that wait as tasks
    #[arg(long, default_value_t = plan::TASKS, value_parser = clap::value_parser!(u32).range(..=100))]
    tasks: u32,
    /// Print the progress after this number of seconds each time
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    report_every: u64,
}

/// The current round, for the watchdog.
static ROUND: AtomicU64 = AtomicU64::new(0);
/// Items accepted in the completed rounds, for the progress bar.
static ITEMS: AtomicU64 = AtomicU64::new(0);
/// Set by Ctrl-C and SIGTERM: the current round is the last one.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    cli::main(|arguments| Ok(soak(arguments)))
}

fn soak(arguments: &Arguments) -> ExitCode {
    let seed = arguments.seed.unwrap_or_else(seed_from_clock);
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).expect("the program sets no other handler");
    stdout::print(format_args!("seed {seed}"));
    let first = arguments.round.unwrap_or(arguments.from);
    ROUND.store(first, Ordering::SeqCst);
    let tasks = arguments.tasks;
    thread::spawn(move || fail_if_stuck(seed, tasks, &ROUND));

    let begin = Instant::now();
    let (items, seconds) = (arguments.items, arguments.seconds);
    let progress = Progress::of(move || Some(fraction_done(items, seconds, begin.elapsed())));
    let (mut total, mut reported) = (Outcome::default(), begin);
    for number in first.. {
        ROUND.store(number, Ordering::SeqCst);
        let plan = Plan::new(seed, number, tasks);
        match round::run(&plan) {
            Ok(outcome) => total += outcome,
            Err(violation) => {
                drop(progress);
                // Not `stdout::print`: a closed pipe must not hide the violation.
                _ = writeln!(std::io::stdout(), "VIOLATED in round {number} of seed {seed}: {violation}\n{plan:#?}");
                return ExitCode::FAILURE;
            }
        }
        ITEMS.store(total.items, Ordering::SeqCst);
        if reported.elapsed() >= Duration::from_secs(arguments.report_every) {
            reported = Instant::now();
            stdout::print(format_args!(
                "seed {seed}, rounds {first} to {number}: {} items in {}",
                total.items,
                rate(total.items, begin.elapsed())
            ));
        }
        let late = seconds.is_some_and(|seconds| begin.elapsed() >= Duration::from_secs(seconds));
        if total.items >= items || late || arguments.round.is_some() || INTERRUPTED.load(Ordering::SeqCst) {
            break;
        }
    }
    drop(progress);
    let last = ROUND.load(Ordering::SeqCst);
    stdout::print(format_args!(
        "seed {seed}, rounds {first} to {last}: {total}\n{}",
        rate(total.items, begin.elapsed())
    ));
    stdout::print("no item lost, duplicated or reordered");
    if INTERRUPTED.load(Ordering::SeqCst) && total.items < items {
        stdout::print(format_args!("interrupted; continue with --seed {seed} --from {}", last + 1));
        return 130.into();
    }
    ExitCode::SUCCESS
}

/// The larger part: of the items, or of the time.
#[allow(clippy::cast_precision_loss, reason = "a fraction for a progress bar")]
fn fraction_done(items: u64, seconds: Option<u64>, elapsed: Duration) -> f64 {
    let of_items = ITEMS.load(Ordering::SeqCst) as f64 / items as f64;
    seconds.map_or(of_items, |seconds| of_items.max(elapsed.as_secs_f64() / seconds as f64))
}

#[allow(clippy::cast_precision_loss, reason = "a rate for people to read")]
fn rate(items: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    format!("{seconds:.1} s, {:.0} items per second", items as f64 / seconds)
}

/// Differs from run to run. The seed is printed, so that a run can be repeated.
fn seed_from_clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs() ^ u64::from(now.subsec_nanos()) << 20
}

/// Ends the program if a round does not end, which is how a lost wake-up shows. Counts short sleeps and not the clock, so that
/// a process that was stopped for a while does not count as stuck.
fn fail_if_stuck(seed: u64, tasks: u32, round: &AtomicU64) {
    const SLEEP: Duration = Duration::from_millis(100);
    const LIMIT: u32 = 1200;
    let mut sleeps = 0;
    let mut before = round.load(Ordering::SeqCst);
    while sleeps < LIMIT {
        thread::sleep(SLEEP);
        let now = round.load(Ordering::SeqCst);
        sleeps = if now == before { sleeps + 1 } else { 0 };
        before = now;
    }
    let plan = Plan::new(seed, before, tasks);
    _ = writeln!(
        std::io::stdout(),
        "STUCK in round {before} of seed {seed}: did not end within {:?}\n{plan:#?}",
        SLEEP * LIMIT
    );
    std::process::exit(1);
}
