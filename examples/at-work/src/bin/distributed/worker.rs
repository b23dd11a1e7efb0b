//! What the other processes do. A consumer is the part to read: a window in front of its work.

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
    fn delay(&self, most: u64) -> Duration {
        Duration::from_millis(rand::rng().random_range(100..most)) * u32::try_from(self.time_scale).unwrap_or(100) / 100
    }

    /// After how many ms an item counts as abandoned: a full window, what the reader and the worker hold, and some.
    fn lease(&self) -> usize {
        (self.capacity + 3) * 4 * self.time_scale + 200
    }
}

/// Produces or consumes, as its name says, until it is let go of.
pub(crate) fn run(args: &Args, name: &str, url: &str) -> Result<(), RedisError> {
    // Not by Ctrl-C, which is for the first process alone.
    let let_go = Stop::default();
    let stop = let_go.clone();
    thread::spawn(move || {
        _ = io::stdin().read(&mut [0]); // an end or an error: nobody is there any more
        let_go.request();
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

/// Fetches items, first those that somebody abandoned, and pushes them into the window for as long as it has room.
fn consume(args: &Args, name: &str, url: &str, stop: &Stop) -> Result<(), RedisError> {
    let mut redis = connect(url)?;
    let (window, items) = bounded(args.capacity);
    thread::scope(|threads| {
        let worker = threads.spawn(move || work(args, name, connect(url)?, &items));
        let next = StreamReadOptions::default().group(GROUP, name).count(1).block(20);
        let one = || StreamAutoClaimOptions::default().count(1);
        while !stop.requested() {
            let mut fetched = redis.xautoclaim_options(ITEMS, GROUP, name, args.lease(), "0", one())?.claimed;
            if fetched.is_empty() {
                let reply = redis.xread_options(&[ITEMS], &[">"], &next)?.unwrap_or_default();
                fetched = reply.keys.into_iter().flat_map(|stream| stream.ids).collect();
            }
            if fetched.into_iter().any(|item| window.push(item).is_err()) {
                break; // the worker failed, and says why
            }
        }
        drop(window); // what is in it is still processed
        worker.join().expect("the worker panicked")
    })
}

fn work(args: &Args, name: &str, mut redis: Connection, items: &Consumer<StreamId>) -> Result<(), RedisError> {
    for entry in items {
        thread::sleep(args.delay(400));
        let item: String = entry.get("item").unwrap_or_default();
        redis.rpush(PROCESSED, format!("{item} {name}"))?; // the effect first
        redis.xack(ITEMS, GROUP, &[entry.id])?; // then the word for it: at least once
    }
    Ok(())
}
