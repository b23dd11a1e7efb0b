//! Many writers → one database transaction a batch.
//!
//! Shows `pop_batch`, which waits for a first row and then lingers a little for more. A transaction costs a flush to the
//! disk whatever is in it, so a row alone pays for all of it, and a thousand share it. `pop` would take one row, `pop_many`
//! what happens to be there, often a single row; the linger bounds what a row waits for its companions.
//!
//! A row counts as acknowledged once its transaction is committed, never before. To prove it, the program starts itself once
//! more, reads the acknowledgements as they come, kills that process with SIGKILL in the middle of its work, and looks for
//! every acknowledged row in the database that it left behind. (That is a crash of the program. SQLite's `synchronous=FULL`
//! is for a power failure, too, as far as the disk keeps its word; the flush is what makes single rows slow.)

use std::error::Error;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Stop, count, per_second};
use bounded_buffer::{Consumer, Stats, bounded};
use clap::Parser;
use rusqlite::Connection;

/// Many writers → one transaction a batch: faster than a transaction a row, and nothing acknowledged is lost by kill -9.
#[derive(Clone, Parser)]
struct Args {
    /// Rows to write
    #[arg(long, default_value = "500000", value_parser = count::<100_000_000>)]
    rows: usize,
    /// Writers
    #[arg(long, default_value = "8", value_parser = count::<64>)]
    writers: usize,
    /// Rows in a transaction
    #[arg(long, default_value = "1000", value_parser = count::<1_000_000>)]
    batch: usize,
    /// How long a transaction waits for more rows, in ms
    #[arg(long, default_value_t = 5)]
    linger: u64,
    /// Rows that the buffer holds
    #[arg(long, default_value = "2000", value_parser = count::<1_000_000>)]
    capacity: usize,
    /// Write to this new database, print the acknowledged rows as they are committed, and report nothing
    #[arg(long, value_name = "DATABASE")]
    acknowledge: Option<PathBuf>,
}

/// Acknowledged rows after which the second process is killed.
const ENOUGH: usize = 20_000;

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

/// Gets the rows of a transaction that is committed.
type Acknowledge<'a> = &'a mut dyn FnMut(&[Row]) -> io::Result<()>;

/// One transaction a batch. Says how many that were.
fn write(
    args: &Args,
    mut to: Connection,
    rows: &Consumer<Row>,
    acknowledge: Acknowledge,
) -> Result<u64, Box<dyn Error>> {
    let (linger, mut batch, mut transactions) = (Duration::from_millis(args.linger), Vec::new(), 0);
    while rows.pop_batch(&mut batch, args.batch, linger).is_ok() {
        let transaction = to.transaction()?;
        for row in &batch {
            insert(row, &transaction)?;
        }
        transaction.commit()?;
        acknowledge(&batch)?;
        batch.clear();
        transactions += 1;
    }
    Ok(transactions)
}

/// Many writers and one `write`. If that fails, its handle is gone, and so the writers do not wait for it.
fn together(args: &Args, stop: &Stop, path: &Path, acknowledge: Acknowledge) -> Result<(u64, Stats), Failure> {
    let database = create(path).map_err(Failure::input(path.display()))?;
    let (rows, rows_in) = bounded(args.capacity);
    thread::scope(|threads| {
        for writer in 0..args.writers {
            let rows = rows.clone();
            threads.spawn(move || {
                let mut mine = (writer..args.rows).step_by(args.writers);
                mine.all(|id| !stop.requested() && rows.push(Row { id, writer }).is_ok());
            });
        }
        drop(rows); // the writers have theirs
        let rows_in = rows_in; // moved here, so that it is gone before the writers are waited for
        let transactions = write(args, database, &rows_in, acknowledge)?;
        Ok((transactions, rows_in.buffer().stats()))
    })
    .map_err(|error: Box<dyn Error>| Failure::Work(format!("cannot write: {error}")))
}

fn rows(path: &Path) -> rusqlite::Result<Vec<usize>> {
    Connection::open(path)?.prepare("SELECT id FROM reading ORDER BY id")?.query_map((), |row| row.get(0))?.collect()
}

/// Kills a writing process in the middle; gives what it had acknowledged.
fn crash(args: &Args, path: &Path) -> io::Result<Vec<usize>> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--rows", "100000000", "--batch", &args.batch.to_string(), "--acknowledge"])
        .arg(path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0) // Ctrl-C is for this process, which then does not come here
        .spawn()?;
    let mut acknowledged = Vec::new();
    let (mut out, mut line) = (BufReader::new(child.stdout.take().expect("piped")), String::new());
    while out.read_line(&mut line)? > 0 {
        // The last line may be a torn one: half a number acknowledges nothing.
        acknowledged.extend(line.strip_suffix('\n').and_then(|id| id.parse::<usize>().ok()));
        if acknowledged.len() == ENOUGH {
            child.kill()?; // SIGKILL
        }
        line.clear();
    }
    child.wait()?;
    Ok(acknowledged)
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    if let Some(path) = &args.acknowledge {
        let mut print = |batch: &[Row]| {
            let mut out = BufWriter::new(io::stdout().lock());
            batch.iter().try_for_each(|row| writeln!(out, "{}", row.id)).and_then(|()| out.flush())
        };
        return together(args, stop, path, &mut print).map(|_| Report::default());
    }
    let directory = at_work::scratch()?;
    at_work::started("many writers, one transaction a batch");
    let sql = |path: &Path| Failure::work(path.display().to_string());

    let path = directory.path().join("single.db");
    let database = create(&path).map_err(sql(&path))?;
    let begin = Instant::now();
    let mut single = 0;
    while begin.elapsed() < Duration::from_secs(1) && !stop.requested() {
        insert(&Row { id: single, writer: 0 }, &database).map_err(sql(&path))?; // a transaction of its own
        single += 1;
    }
    let slow = per_second(single as u64, begin.elapsed());

    let path = directory.path().join("batch.db");
    let begin = Instant::now();
    let mut acknowledged = Vec::new();
    let (transactions, stats) = together(args, stop, &path, &mut |batch| {
        acknowledged.extend(batch.iter().map(|row| row.id));
        Ok(())
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
        "every accepted row is in the database, once",
    );

    if !stop.requested() {
        let path = directory.path().join("crash.db");
        let acknowledged = crash(args, &path).map_err(Failure::work("cannot start a second process"))?;
        let found = rows(&path).map_err(sql(&path))?;
        let lost = acknowledged.iter().filter(|id| found.binary_search(id).is_err()).count();
        report.line(
            "kill -9",
            format_args!("{} rows acknowledged, {} found, {lost} lost", acknowledged.len(), found.len()),
        );
        report.proof(acknowledged.len() >= ENOUGH && lost == 0, "kill -9 lost no acknowledged row");
    }
    report.figure(format_args!("{fast:.0} rows/s, {:.1} times one insert a transaction", fast / slow));
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
