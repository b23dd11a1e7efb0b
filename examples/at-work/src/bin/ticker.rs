//! Price feeds → the latest prices → a reader that is slower than the feeds.
//!
//! Shows **a bounded age of the items** with `force_push`. The feeds issue prices at four times the rate of the reader. With
//! `push` no price is lost, but each one waits behind all earlier ones, so the reader and the blocked feeds fall further and
//! further behind. With `force_push` a feed does not block: a full buffer evicts its oldest price, so the buffer holds the
//! latest prices, and a price is at most `capacity` prices old when it is read. `force_push` returns the evicted price to the
//! feed, which could merge it; here the feed records it, so that the report accounts for every price.
//!
//! The age of a price counts from the time at which it was due. Counted from the time at which the feed issued it, the age
//! would not contain the delay of a blocked feed.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Stop, count, join, spawn};
use bounded_buffer::{Consumer, Producer, PushError, Stats, bounded};
use clap::Parser;
use hdrhistogram::Histogram;

/// Price feeds → the latest prices → a slow reader: compares the age of the prices with `push` and with `force_push`.
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
    /// Time that the reader needs for a price, in microseconds
    #[arg(long, default_value = "1000", value_parser = count::<1_000_000>)]
    work: usize,
    /// Prices that the buffer holds
    #[arg(long, default_value = "16", value_parser = count::<1_000_000>)]
    capacity: usize,
}

/// Identifies a price: its feed, and its number in that feed.
type Name = (usize, usize);

struct Price {
    name: Name,
    due: Instant,
}

/// Pushes a price. Returns the price that will not be read, if there is one.
type Push = fn(&Producer<Price>, Price) -> Option<Price>;

/// Waits for a free slot. Returns the price only if the buffer is closed.
fn push(prices: &Producer<Price>, price: Price) -> Option<Price> {
    prices.push(price).err().map(PushError::into_inner)
}

/// Does not wait. Returns the oldest price if the buffer was full.
fn force_push(prices: &Producer<Price>, price: Price) -> Option<Price> {
    prices.force_push(price).unwrap_or_else(|refused| Some(refused.into_inner()))
}

/// Issues prices on a fixed schedule. Returns their number, and the names of those that will not be read.
fn feed(args: &Args, feed: usize, prices: &Producer<Price>, push: Push, stop: &Stop) -> (usize, Vec<Name>) {
    let (begin, interval) = (Instant::now(), micros(args.interval));
    let mut unread = Vec::new();
    let mut due = begin;
    for number in 0..args.prices {
        due += interval;
        if stop.sleep(due.saturating_duration_since(Instant::now())) {
            return (number, unread);
        }
        unread.extend(push(prices, Price { name: (feed, number), due }).map(|price| price.name));
    }
    (args.prices, unread)
}

/// The results of the reader.
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
        seen.ages.record(age).expect("the histogram is resizable");
        seen.names.push(price.name);
        thread::sleep(micros(args.work));
    }
    seen.stats = prices.buffer().stats();
    seen
}

/// Runs the feeds and the reader. Returns the number of prices of each feed, the names of the unread ones, and the reader's results.
fn trade(args: &Args, push: Push, ages: Histogram<u64>, stop: &Stop) -> (Vec<usize>, Vec<Name>, Seen) {
    let (prices, prices_in) = bounded(args.capacity);
    thread::scope(|threads| {
        let feeds =
            spawn(threads, 0..args.feeds, prices, move |prices, number| feed(args, number, &prices, push, stop));
        let seen = read(args, &prices_in, ages);
        let (issued, unread): (Vec<_>, Vec<_>) = join(feeds).unzip();
        (issued, unread.concat(), seen)
    })
}

fn micros(count: usize) -> Duration {
    Duration::from_micros(count as u64)
}

/// Returns true if the prices of each feed were read in the order in which they were issued.
fn is_in_order(names: &[Name], feeds: usize) -> bool {
    (0..feeds).all(|feed| names.iter().filter(|name| name.0 == feed).is_sorted())
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    at_work::started(format_args!("{} feeds of {} prices, twice", args.feeds, args.prices));
    let mut report = Report::default();
    let mut figure = Vec::new();
    for (operation, push) in [("push", push as Push), ("force_push", force_push)] {
        let ages = Histogram::new(3).map_err(Failure::work("cannot make a histogram"))?;
        let (issued, unread, seen) = trade(args, push, ages, stop);
        report.line(
            operation,
            format_args!(
                "{} issued, {} read, {} evicted",
                issued.iter().sum::<usize>(),
                seen.names.len(),
                unread.len()
            ),
        );
        let [median, p99, p999, maximum] =
            [0.5, 0.99, 0.999, 1.0].map(|quantile| Duration::from_micros(seen.ages.value_at_quantile(quantile)));
        report.line("  age", format_args!("p50 {median:.1?}, p99 {p99:.1?}, p99.9 {p999:.1?}, maximum {maximum:.1?}"));
        report.buffer("  buffer", args.capacity, &seen.stats);
        report.proof(is_in_order(&seen.names, args.feeds), "no price was read after a later one of its feed");
        report.proof(seen.stats.evicted == unread.len() as u64, "the feeds received the evicted prices");
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
