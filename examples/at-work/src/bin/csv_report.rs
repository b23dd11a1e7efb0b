//! Many CSV files → records → one report.
//!
//! Shows **handles that close the buffer when they are dropped**, also when a producer fails. Each file has its own reader
//! thread with a clone of the producer handle. One file is broken in the middle: its reader returns early with `?`, which
//! drops the handle. A normal return and a panic drop it as well, so no code path can forget to count down. The other readers
//! continue, and the loops of the consumers end after the last reader has ended.
//!
//! The records before the fault are counted, and the report names the file and the line. Amounts are added in whole cents, so
//! the sums do not depend on the order of the records.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use at_work::{Failure, Report, Stop, count, inputs, join, per_second, scratch, spawn};
use bounded_buffer::{Consumer, Producer, Stats, bounded};
use clap::Parser;
use csv::{Reader, StringRecord};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Many CSV files → records → one report, although one reader fails; checked against a single thread.
#[derive(Parser)]
struct Args {
    /// Files with a header line and the columns region, quantity, price in cents [default: generated files]
    files: Vec<PathBuf>,
    /// Files to generate; the last one is broken in the middle
    #[arg(long, default_value = "16", value_parser = count::<256>)]
    make: usize,
    /// Records in each generated file
    #[arg(long, default_value = "50000", value_parser = count::<1_000_000>)]
    records: usize,
    /// Threads that add up the records
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

/// The number of sales and the cents of each region.
type Totals = BTreeMap<String, (u64, u64)>;

fn add(totals: &mut Totals, sale: Sale) {
    let (sales, cents) = totals.entry(sale.region).or_default();
    *sales += 1;
    *cents += sale.cents;
}

/// The result of one reader.
struct Read<'a> {
    path: &'a Path,
    records: usize,
    fault: Option<String>,
}

fn sale(record: &StringRecord) -> Result<Sale, ParseIntError> {
    let number = |column| record.get(column).unwrap_or_default().trim().parse::<u32>().map(u64::from);
    Ok(Sale { region: record.get(0).unwrap_or_default().to_string(), cents: number(1)? * number(2)? })
}

/// Pushes each record and counts it in `records`. Returns at the first broken one.
fn read(path: &Path, records: &mut usize, sales: &Producer<Sale>, stop: &Stop) -> Result<(), String> {
    let mut file = Reader::from_path(path).map_err(|error| error.to_string())?;
    let mut record = StringRecord::new();
    while !stop.is_requested() && file.read_record(&mut record).map_err(|error| error.to_string())? {
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

/// Computes the totals in one thread and without a buffer, from the records that the readers pushed.
fn single_threaded(read: &[Read]) -> Result<Totals, csv::Error> {
    let mut totals = Totals::new();
    for Read { path, records, .. } in read {
        for record in Reader::from_path(path)?.records().take(*records) {
            // A record that cannot be parsed is missing in the totals, so the proof fails.
            if let Ok(sale) = sale(&record?) {
                add(&mut totals, sale);
            }
        }
    }
    Ok(totals)
}

fn generate(path: &Path, records: usize, broken: bool, seed: u64, stop: &Stop) -> io::Result<()> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "region,quantity,cents")?;
    for record in (0..records).take_while(|_| !stop.is_requested()) {
        let region = ["North", "East", "South", "\"West, far\""][rng.random_range(0..4)];
        let quantity =
            if broken && record == records / 2 { "a dozen" } else { ["1", "2", "12"][rng.random_range(0..3)] };
        writeln!(file, "{region},{quantity},{}", rng.random_range(1..100_000))?;
    }
    file.flush()
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    let directory = scratch()?;
    let names = (1..=args.make).map(|number| format!("sales-{number}.csv"));
    let files = inputs(&args.files, directory.path(), names, stop, |number, path| {
        generate(path, args.records, number + 1 == args.make, number as u64, stop)
    })?;
    at_work::started(format_args!("{} files", files.len()));

    let begin = Instant::now();
    let (sales, sales_in) = bounded(args.capacity);
    let (mut totals, mut stats) = (Totals::new(), Stats::default());
    let read: Vec<_> = thread::scope(|threads| {
        let readers = spawn(threads, files.iter().map(PathBuf::as_path), sales, move |sales, path| {
            let mut records = 0;
            let fault = read(path, &mut records, &sales, stop).err();
            Read { path, records, fault }
        });
        let consumers = spawn(threads, 0..args.consumers, sales_in, |sales, _| total(&sales));
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
        "{:.2} million records/s from {} files",
        per_second(records as u64, time) / 1e6,
        read.len()
    ));
    let expected = single_threaded(&read).map_err(Failure::work("cannot read"))?;
    report.proof(totals == expected, "the totals equal those of a single thread");
    if args.files.is_empty() && !stop.is_requested() {
        let planned = failed.len() == 1
            && read.last().is_some_and(|read| read.fault.is_some() && read.records == args.records / 2);
        report.proof(planned, "one reader failed at the planned record, the others read their whole file");
    }
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
