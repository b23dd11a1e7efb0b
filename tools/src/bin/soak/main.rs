//! A long stress of random shapes with faults: threads that panic, leave, time out, and close in mid-run.
//!
//! Each round has its own capacity, threads, operations and faults, all drawn from the seed, and ends with an account: every
//! accepted item was taken exactly once, each taker saw each producer's items in order, and the buffer counted the same.
//!
//! ```text
//! cargo run --release --bin soak                             # a few seconds
//! cargo run --release --bin soak -- --items 1000000000
//! cargo run --release --bin soak -- --seed 7 --round 1234    # one round again
//! ```

mod plan;
#[path = "../../../../examples/support/progress.rs"]
mod progress;
mod round;
mod threads;
mod total;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;

use plan::Plan;
use progress::Progress;
use total::Total;

/// Stress the buffer with random shapes and faults until enough items went through.
#[derive(Parser)]
struct Arguments {
    /// Stop after so many accepted items
    #[arg(long, default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    items: u64,
    /// Stop after so many seconds, if that comes first
    #[arg(long)]
    seconds: Option<u64>,
    /// Draws the rounds; by default from the clock
    #[arg(long)]
    seed: Option<u64>,
    /// Run this one round of the seed and no other
    #[arg(long)]
    round: Option<u64>,
}

/// The round that runs, for the one who watches.
static ROUND: AtomicU64 = AtomicU64::new(0);
/// Items accepted in the rounds before it.
static ITEMS: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(seed_from_clock);
    println!("seed {seed}");

    let first = arguments.round.unwrap_or(0);
    ROUND.store(first, Ordering::SeqCst);
    thread::spawn(move || fail_if_stuck(seed, &ROUND));

    let begin = Instant::now();
    let (items, seconds) = (arguments.items, arguments.seconds);
    let progress = Progress::of(move || Some(share_done(items, seconds, begin.elapsed())));
    let mut total = Total::default();
    for number in first.. {
        ROUND.store(number, Ordering::SeqCst);
        let plan = Plan::new(seed, number);
        match round::run(&plan) {
            Ok(outcome) => total.add(&outcome),
            Err(violation) => {
                drop(progress);
                println!("VIOLATED in round {number} of seed {seed}: {violation}\n{plan:#?}");
                return ExitCode::FAILURE;
            }
        }
        ITEMS.store(total.items, Ordering::SeqCst);
        let late = arguments.seconds.is_some_and(|seconds| begin.elapsed() >= Duration::from_secs(seconds));
        if total.items >= arguments.items || late || arguments.round.is_some() {
            break;
        }
    }
    drop(progress);
    println!("{total}\n{}", rate(total.items, begin.elapsed()));
    println!("nothing lost, nothing twice, every order kept");
    ExitCode::SUCCESS
}

/// Of the items or of the time, whichever comes first.
#[allow(clippy::cast_precision_loss, reason = "a share for people to see")]
fn share_done(items: u64, seconds: Option<u64>, elapsed: Duration) -> f64 {
    let of_items = ITEMS.load(Ordering::SeqCst) as f64 / items as f64;
    seconds.map_or(of_items, |seconds| of_items.max(elapsed.as_secs_f64() / seconds as f64))
}

#[allow(clippy::cast_precision_loss, reason = "a rate for people to read")]
fn rate(items: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    format!("{seconds:.1} s, {:.0} items a second", items as f64 / seconds)
}

/// Any seed will do that is another one next time; it is printed.
fn seed_from_clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs() ^ u64::from(now.subsec_nanos()) << 20
}

/// A lost wake-up shows as a round that never ends. Naps are counted, not seconds: a process that was stopped for a while is
/// not stuck.
fn fail_if_stuck(seed: u64, round: &AtomicU64) {
    const NAP: Duration = Duration::from_millis(100);
    const NAPS: u32 = 1200;
    let mut same = 0;
    let mut before = round.load(Ordering::SeqCst);
    while same < NAPS {
        thread::sleep(NAP);
        let now = round.load(Ordering::SeqCst);
        same = if now == before { same + 1 } else { 0 };
        before = now;
    }
    let plan = Plan::new(seed, before);
    println!("STUCK in round {before} of seed {seed}: not done within {:?}\n{plan:#?}", NAP * NAPS);
    std::process::exit(1);
}
