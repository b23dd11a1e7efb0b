//! Many writers → one database transaction a batch.
//!
//! Shows `pop_batch`, which blocks for the first row and then waits up to `linger` for more. A transaction costs a flush to
//! the disk, for one row or for a thousand. `pop` would take one row, and `pop_many` the present rows, often a single one. The
//! linger bounds the additional time that a row waits for others.
//!
//! How much faster batches are depends on the flush: from a hundred times on a disk that acknowledges from its cache to ten
//! thousand times on one that writes through. The program measures the time of a flush and prints it with the figure.
//!
//! A row is acknowledged after its transaction is committed, so a crash of the program loses no acknowledged row: with
//! `--acknowledge` it prints the acknowledgements, and a test kills it with SIGKILL while it writes. For a power failure,
//! SQLite's `synchronous=FULL` relies on the disk's flush.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Stop, count, per_second, scratch, spawn};
use bounded_buffer::{Consumer, Stats, bounded};
use clap::Parser;
use rusqlite::Connection;
use support::stdout;

/// Many writers → one transaction a batch: faster than one transaction a row, and a crash loses no acknowledged row.
#[derive(Parser)]
struct Args {
    /// Rows to write
    #[arg(long, default_value = "500000", value_parser = count::<100_000_000>)]
    rows: usize,
    /// Writers
    #[arg(long, default_value = "8", value_parser = count::<64>)]
    writers: usize,
    /// Maximum number of rows in a transaction
    #[arg(long, default_value = "1000", value_parser = count::<1_000_000>)]
    batch: usize,
    /// Time that a transaction waits for more rows, in ms
    #[arg(long, default_value_t = 5)]
    linger: u64,
    /// Rows that the buffer holds
    #[arg(long, default_value = "2000", value_parser = count::<1_000_000>)]
    capacity: usize,
    /// Write to this new database and print the acknowledged rows instead of a report
    #[arg(long, value_name = "DATABASE")]
    acknowledge: Option<PathBuf>,
}

struct Row {
    id: usize,
    writer: usize,
}

fn insert(Row { id, writer }: &Row, into: &Connection) -> rusqlite::Result<usize> {
    into.prepare_cached("INSERT INTO reading VALUES (?, ?, ?)")?.execute((id, writer, format!("reading {id}")))
}

fn create(path: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE reading (id INTEGER PRIMARY KEY, writer INTEGER NOT NULL, value TEXT NOT NULL);",
    )?;
    Ok(database)
}

/// Receives the rows of a committed transaction.
type Acknowledge<'a> = &'a mut dyn FnMut(&[Row]);

/// Writes one transaction a batch. Returns the number of transactions.
fn write(args: &Args, mut to: Connection, rows: &Consumer<Row>, acknowledge: Acknowledge) -> rusqlite::Result<u64> {
    let (linger, mut batch, mut transactions) = (Duration::from_millis(args.linger), Vec::new(), 0);
    while rows.pop_batch(&mut batch, args.batch, linger).is_ok() {
        let transaction = to.transaction()?;
        for row in &batch {
            insert(row, &transaction)?;
        }
        transaction.commit()?;
        acknowledge(&batch);
        batch.clear();
        transactions += 1;
    }
    Ok(transactions)
}

/// Runs the writers and one `write`. If `write` fails, its handle is dropped, so the writers do not block.
fn together(args: &Args, stop: &Stop, path: &Path, acknowledge: Acknowledge) -> Result<(u64, Stats), Failure> {
    let database = create(path).map_err(Failure::input(path.display()))?;
    let (rows, rows_in) = bounded(args.capacity);
    thread::scope(|threads| {
        spawn(threads, 0..args.writers, rows, move |rows, writer| {
            let mut ids = (writer..args.rows).step_by(args.writers);
            ids.all(|id| !stop.is_requested() && rows.push(Row { id, writer }).is_ok());
        });
        let rows_in = rows_in; // moved into the closure, which drops it before the scope joins the writers
        let transactions = write(args, database, &rows_in, acknowledge)?;
        Ok((transactions, rows_in.buffer().stats()))
    })
    .map_err(Failure::work::<rusqlite::Error>("cannot write"))
}

fn rows(path: &Path) -> rusqlite::Result<Vec<usize>> {
    Connection::open(path)?.prepare("SELECT id FROM reading ORDER BY id")?.query_map((), |row| row.get(0))?.collect()
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    if let Some(path) = &args.acknowledge {
        let mut print = |batch: &[Row]| batch.iter().for_each(|row| stdout::print(row.id));
        return together(args, stop, path, &mut print).map(|_| Report::default());
    }
    let directory = scratch()?;
    at_work::started(format_args!("{} writers, one transaction a batch", args.writers));
    let sql = |path: &Path| Failure::work(path.display().to_string());

    let path = directory.path().join("single.db");
    let database = create(&path).map_err(sql(&path))?;
    let begin = Instant::now();
    let mut single = 0;
    loop {
        insert(&Row { id: single, writer: 0 }, &database).map_err(sql(&path))?; // a transaction of its own
        single += 1;
        if begin.elapsed() >= Duration::from_secs(1) || stop.is_requested() {
            break; // after at least one row, so that there is a rate
        }
    }
    let slow = per_second(single as u64, begin.elapsed());

    let path = directory.path().join("batch.db");
    let begin = Instant::now();
    let mut acknowledged = Vec::new();
    let (transactions, stats) = together(args, stop, &path, &mut |batch| {
        acknowledged.extend(batch.iter().map(|row| row.id));
    })?;
    let fast = per_second(stats.pushed, begin.elapsed());
    acknowledged.sort_unstable();
    let mut report = Report::default();
    report.line("single", format_args!("{single} rows in {single} transactions: {slow:.0} rows/s"));
    report.line("batches", format_args!("{} rows in {transactions} transactions: {fast:.0} rows/s", stats.pushed));
    report.buffer("buffer", args.capacity, &stats);
    let found = rows(&path).map_err(sql(&path))?;
    report.proof(
        found == acknowledged && found.len() as u64 == stats.pushed,
        "the database contains every accepted row, once",
    );
    report.figure(format_args!(
        "{fast:.0} rows/s, {:.1} times one insert a transaction; depends on the disk: a transaction took {:.1?} here",
        fast / slow,
        Duration::from_secs_f64(1.0 / slow)
    ));
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
