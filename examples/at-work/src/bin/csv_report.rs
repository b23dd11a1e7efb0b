//! Many CSV files → records → one report.
//!
//! Shows **handles that close by themselves**, also when a producer fails. Each file has a reader of its own with a clone of
//! the producer handle. One of the files is broken in the middle: its reader returns early with `?`, and that drops its
//! handle as any other way out does, a panic included. So no path forgets to count down, the other readers go on, and the
//! loops of the consumers end when the last reader is gone, whatever became of it.
//!
//! The records in front of the fault count, and the report names the file and the line. Money is added up in whole cents:
//! the sums do not depend on the order in which the records come.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use at_work::{Failure, Report, Stop, count, join, per_second};
use bounded_buffer::{Consumer, Producer, Stats, bounded};
use clap::Parser;
use csv::{Reader, StringRecord};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Many CSV files → records → one report, though one of the readers fails; checked against one thread alone.
#[derive(Parser)]
struct Args {
    /// Files with a heading and the columns region, quantity, price in cents; none: they are made for this run
    files: Vec<PathBuf>,
    /// Files to make; the last one is broken in the middle
    #[arg(long, default_value = "16", value_parser = count::<256>)]
    make: usize,
    /// Records in each of them
    #[arg(long, default_value = "50000", value_parser = count::<1_000_000>)]
    records: usize,
    /// Threads that add up
    #[arg(long, default_value = "2", value_parser = count::<64>)]
    consumers: usize,
    /// Records that the buffer holds
    #[arg(long, default_value = "256", value_parser = count::<1_000_000>)]
    capacity: usize,
}

struct Sale {
    region: String,
    cents: u64,
}

/// Sales and cents of each region.
type Totals = BTreeMap<String, (u64, u64)>;

fn add(totals: &mut Totals, sale: Sale) {
    let (sales, cents) = totals.entry(sale.region).or_default();
    *sales += 1;
    *cents += sale.cents;
}

/// How far a reader came.
struct Read<'a> {
    path: &'a Path,
    records: usize,
    fault: Option<String>,
}

fn sale(record: &StringRecord) -> Result<Sale, ParseIntError> {
    let number = |column| record.get(column).unwrap_or_default().trim().parse::<u32>().map(u64::from);
    Ok(Sale { region: record.get(0).unwrap_or_default().to_string(), cents: number(1)? * number(2)? })
}

/// Hands each record on, and counts it in `records`; ends at the first that is broken.
fn read(path: &Path, records: &mut usize, sales: &Producer<Sale>, stop: &Stop) -> Result<(), String> {
    let mut file = Reader::from_path(path).map_err(|error| error.to_string())?;
    let mut record = StringRecord::new();
    while !stop.requested() && file.read_record(&mut record).map_err(|error| error.to_string())? {
        let line = record.position().map_or(0, csv::Position::line);
        let sale = sale(&record).map_err(|error| format!("line {line}: {error}"))?;
        sales.push(sale).map_err(|error| error.to_string())?;
        *records += 1;
    }
    Ok(())
}

fn total(sales: &Consumer<Sale>) -> (Totals, Stats) {
    let mut totals = Totals::new();
    for sale in sales {
        add(&mut totals, sale);
    }
    (totals, sales.buffer().stats())
}

/// The same without a buffer or a second thread, over as many records of each file.
fn alone(read: &[Read]) -> Result<Totals, csv::Error> {
    let mut totals = Totals::new();
    for Read { path, records, .. } in read {
        for record in Reader::from_path(path)?.records().take(*records) {
            // One that cannot be read would be missing from the totals, and the proof would fail.
            if let Ok(sale) = sale(&record?) {
                add(&mut totals, sale);
            }
        }
    }
    Ok(totals)
}

fn make(path: &Path, records: usize, broken: bool, seed: u64) -> io::Result<()> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "region,quantity,cents")?;
    for record in 0..records {
        let region = ["North", "East", "South", "\"West, far\""][rng.random_range(0..4)];
        let quantity =
            if broken && record == records / 2 { "a dozen" } else { ["1", "2", "12"][rng.random_range(0..3)] };
        writeln!(file, "{region},{quantity},{}", rng.random_range(1..100_000))?;
    }
    file.flush()
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    at_work::check(&args.files)?;
    let (made, mut files) = (at_work::scratch()?, args.files.clone());
    if files.is_empty() {
        for number in 1..=args.make {
            let path = made.path().join(format!("sales-{number}.csv"));
            make(&path, args.records, number == args.make, number as u64).map_err(Failure::work(path.display()))?;
            files.push(path);
        }
    }
    at_work::started(format_args!("{} files", files.len()));

    let begin = Instant::now();
    let (sales, sales_in) = bounded(args.capacity);
    let (mut totals, mut stats) = (Totals::new(), Stats::default());
    let read: Vec<_> = thread::scope(|threads| {
        let start = |path| {
            let sales = sales.clone();
            threads.spawn(move || {
                let mut records = 0;
                let fault = read(path, &mut records, &sales, stop).err();
                Read { path, records, fault }
            })
        };
        let readers: Vec<_> = files.iter().map(PathBuf::as_path).map(start).collect();
        let start = |_| {
            let sales_in = sales_in.clone();
            threads.spawn(move || total(&sales_in))
        };
        let consumers: Vec<_> = (0..args.consumers).map(start).collect();
        drop((sales, sales_in)); // the threads have theirs
        for (part, seen) in join(consumers) {
            stats = seen;
            for (region, (sales, cents)) in part {
                let total = totals.entry(region).or_default();
                *total = (total.0 + sales, total.1 + cents);
            }
        }
        join(readers).collect()
    });
    let time = begin.elapsed();

    let mut report = Report::default();
    let records: usize = read.iter().map(|read| read.records).sum();
    report.line("records", format_args!("{records} of {} files", read.len()));
    for (region, (sales, cents)) in &totals {
        report.line(region, format_args!("{sales} sales, {}.{:02}", cents / 100, cents % 100));
    }
    let mut failed = Vec::new();
    for Read { path, fault, .. } in &read {
        if let Some(fault) = fault {
            failed.push(path.file_name());
            if args.files.is_empty() {
                report.line("failed", format_args!("{}: {fault}", path.display()));
            } else {
                report.bad_input(format_args!("{}: {fault}", path.display()));
            }
        }
    }
    report.buffer("buffer", args.capacity, &stats);
    report.figure(format_args!(
        "{:.2} million records/s from {} files at once",
        per_second(records as u64, time) / 1e6,
        read.len()
    ));
    let expected = alone(&read).map_err(Failure::work("cannot read"))?;
    report.proof(totals == expected, "the totals are those of one thread alone");
    if args.files.is_empty() && !stop.requested() {
        let planned = failed.len() == 1
            && read.last().is_some_and(|read| read.fault.is_some() && read.records == args.records / 2);
        report.proof(planned, "one reader failed where it was to, and the others came to their end");
    }
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
