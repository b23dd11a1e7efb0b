//! Log files → parse → aggregate: two buffers in a row.
//!
//! Shows **closing that cascades**, and backpressure. Readers `push`, parsers take with `iter()` and `push` into the second
//! buffer, the aggregator takes with `iter()`. Nobody calls `close`, and nobody counts threads: the last reader drops its
//! handle, the parsers find the first buffer closed and drained and drop theirs, and the aggregator's loop ends. Handles of
//! `bounded` fit because a stage ends exactly when the stage before it did.
//!
//! An item is a block of lines, not a line: some six hundred lines share the price of one lock, and a capacity of 16 blocks
//! is a bound of 1 MiB in memory however long the files are. Parsing is the slow stage, so the readers wait for it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use at_work::{Failure, Report, Stop, count, join, per_second};
use bounded_buffer::{Producer, Stats, bounded};
use clap::Parser;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regex::bytes::Regex;

/// Log files → parse → aggregate, through two buffers; checked against one thread alone.
#[derive(Parser)]
struct Args {
    /// Files in common log format; none: four are made for this run
    files: Vec<PathBuf>,
    /// Lines to make
    #[arg(long, default_value = "1000000", value_parser = count::<10_000_000>)]
    lines: usize,
    /// Threads that parse
    #[arg(long, default_value = "2", value_parser = count::<64>)]
    parsers: usize,
    /// Blocks that each buffer holds
    #[arg(long, default_value = "16", value_parser = count::<1_000_000>)]
    capacity: usize,
}

const BLOCK: usize = 64 * 1024;

/// `host identity user [time] "request" status bytes`
const COMMON_LOG_FORMAT: &str = r#"(?-u)^\S+ \S+ \S+ \[[^\]]+\] "\S+ (\S+) [^"]*" (\d{3}) (?:\d+|-)$"#;

/// What is kept of one line: the page, and whether the server failed.
struct Hit {
    page: String,
    failed: bool,
}

#[derive(Default, PartialEq)]
struct Summary {
    lines: u64,
    skipped: u64,
    /// How often each was asked for, and how often in vain.
    pages: BTreeMap<String, (u64, u64)>,
}

impl Summary {
    /// Counts one line, or that it was not in the format.
    fn add(&mut self, hit: Option<Hit>) {
        self.lines += 1;
        let Some(hit) = hit else {
            self.skipped += 1;
            return;
        };
        let (requests, failures) = self.pages.entry(hit.page).or_default();
        *requests += 1;
        *failures += u64::from(hit.failed);
    }
}

fn parse(format: &Regex, line: &[u8]) -> Option<Hit> {
    let (_, [page, status]) = format.captures(line)?.extract();
    Some(Hit { page: String::from_utf8_lossy(page).into_owned(), failed: status[0] == b'5' })
}

/// Reads a file in blocks of whole lines. Says how many bytes it handed on.
fn read(path: &Path, blocks: &Producer<Vec<u8>>, stop: &Stop) -> io::Result<u64> {
    let mut file = BufReader::with_capacity(BLOCK, File::open(path)?);
    let mut handed_on = 0;
    while !stop.requested() {
        let mut block = Vec::with_capacity(BLOCK + 1024);
        while block.len() < BLOCK && file.read_until(b'\n', &mut block)? > 0 {}
        let length = block.len() as u64;
        if length == 0 || blocks.push(block).is_err() {
            break;
        }
        handed_on += length;
    }
    Ok(handed_on)
}

/// The same without a buffer or a second thread, over as much of each file as the pipeline was given.
fn alone(format: &Regex, read: &[(&Path, u64)]) -> io::Result<Summary> {
    let mut summary = Summary::default();
    for (path, length) in read {
        let (mut file, mut line) = (BufReader::with_capacity(BLOCK, File::open(path)?.take(*length)), Vec::new());
        while file.read_until(b'\n', &mut line)? > 0 {
            summary.add(parse(format, line.trim_ascii_end()));
            line.clear();
        }
    }
    Ok(summary)
}

fn make(path: &Path, lines: usize, seed: u64) -> io::Result<()> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut file = BufWriter::new(File::create(path)?);
    for line in 0..lines {
        let (host, bytes): (u8, u16) = rng.random();
        let page = rng.random_range(1..20) * rng.random_range(1..20);
        let status = ["200", "200", "200", "304", "404", "500", "garbled"][rng.random_range(0..7)];
        let time = format_args!("[23/Nov/2026:12:00:{:02} +0000]", line % 60);
        writeln!(file, r#"10.0.0.{host} - - {time} "GET /page/{page} HTTP/1.1" {status} {bytes}"#)?;
    }
    file.flush()
}

/// What came out, how much of each file went in, and what the two buffers say of themselves.
type Outcome<'a> = (Summary, Vec<(&'a Path, u64)>, [Stats; 2]);

fn pipeline<'a>(args: &Args, files: &'a [PathBuf], format: &Regex, stop: &Stop) -> io::Result<Outcome<'a>> {
    let (blocks, blocks_in) = bounded(args.capacity);
    let (parsed, parsed_in) = bounded(args.capacity);
    thread::scope(|threads| {
        let read_one = |path: &'a PathBuf| {
            let blocks = blocks.clone();
            threads.spawn(move || read(path, &blocks, stop).map(|length| (path.as_path(), length)))
        };
        let readers: Vec<_> = files.iter().map(read_one).collect();
        let parse_some = |_| {
            // Each its own expression: a shared one makes the threads take turns at its scratch memory.
            let (blocks_in, parsed, format) = (blocks_in.clone(), parsed.clone(), format.clone());
            threads.spawn(move || {
                for block in &blocks_in {
                    let lines = block.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
                    if parsed.push(lines.map(|line| parse(&format, line)).collect::<Vec<_>>()).is_err() {
                        break; // the aggregator is gone
                    }
                }
                blocks_in.buffer().stats()
            })
        };
        let parsers: Vec<_> = (0..args.parsers).map(parse_some).collect();
        // The threads have theirs. A handle kept here would keep its side alive: no end for the next stage, and readers
        // that wait for ever if the parsers die.
        drop((blocks, blocks_in, parsed));

        let mut summary = Summary::default();
        parsed_in.iter().flatten().for_each(|hit| summary.add(hit));
        let stats = join(parsers).last();
        let read: io::Result<_> = join(readers).collect();
        Ok((summary, read?, [stats.unwrap_or_default(), parsed_in.buffer().stats()]))
    })
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    at_work::check(&args.files)?;
    let (made, mut files) = (at_work::scratch()?, args.files.clone());
    if files.is_empty() {
        for number in 0..4 {
            let path = made.path().join(format!("access-{number}.log"));
            let share = (args.lines + number) / 4; // the four add up to all
            make(&path, share, number as u64).map_err(Failure::work(path.display()))?;
            files.push(path);
        }
    }
    at_work::started(format_args!("{} files", files.len()));
    let format = Regex::new(COMMON_LOG_FORMAT).expect("the format is a valid expression");

    let begin = Instant::now();
    let outcome = pipeline(args, &files, &format, stop).map_err(Failure::work("cannot read"))?;
    let (summary, read, [blocks, parsed]) = outcome;
    let together = begin.elapsed();
    let begin = Instant::now();
    let expected = alone(&format, &read).map_err(Failure::work("cannot read"))?;
    let by_one = begin.elapsed();

    let mut report = Report::default();
    report.line("lines", format_args!("{}, of which {} in another format", summary.lines, summary.skipped));
    if let Some((page, (requests, failures))) = summary.pages.iter().max_by_key(|(_, (requests, _))| requests) {
        report.line("busiest page", format_args!("{page}: {requests} requests, {failures} failures"));
    }
    report.buffer("blocks", args.capacity, &blocks);
    report.buffer("parsed", args.capacity, &parsed);
    report.figure(format_args!(
        "{:.2} million lines/s, {:.2} times as fast as one thread alone",
        per_second(summary.lines, together) / 1e6,
        by_one.as_secs_f64() / together.as_secs_f64()
    ));
    report.proof(summary == expected, "the summary is that of one thread alone");
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
