//! HTTP requests → one database transaction a batch.
//!
//! Shows one buffer between tasks and a thread. The handlers of a web server are tasks: they push with `push_many_async`, and a
//! time-out sheds what does not fit before the deadline. The thread that writes to the database takes batches with `pop_batch`.
//!
//! | request | answer |
//! |---|---|
//! | `POST /events`, an event or an array of events | 202: all are in the buffer |
//! | | 429 and `Retry-After`: the buffer stayed full. `accepted` is the number of events that were pushed, from the front |
//! | | 400 and one line: no such JSON; 413: the body is too large; 503: the server stops |
//! | `GET /metrics` | the counters of the buffer, in the text format of Prometheus |
//!
//! A time-out cancels the push. The cancelled push leaves the rest in its deque, so the answer is exact. The same holds if the
//! client closes its connection: its handler is dropped.
//!
//! An accepted event is in memory. Ctrl-C stops the server and writes the accepted events; a crash of the process loses those that
//! are not yet in a transaction. `sqlite_writer` shows how to acknowledge after the transaction instead.

mod load;
mod server;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Stop, count, per_second, scratch};
use bounded_buffer::{Consumer, bounded};
use clap::Parser;
use rusqlite::Connection;
use support::stdout;

use server::Event;

/// HTTP requests → one transaction a batch. By default it sends its own requests; --listen serves until Ctrl-C.
#[derive(Clone, Parser)]
struct Args {
    /// Serve on this address until Ctrl-C, for example 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS", conflicts_with = "send")]
    listen: Option<SocketAddr>,
    /// Send requests to this address, print the ids of the accepted events, and end
    #[arg(long, value_name = "ADDRESS")]
    send: Option<SocketAddr>,
    /// Write to this new database instead of a temporary one
    #[arg(long, conflicts_with = "send")]
    database: Option<PathBuf>,
    /// Requests to send
    #[arg(long, default_value = "8000", value_parser = count::<100_000_000>)]
    requests: usize,
    /// Events in a request
    #[arg(long, default_value = "100", value_parser = count::<10_000>)]
    events: usize,
    /// Clients that send
    #[arg(long, default_value = "8", value_parser = count::<1000>)]
    clients: usize,
    /// Events that the buffer holds
    #[arg(long, default_value = "1000", value_parser = count::<1_000_000>)]
    capacity: usize,
    /// Time that a request waits for free slots, in ms
    #[arg(long, default_value_t = 10)]
    patience: u64,
    /// Maximum number of events in a transaction
    #[arg(long, default_value = "1000", value_parser = count::<1_000_000>)]
    batch: usize,
    /// Time that a transaction waits for more events, in ms
    #[arg(long, default_value_t = 5)]
    linger: u64,
    /// Maximum size of a body, in bytes
    #[arg(long, default_value = "1_000_000", value_parser = count::<100_000_000>)]
    body_limit: usize,
}

/// Creates the database. The table has no key, so that an event that is written twice is found.
fn create(path: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE event (id INTEGER NOT NULL, text TEXT NOT NULL);",
    )?;
    Ok(database)
}

/// Writes one transaction a batch until the buffer is closed and drained. Returns the number of transactions.
fn write(args: &Args, mut to: Connection, events: &Consumer<Event>) -> rusqlite::Result<u64> {
    let (linger, mut batch, mut transactions) = (Duration::from_millis(args.linger), Vec::new(), 0);
    while events.pop_batch(&mut batch, args.batch, linger).is_ok() {
        let transaction = to.transaction()?;
        for event in batch.drain(..) {
            let mut insert = transaction.prepare_cached("INSERT INTO event VALUES (?, ?)")?;
            insert.execute((event.id, event.text))?;
        }
        transaction.commit()?;
        transactions += 1;
    }
    Ok(transactions)
}

/// Returns the ids of all events, sorted.
fn ids(path: &Path) -> rusqlite::Result<Vec<u32>> {
    Connection::open(path)?.prepare("SELECT id FROM event ORDER BY id")?.query_map((), |row| row.get(0))?.collect()
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    if let Some(address) = args.send {
        let print = |ids: &[u32]| ids.iter().for_each(stdout::print);
        return load::send(args, address, stop, print).map(|_| Report::default());
    }
    let directory = scratch()?;
    let path = args.database.clone().unwrap_or_else(|| directory.path().join("events.db"));
    let database = create(&path).map_err(Failure::input(path.display()))?;
    let address = args.listen.unwrap_or_else(|| ([127, 0, 0, 1], 0).into());
    let listener = server::Listener::bind(address)?;
    at_work::started(format_args!("listening on http://{}", listener.address()));

    let (producer, consumer) = bounded(args.capacity);
    let begin = Instant::now();
    let end = if args.listen.is_some() { stop.clone() } else { Stop::default() };
    let (written, sent, time) = thread::scope(|threads| {
        let writer = threads.spawn(|| {
            let result = write(args, database, &consumer);
            consumer.buffer().close(); // if the database failed, pushes fail, and the server answers 503
            result
        });
        let address = listener.address();
        let server = threads.spawn(|| listener.serve(producer, args, &end));
        let sent = args.listen.is_none().then(|| load::send(args, address, stop, |_| {}));
        let time = begin.elapsed();
        if sent.is_some() {
            end.request();
        }
        let result = server.join().expect("the server does not panic");
        // The server has dropped its producers, so the writer drains the buffer and ends.
        let written = writer.join().expect("the writer does not panic");
        (result.and(written.map_err(Failure::work("cannot write"))), sent, time)
    });

    let mut report = Report::default();
    let stats = consumer.buffer().stats();
    report.line("transactions", format_args!("{} for {} events", written?, stats.popped));
    report.buffer("buffer", args.capacity, &stats);
    let found = ids(&path).map_err(Failure::work(path.display()))?;
    report.proof(found.len() as u64 == stats.pushed, "the database contains as many events as were accepted");
    let waiting = stats.waiting_producers + stats.waiting_consumers;
    report.proof(waiting == 0, "no cancelled push stayed counted");
    if let Some(sent) = sent {
        let load::Sent { requests, mut accepted } = sent?;
        accepted.sort_unstable();
        report.proof(found == accepted, "the database contains each accepted event, once");
        let offered = requests * args.events as u64;
        let shed = (offered - accepted.len() as u64) * 1000 / offered.max(1);
        report.figure(format_args!(
            "{:.0} requests/s with {} events each, {}.{} % of the events shed; depends on the disk and on {} cores",
            per_second(requests, time),
            args.events,
            shed / 10,
            shed % 10,
            at_work::cores()
        ));
    }
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
