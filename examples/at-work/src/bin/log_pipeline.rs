//! Log files → parse → aggregate: two buffers in a row.
//!
//! Shows **closing stage by stage**, and backpressure. The readers `push`, the parsers take with `iter()` and `push` into the
//! second buffer, the aggregator takes with `iter()`. No code calls `close` or counts threads: when the last reader drops its
//! handle, the first buffer closes; the parsers drain it and drop their handles; then the aggregator's loop ends. The handles
//! of `bounded` fit because each stage ends after the stage before it.
//!
//! An item is a block of lines, so about six hundred lines share the cost of one lock acquisition. A capacity of 16 blocks
//! bounds the memory to 1 MiB for files of any length. Parsing is the slow stage, so the readers wait for it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use at_work::{Failure, Report, Stop, count, inputs, join, per_second, scratch, spawn};
use bounded_buffer::{Producer, Stats, bounded};
use clap::Parser;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regex::bytes::Regex;

/// Log files → parse → aggregate, through two buffers; checked against a single thread.
#[derive(Parser)]
struct Args {
    /// Files in common log format [default: four generated files]
    files: Vec<PathBuf>,
    /// Lines to generate
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

/// The parsed fields of one line: the page, and whether the server failed.
struct Hit {
    page: String,
    failed: bool,
}

#[derive(Default, PartialEq)]
struct Summary {
    lines: u64,
    skipped: u64,
    /// The requests for each page, and how many of them failed.
    pages: BTreeMap<String, (u64, u64)>,
}

impl Summary {
    /// Counts one line; `None` is a line in another format.
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

/// Reads a file in blocks of whole lines. Returns the number of bytes that it pushed.
fn read(path: &Path, blocks: &Producer<Vec<u8>>, stop: &Stop) -> io::Result<u64> {
    let mut file = BufReader::with_capacity(BLOCK, File::open(path)?);
    let mut pushed = 0;
    while !stop.is_requested() {
        let mut block = Vec::with_capacity(BLOCK + 1024);
        while block.len() < BLOCK && file.read_until(b'\n', &mut block)? > 0 {}
        let length = block.len() as u64;
        if length == 0 || blocks.push(block).is_err() {
            break;
        }
        pushed += length;
    }
    Ok(pushed)
}

/// Computes the summary in one thread and without a buffer, from the bytes that the readers pushed.
fn single_threaded(format: &Regex, read: &[(&Path, u64)]) -> io::Result<Summary> {
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

fn generate(path: &Path, lines: usize, seed: u64, stop: &Stop) -> io::Result<()> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut file = BufWriter::new(File::create(path)?);
    for line in (0..lines).take_while(|_| !stop.is_requested()) {
        let (host, bytes): (u8, u16) = rng.random();
        let page = rng.random_range(1..20) * rng.random_range(1..20);
        let status = ["200", "200", "200", "304", "404", "500", "garbled"][rng.random_range(0..7)];
        let time = format_args!("[23/Nov/2026:12:00:{:02} +0000]", line % 60);
        writeln!(file, r#"10.0.0.{host} - - {time} "GET /page/{page} HTTP/1.1" {status} {bytes}"#)?;
    }
    file.flush()
}

/// The summary, the bytes read from each file, and the counters of the two buffers.
type Outcome<'a> = (Summary, Vec<(&'a Path, u64)>, [Stats; 2]);

fn pipeline<'a>(args: &Args, files: &'a [PathBuf], format: &Regex, stop: &Stop) -> io::Result<Outcome<'a>> {
    let (blocks, blocks_in) = bounded(args.capacity);
    let (parsed, parsed_in) = bounded(args.capacity);
    thread::scope(|threads| {
        // Each thread has clones of the handles, and none is kept here: it would prevent the close, the next stage would not
        // end, and the readers would wait indefinitely if the parsers failed.
        let readers = spawn(threads, files, blocks, move |blocks, path| {
            read(path, &blocks, stop).map(|length| (path.as_path(), length))
        });
        // Threads that share an expression contend for its scratch memory.
        let ends = (blocks_in, parsed, format.clone());
        let parsers = spawn(threads, 0..args.parsers, ends, |(blocks_in, parsed, format), _| {
            for block in &blocks_in {
                let lines = block.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
                if parsed.push(lines.map(|line| parse(&format, line)).collect::<Vec<_>>()).is_err() {
                    break; // the aggregator has ended
                }
            }
            blocks_in.buffer().stats()
        });

        let mut summary = Summary::default();
        parsed_in.iter().flatten().for_each(|hit| summary.add(hit));
        let stats = join(parsers).last();
        let read: io::Result<_> = join(readers).collect();
        Ok((summary, read?, [stats.unwrap_or_default(), parsed_in.buffer().stats()]))
    })
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    let directory = scratch()?;
    let names = (0..4).map(|number| format!("access-{number}.log"));
    let files = inputs(&args.files, directory.path(), names, stop, |number, path| {
        // The four add up to `args.lines`.
        generate(path, (args.lines + number) / 4, number as u64, stop)
    })?;
    at_work::started(format_args!("{} files", files.len()));
    let format = Regex::new(COMMON_LOG_FORMAT).expect("the format is a valid expression");

    let begin = Instant::now();
    let outcome = pipeline(args, &files, &format, stop).map_err(Failure::work("cannot read"))?;
    let (summary, read, [blocks, parsed]) = outcome;
    let with_threads = begin.elapsed();
    let begin = Instant::now();
    let expected = single_threaded(&format, &read).map_err(Failure::work("cannot read"))?;
    let alone = begin.elapsed();

    let mut report = Report::default();
    report.line("lines", format_args!("{}, of which {} in another format", summary.lines, summary.skipped));
    if let Some((page, (requests, failures))) = summary.pages.iter().max_by_key(|(_, (requests, _))| requests) {
        report.line("busiest page", format_args!("{page}: {requests} requests, {failures} failures"));
    }
    report.buffer("blocks", args.capacity, &blocks);
    report.buffer("parsed", args.capacity, &parsed);
    report.figure(format_args!(
        "{:.2} million lines/s, {:.2} times the rate of a single thread; depends on the number of cores, here {}",
        per_second(summary.lines, with_threads) / 1e6,
        alone.as_secs_f64() / with_threads.as_secs_f64(),
        at_work::cores()
    ));
    report.proof(summary == expected, "the summary equals that of a single thread");
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
