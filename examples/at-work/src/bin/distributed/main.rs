//! When one machine is not enough: producers → Redis Streams → consumers, each in its own process.
//!
//! Shows **the limit of an in-process buffer**. Inside a process the buffer is the window: a reader fetches items from Redis
//! and `push`es them, the worker takes them with `iter()`. While the window is full, `push` blocks, so a process does not
//! fetch items that another one could process. Processes fail one by one, so an item must survive the process that holds it.
//! A Redis consumer group provides that: an item stays *pending* until its consumer acknowledges it, and another consumer can
//! claim an item that was pending for too long. The program kills one consumer with SIGKILL while items are pending, and the
//! others claim them.
//!
//! The costs: an item is processed *at least* once (a consumer may fail after the work and before the acknowledgement, or be
//! so slow that another one claims the item), a stream has no backpressure, and an item costs about a thousand times more.
//! One process is enough as long as one machine can do the work and the items need not survive it.
//!
//! Needs `redis-server`, which the program starts on a free port of loopback and stops.

mod processes;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Stop, count};
use bounded_buffer::BoundedBuffer;
use clap::Parser;
use redis::streams::{StreamPendingReply, StreamReadOptions};
use redis::{Connection, RedisError, TypedCommands};

use processes::{Server, Worker};
use worker::connect;

/// Producers → Redis Streams → consumers in several processes; one consumer is killed, and no item is lost.
#[derive(Parser)]
struct Args {
    /// Producer processes
    #[arg(long, default_value = "2", value_parser = count::<16>)]
    producers: usize,
    /// Consumer processes, of which one is killed
    #[arg(long, default_value = "3", value_parser = count::<16>)]
    consumers: usize,
    /// Items a producer
    #[arg(long, default_value = "10", value_parser = count::<100_000>)]
    items: usize,
    /// Percentage of the documented delays: producers 100 to 300 ms, consumers 100 to 400 ms
    #[arg(long, default_value = "20", value_parser = count::<100>)]
    time_scale: usize,
    /// Items that a consumer's window holds
    #[arg(long, default_value = "5", value_parser = count::<1000>)]
    capacity: usize,
    /// For the processes that the program starts: the name
    #[arg(long, hide = true, requires = "redis")]
    worker: Option<String>,
    /// For the processes that the program starts: the address of Redis
    #[arg(long, hide = true)]
    redis: Option<String>,
}

const ITEMS: &str = "items";
const GROUP: &str = "consumers";
/// The items that were processed.
const PROCESSED: &str = "processed";

impl Args {
    /// Returns the flags for the processes that the program starts.
    fn flags(&self) -> Vec<String> {
        let flags = [("--items", self.items), ("--time-scale", self.time_scale), ("--capacity", self.capacity)];
        flags.into_iter().flat_map(|(flag, value)| [flag.to_string(), value.to_string()]).collect()
    }
}

/// Waits for the producers, then for the items. Kills a consumer that has pending items; returns its name and their number.
fn watch(
    redis: &mut Connection,
    early: usize,
    mut producers: Vec<Worker>,
    mut consumers: Vec<Worker>,
    stop: &Stop,
) -> Result<Option<(String, usize)>, Failure> {
    let lost = || Failure::work("lost Redis");
    let mut killed = None;
    loop {
        // Dropping a producer stops it. Its items are still processed.
        producers.retain(|producer| !stop.is_requested() && producer.is_running());
        let groups = redis.xinfo_groups(ITEMS).map_err(lost())?.groups;
        let unread = groups.first().and_then(|group| group.lag).ok_or(Failure::Missing("Redis 7".into()))?;
        let pending = redis.xpending(ITEMS, GROUP).map_err(lost())?;
        if let (StreamPendingReply::Data(data), None) = (&pending, &killed) {
            // At least two: one may be processed before the signal arrives.
            let busy = data.consumers.iter().find(|consumer| consumer.pending >= 2);
            let place = busy.and_then(|busy| consumers.iter().position(|consumer| consumer.name() == busy.name));
            let early = redis.llen(PROCESSED).map_err(lost())? < early;
            if let (Some(place), 2.., false) = (place, consumers.len(), early) {
                let name = consumers.swap_remove(place).kill().map_err(Failure::work("cannot kill"))?;
                let left = redis.xpending_consumer_count(ITEMS, GROUP, "-", "+", 1000, &name).map_err(lost())?;
                killed = Some((name, left.ids.len()));
            }
        }
        if producers.is_empty() && unread == 0 && pending.count() == 0 {
            return Ok(killed);
        }
        consumers.retain(Worker::is_running);
        if consumers.is_empty() {
            return Err(Failure::Work("all consumers failed".into()));
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Measures an item through Redis, from its addition to its acknowledgement, and through a buffer. One thread does both ends,
/// so the figures contain no waiting.
fn costs(redis: &mut Connection) -> Result<(Duration, Duration), RedisError> {
    redis.xgroup_create_mkstream("cost", GROUP, "0")?;
    let (times, next) = (1000, StreamReadOptions::default().group(GROUP, "cost"));
    let begin = Instant::now();
    for item in 0..times {
        let id = redis.xadd("cost", "*", &[("item", item)])?.unwrap_or_default();
        redis.xread_options(&["cost"], &[">"], &next)?;
        redis.xack("cost", GROUP, &[id])?;
    }
    let between = begin.elapsed() / times;
    let (begin, buffer) = (Instant::now(), BoundedBuffer::new(1));
    for item in 0..times {
        _ = std::hint::black_box(buffer.push(item).map(|()| buffer.pop())); // the buffer is open and has a free slot
    }
    Ok((between, begin.elapsed() / times))
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    if let (Some(name), Some(url)) = (&args.worker, &args.redis) {
        return worker::run(args, name, url).map(|()| Report::default()).map_err(Failure::work(name));
    }
    let all = args.producers * args.items;
    let server = Server::start()?;
    let lost = || Failure::work("lost Redis");
    let mut redis = connect(server.url()).map_err(lost())?;
    redis.xgroup_create_mkstream(ITEMS, GROUP, "0").map_err(lost())?;
    let start = |role: &str, many: usize| -> io::Result<Vec<Worker>> {
        (1..=many).map(|number| Worker::start(format!("{role}-{number}"), server.url(), &args.flags())).collect()
    };
    let consumers = start("consumer", args.consumers).map_err(Failure::work("cannot start a process"))?;
    let producers = start("producer", args.producers).map_err(Failure::work("cannot start a process"))?;
    at_work::started(format_args!(
        "{} producers, {} consumers, Redis at {}",
        args.producers,
        args.consumers,
        server.url()
    ));
    let killed = watch(&mut redis, all / 4, producers, consumers, stop)?;

    let entries = redis.xrange_all(ITEMS).map_err(lost())?.ids;
    let added: BTreeSet<String> = entries.iter().filter_map(|entry| entry.get("item")).collect();
    let mut processed = BTreeMap::<String, u32>::new();
    for item in redis.lrange(PROCESSED, 0, -1).map_err(lost())? {
        *processed.entry(item).or_default() += 1;
    }
    let mut report = Report::default();
    report.line("items", format_args!("{} added, {} processed", added.len(), processed.len()));
    let claimed = killed.as_ref().map_or(0, |(_, left)| *left);
    if let Some((name, left)) = killed {
        report.line("killed", format_args!("{name}, with {left} items pending, which others claimed"));
    }
    let lost_items = added.iter().filter(|item| !processed.contains_key(*item)).count();
    let twice = processed.values().filter(|times| **times > 1).count();
    report.line("outcome", format_args!("{lost_items} lost, {twice} processed more than once"));
    let (between, inside) = costs(&mut redis).map_err(lost())?;
    report.figure(format_args!(
        "{claimed} items of a killed process claimed, {lost_items} lost, {twice} processed twice; an item costs {between:.0?} through Redis, {inside:.0?} through the buffer on this machine"
    ));
    report.proof(processed.keys().eq(&added), "every item was processed at least once");
    report.proof(added.len() == all || stop.is_requested(), "every item of every producer was added");
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
