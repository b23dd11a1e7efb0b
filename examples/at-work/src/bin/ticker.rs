//! Price feeds → the latest prices → a reader that is too slow for them.
//!
//! Shows **bounded age instead of bounded loss** with `force_push`. The feeds issue four times what the reader can take. With
//! `push` nothing is lost, but each price waits behind all that came before: the reader falls further and further behind,
//! and the feeds with it. With `force_push` a feed never waits: a full buffer gives up its oldest price, so what is in it are
//! always the latest, and a price read is at most a buffer's worth behind. The evicted price comes back to the feed, which
//! could merge it; here it is written down, so that the report can account for every single one.
//!
//! The age of a price counts from the moment at which it was due, not from when the feed got round to it: a feed that is
//! held up would otherwise hide the delay that it suffers.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Stop, count, join};
use bounded_buffer::{Consumer, Producer, PushError, Stats, bounded};
use clap::Parser;
use hdrhistogram::Histogram;

/// Price feeds → the latest prices → a slow reader: how old are the prices with push, and with `force_push`?
#[derive(Parser)]
struct Args {
    /// Feeds
    #[arg(long, default_value = "4", value_parser = count::<64>)]
    feeds: usize,
    /// Prices that each feed issues
    #[arg(long, default_value = "1000", value_parser = count::<1_000_000>)]
    prices: usize,
    /// Time between two prices of a feed, in microseconds
    #[arg(long, default_value = "1000", value_parser = count::<1_000_000>)]
    interval: usize,
    /// What the reader takes for a price, in microseconds
    #[arg(long, default_value = "1000", value_parser = count::<1_000_000>)]
    work: usize,
    /// Prices that the buffer holds
    #[arg(long, default_value = "16", value_parser = count::<1_000_000>)]
    capacity: usize,
}

/// Which feed, and which of its prices: what a price is known by.
type Name = (usize, usize);

struct Price {
    name: Name,
    due: Instant,
}

/// How a feed hands a price on; what it gets back, nobody will read.
type Hand = fn(&Producer<Price>, Price) -> Option<Price>;

/// `push`: waits for the reader. Nobody else closes the buffer, but if somebody did, the price would come back.
fn wait(prices: &Producer<Price>, price: Price) -> Option<Price> {
    prices.push(price).err().map(PushError::into_inner)
}

/// `force_push`: waits for nobody; what comes back is the oldest.
fn overtake(prices: &Producer<Price>, price: Price) -> Option<Price> {
    prices.force_push(price).unwrap_or_else(|refused| Some(refused.into_inner()))
}

/// Issues prices on a fixed schedule; gives back how many, and the names of those nobody will read.
fn feed(args: &Args, feed: usize, prices: &Producer<Price>, hand: Hand, stop: &Stop) -> (usize, Vec<Name>) {
    let (begin, interval) = (Instant::now(), micros(args.interval));
    let mut unread = Vec::new();
    let mut due = begin;
    for number in 0..args.prices {
        due += interval;
        if stop.sleep(due.saturating_duration_since(Instant::now())) {
            return (number, unread);
        }
        unread.extend(hand(prices, Price { name: (feed, number), due }).map(|price| price.name));
    }
    (args.prices, unread)
}

/// What the reader saw.
struct Seen {
    names: Vec<Name>,
    /// In microseconds.
    ages: Histogram<u64>,
    stats: Stats,
}

fn read(args: &Args, prices: &Consumer<Price>, ages: Histogram<u64>) -> Seen {
    let mut seen = Seen { names: Vec::new(), ages, stats: Stats::default() };
    for price in prices {
        let age = u64::try_from(price.due.elapsed().as_micros()).unwrap_or(u64::MAX);
        seen.ages.record(age).expect("the histogram grows by itself");
        seen.names.push(price.name);
        thread::sleep(micros(args.work));
    }
    seen.stats = prices.buffer().stats();
    seen
}

/// One run; gives back how many prices each feed issued, which nobody read, and what the reader saw.
fn trade(args: &Args, hand: Hand, ages: Histogram<u64>, stop: &Stop) -> (Vec<usize>, Vec<Name>, Seen) {
    let (prices, prices_in) = bounded(args.capacity);
    thread::scope(|threads| {
        let start = |number| {
            let prices = prices.clone();
            threads.spawn(move || feed(args, number, &prices, hand, stop))
        };
        let feeds: Vec<_> = (0..args.feeds).map(start).collect();
        drop(prices); // the feeds have theirs
        let seen = read(args, &prices_in, ages);
        let (issued, unread): (Vec<_>, Vec<_>) = join(feeds).unzip();
        (issued, unread.concat(), seen)
    })
}

fn micros(count: usize) -> Duration {
    Duration::from_micros(count as u64)
}

/// Is each feed's later price behind its earlier ones?
fn in_order(names: &[Name], feeds: usize) -> bool {
    (0..feeds).all(|feed| names.iter().filter(|name| name.0 == feed).is_sorted())
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    at_work::started(format_args!("{} feeds of {} prices, twice", args.feeds, args.prices));
    let mut report = Report::default();
    let mut figure = Vec::new();
    for (operation, hand) in [("push", wait as Hand), ("force_push", overtake)] {
        let ages = Histogram::new(3).map_err(Failure::work("cannot make a histogram"))?;
        let (issued, unread, seen) = trade(args, hand, ages, stop);
        report.line(
            operation,
            format_args!(
                "{} issued, {} read, {} evicted",
                issued.iter().sum::<usize>(),
                seen.names.len(),
                unread.len()
            ),
        );
        let [median, p99, p999, most] =
            [0.5, 0.99, 0.999, 1.0].map(|share| Duration::from_micros(seen.ages.value_at_quantile(share)));
        report.line("  age", format_args!("p50 {median:.1?}, p99 {p99:.1?}, p99.9 {p999:.1?}, at most {most:.1?}"));
        report.buffer("  buffer", args.capacity, &seen.stats);
        report.proof(in_order(&seen.names, args.feeds), "no price was read after a later one of its feed");
        report.proof(seen.stats.evicted == unread.len() as u64, "the feeds got back what the buffer evicted");
        let mut accounted = [seen.names, unread].concat();
        accounted.sort_unstable();
        let all = issued.iter().enumerate().flat_map(|(feed, issued)| (0..*issued).map(move |number| (feed, number)));
        report.proof(accounted.into_iter().eq(all), "every price was read or evicted, once");
        figure.push(format!("{p99:.1?} with {operation}"));
    }
    report.figure(format_args!("99 % of the prices read were younger than {}", figure.join(", ")));
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
