//! HTTP requests → one database transaction a batch.
//!
//! Shows one buffer between tasks and a thread. The handlers of a web server are tasks: they push with `push_async` and
//! `push_many_async`, and a time-out sheds what does not fit before the deadline. The thread that writes to the database takes
//! batches with `pop_batch`.
//!
//! | request | answer |
//! |---|---|
//! | `POST /events`, an event or an array of events | 202: all are in the buffer |
//! | | 429 and `Retry-After`: the buffer stayed full. `accepted` is the number of events that were pushed, from the front |
//! | | 400 and one line: no such JSON; 413: the body is too large; 503: the server stops |
//! | `GET /metrics` | the counters of the buffer, in the text format of Prometheus |
//!
//! A time-out cancels the push. The cancelled push has pushed nothing (`push_async`) or leaves the rest in the deque
//! (`push_many_async`), so the answer is exact. The same holds if the client closes its connection: its handler is dropped.
//!
//! An accepted event is in memory. Ctrl-C stops the server and writes the accepted events; a crash of the process loses those that
//! are not yet in a transaction. `sqlite_writer` shows how to acknowledge after the transaction instead.

mod database;
mod load;
mod metrics;
mod server;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Scratch, Stop, count, per_second};
use bounded_buffer::bounded;
use clap::Parser;

use load::Load;

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

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    let load = Load { requests: args.requests, events: args.events, clients: args.clients };
    if let Some(address) = args.send {
        let result = load.send(address, stop, |ids| {
            let mut out = std::io::stdout().lock();
            _ = ids.into_iter().try_for_each(|id| writeln!(out, "{id}")).and_then(|()| out.flush());
        });
        return result.check().map(|()| Report::default());
    }
    let scratch = Scratch::new()?;
    let path = args.database.clone().unwrap_or_else(|| scratch.path().join("events.db"));
    let database = database::create(&path).map_err(Failure::input(path.display()))?;
    let address = args.listen.unwrap_or_else(|| ([127, 0, 0, 1], 0).into());
    let listener = server::Listener::bind(address)?;
    at_work::started(format_args!("listening on http://{}", listener.address()));

    let (producer, consumer) = bounded(args.capacity);
    let begin = Instant::now();
    let end = if args.listen.is_some() { stop.clone() } else { Stop::default() };
    let (written, sent, time) = thread::scope(|threads| {
        let writer = threads.spawn(|| {
            let linger = Duration::from_millis(args.linger);
            let result = database::write(database, &consumer, args.batch, linger);
            consumer.buffer().close(); // if the database failed, pushes fail, and the server answers 503
            result
        });
        let address = listener.address();
        let server = threads.spawn(|| listener.serve(producer, args, &end));
        let sent = args.listen.is_none().then(|| load.send(address, stop, |_| {}));
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
    let found = database::ids(&path).map_err(Failure::work(path.display()))?;
    report.proof(found.len() as u64 == stats.pushed, "the database contains as many events as were accepted");
    let waiting = stats.waiting_producers + stats.waiting_consumers;
    report.proof(waiting == 0, "no cancelled push stayed counted");
    if let Some(sent) = sent {
        sent.check()?;
        let mut accepted = sent.accepted;
        accepted.sort_unstable();
        report.proof(found == accepted, "the database contains each accepted event, once");
        let shed = (sent.offered - accepted.len() as u64) * 1000 / sent.offered.max(1);
        report.figure(format_args!(
            "{:.0} requests/s with {} events each, {}.{} % of the events shed; depends on the disk and on {} cores",
            per_second(sent.requests, time),
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
