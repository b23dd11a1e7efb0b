//! The command line of the soak.
//!
//! ```text
//! cargo run --release --bin soak                             # a few seconds
//! cargo run --release --bin soak -- --items 1000000000
//! cargo run --release --bin soak -- --seed 7 --round 1234    # repeat one round
//! ```

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;

use soak::plan::Plan;
use soak::round::{self, Outcome};
use support::{cli, stdout};

/// Stresses the buffer with random scenarios and faults until the given number of items was accepted.
#[derive(Parser)]
struct Arguments {
    /// Stop after this number of accepted items
    #[arg(long, default_value_t = 2_000_000)]
    items: u64,
    /// Draws the rounds [default: from the clock]
    #[arg(long)]
    seed: Option<u64>,
    /// Run only this round of the seed
    #[arg(long, requires = "seed")]
    round: Option<u64>,
}

/// The time between two lines of progress.
const REPORT_EVERY: Duration = Duration::from_mins(1);

/// The current round, for the watchdog.
static ROUND: AtomicU64 = AtomicU64::new(0);
/// Set by Ctrl-C and SIGTERM: the current round is the last one.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    cli::main(|arguments| Ok(soak(arguments)))
}

fn soak(arguments: &Arguments) -> ExitCode {
    let seed = arguments.seed.unwrap_or_else(seed_from_clock);
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).expect("the program sets no other handler");
    stdout::print(format_args!("seed {seed}"));
    thread::spawn(move || fail_if_stuck(seed));

    let begin = Instant::now();
    let (mut total, mut reported) = (Outcome::default(), begin);
    for number in arguments.round.unwrap_or(0).. {
        ROUND.store(number, Ordering::SeqCst);
        let plan = Plan::new(seed, number);
        match round::run(&plan) {
            Ok(outcome) => total += outcome,
            Err(violation) => {
                // Not `stdout::print`: a closed pipe must not hide the violation.
                _ = writeln!(std::io::stdout(), "VIOLATED in round {number} of seed {seed}: {violation}\n{plan:#?}");
                return ExitCode::FAILURE;
            }
        }
        if reported.elapsed() >= REPORT_EVERY {
            reported = Instant::now();
            stdout::print(format_args!("{} items in {}", total.items, rate(total.items, begin.elapsed())));
        }
        if total.items >= arguments.items || arguments.round.is_some() || INTERRUPTED.load(Ordering::SeqCst) {
            break;
        }
    }
    stdout::print(format_args!("{total}\n{}", rate(total.items, begin.elapsed())));
    stdout::print("no item lost, duplicated or reordered");
    if INTERRUPTED.load(Ordering::SeqCst) { 130.into() } else { ExitCode::SUCCESS }
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
fn fail_if_stuck(seed: u64) {
    const SLEEP: Duration = Duration::from_millis(100);
    const LIMIT: u32 = 1200;
    let mut sleeps = 0;
    let mut before = ROUND.load(Ordering::SeqCst);
    while sleeps < LIMIT {
        thread::sleep(SLEEP);
        let now = ROUND.load(Ordering::SeqCst);
        sleeps = if now == before { sleeps + 1 } else { 0 };
        before = now;
    }
    let plan = Plan::new(seed, before);
    _ = writeln!(
        std::io::stdout(),
        "STUCK in round {before} of seed {seed}: did not end within {:?}\n{plan:#?}",
        SLEEP * LIMIT
    );
    std::process::exit(1);
}
