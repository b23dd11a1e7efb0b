//! The producer and consumer processes. A consumer has a bounded buffer, the window, between Redis and its work.

use std::io::{self, Read};
use std::thread;
use std::time::Duration;

use at_work::Stop;
use bounded_buffer::{Consumer, bounded};
use rand::RngExt;
use redis::streams::{StreamAutoClaimOptions, StreamId, StreamReadOptions};
use redis::{Connection, RedisError, TypedCommands};

use crate::{Args, GROUP, ITEMS, PROCESSED};

impl Args {
    fn delay(&self, max: u64) -> Duration {
        Duration::from_millis(rand::rng().random_range(100..max)) * u32::try_from(self.time_scale).unwrap_or(100) / 100
    }

    /// Returns the ms after which another consumer may claim an item: the longest time to process a full window and the items of
    /// the reader and the worker, and a reserve.
    fn lease(&self) -> usize {
        (self.capacity + 3) * 4 * self.time_scale + 200
    }
}

/// Produces or consumes, depending on the name, until stdin ends.
pub(crate) fn run(args: &Args, name: &str, url: &str) -> Result<(), RedisError> {
    // Ctrl-C goes to the main process, which then stops the others through their stdin.
    let stop = Stop::default();
    let stdin_ended = stop.clone();
    thread::spawn(move || {
        _ = io::stdin().read(&mut [0]); // an end or an error: the main process has closed the pipe or ended
        stdin_ended.request();
    });
    if name.starts_with("producer") {
        produce(args, name, connect(url)?, &stop)
    } else {
        consume(args, name, url, &stop)
    }
}

pub(crate) fn connect(url: &str) -> Result<Connection, RedisError> {
    redis::Client::open(url)?.get_connection()
}

fn produce(args: &Args, name: &str, mut redis: Connection, stop: &Stop) -> Result<(), RedisError> {
    for item in 0..args.items {
        redis.xadd(ITEMS, "*", &[("item", format!("{name}/{item}"))])?;
        if stop.sleep(args.delay(300)) {
            break;
        }
    }
    Ok(())
}

/// Fetches items, first those that another consumer left pending, and pushes them into the window.
fn consume(args: &Args, name: &str, url: &str, stop: &Stop) -> Result<(), RedisError> {
    let mut redis = connect(url)?;
    let (window, items) = bounded(args.capacity);
    thread::scope(|threads| {
        let worker = threads.spawn(move || work(args, connect(url)?, &items));
        let next = StreamReadOptions::default().group(GROUP, name).count(1).block(20);
        let one = || StreamAutoClaimOptions::default().count(1);
        while !stop.is_requested() {
            let mut fetched = redis.xautoclaim_options(ITEMS, GROUP, name, args.lease(), "0", one())?.claimed;
            if fetched.is_empty() {
                let reply = redis.xread_options(&[ITEMS], &[">"], &next)?.unwrap_or_default();
                fetched = reply.keys.into_iter().flat_map(|stream| stream.ids).collect();
            }
            if fetched.into_iter().any(|item| window.push(item).is_err()) {
                break; // the worker failed; its error is returned below
            }
        }
        drop(window); // closes it; the worker drains it
        worker.join().expect("the worker panicked")
    })
}

fn work(args: &Args, mut redis: Connection, items: &Consumer<StreamId>) -> Result<(), RedisError> {
    for entry in items {
        thread::sleep(args.delay(400));
        let item: String = entry.get("item").unwrap_or_default();
        redis.rpush(PROCESSED, item)?; // the effect first,
        redis.xack(ITEMS, GROUP, &[entry.id])?; // then the acknowledgement: at least once
    }
    Ok(())
}
