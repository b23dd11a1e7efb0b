//! Images → decode, resize, encode on all cores.
//!
//! Shows **consumers that come and go with the load**, decided by what `stats()` says. The images come as a trickle, then as a
//! flood, then as a trickle again. A supervisor looks at the statistics fifty times a second: is a producer waiting for a
//! free slot, the workers are too few, and one more starts; was a worker waiting for work each of the last ten times, they
//! are too many, and one is sent home. Both counts are taken under the buffer's lock, so whoever is counted does wait.
//!
//! A worker takes with `pop_timeout`, so that it hears within that time that it is to go. The one that is sent home finishes
//! the image in its hands first. There are never more workers than cores: the work is computing, and one more would gain
//! nothing.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Stop, count, join, per_second};
use bounded_buffer::{Consumer, PopTimeoutError, Producer, Stats, bounded};
use clap::Parser;
use image::{DynamicImage, ImageError, ImageFormat, Rgb, RgbImage, imageops::FilterType};

/// Images → decode, resize, encode; workers come and go with the load. Checked against one thread alone.
#[derive(Parser)]
struct Args {
    /// PNG images to make
    #[arg(long, default_value = "300", value_parser = count::<10_000>)]
    images: usize,
    /// Their width and height
    #[arg(long, default_value = "512", value_parser = count::<8192>)]
    size: usize,
    /// Most workers at once; none given: one a core
    #[arg(long, value_parser = count::<64>)]
    workers: Option<usize>,
    /// Images that the buffer holds
    #[arg(long, default_value = "4", value_parser = count::<1_000_000>)]
    capacity: usize,
}

/// Images that come as a trickle at either end, and the time between two of them.
const TRICKLE: usize = 6;
const DRIP: Duration = Duration::from_millis(100);
/// How often the supervisor looks, and how often in a row it must see an idle worker.
const LOOK: Duration = Duration::from_millis(20);
const IDLE_LOOKS: u32 = 10;
/// How long a worker waits before it asks again whether it is to go.
const PATIENCE: Duration = Duration::from_millis(50);

fn thumbnail(path: &Path) -> Result<Vec<u8>, ImageError> {
    let image = image::open(path)?.resize(128, 128, FilterType::Lanczos3);
    let mut png = Cursor::new(Vec::new());
    image.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// Where the thumbnail of an image goes.
fn target(path: &Path) -> PathBuf {
    path.with_extension("thumb.png")
}

/// Each image is another: no thumbnail passes for its neighbour's.
fn make(path: &Path, size: u32, number: u32) -> Result<(), ImageError> {
    let shade = |value: u32| u8::try_from(value % 256).expect("it is below 256");
    let pixel = |x, y| Rgb([shade(x + number), shade(y * (number + 1)), shade(x * y / (number + 1))]);
    DynamicImage::from(RgbImage::from_fn(size, size, pixel)).save_with_format(path, ImageFormat::Png)
}

/// Hands the images on: trickle, flood, trickle. Gives how many, and how many a second left the buffer in the flood.
fn source(images: &[PathBuf], paths: &Producer<PathBuf>, stop: &Stop) -> (usize, f64) {
    let (mut begin, mut end) = (None, None);
    let now = || (Instant::now(), paths.buffer().stats().popped);
    for (number, path) in images.iter().enumerate() {
        let flood = (TRICKLE..images.len().saturating_sub(TRICKLE)).contains(&number);
        if flood {
            begin = begin.or_else(|| Some(now()));
        } else {
            end = end.or_else(|| begin.map(|_| now()));
        }
        if stop.sleep(if flood { Duration::ZERO } else { DRIP }) || paths.push(path.clone()).is_err() {
            return (number, 0.0);
        }
    }
    let rate = begin.zip(end).map(|((begin, before), (end, after))| per_second(after - before, end - begin));
    (images.len(), rate.unwrap_or_default())
}

fn save(path: &Path) -> Result<(), String> {
    let written = thumbnail(path).and_then(|png| fs::write(target(path), png).map_err(ImageError::IoError));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

/// Makes thumbnails until there is nothing left, or until it is sent home. Gives what went wrong.
fn work(paths: &Consumer<PathBuf>, home: &Stop) -> Vec<String> {
    let mut faults = Vec::new();
    while !home.requested() {
        match paths.pop_timeout(PATIENCE) {
            Ok(path) => faults.extend(save(&path).err()),
            Err(PopTimeoutError::Timeout) => {}
            Err(PopTimeoutError::Closed) => break,
        }
    }
    faults
}

/// What came of it: what went wrong, and from when on how many were at work.
struct Supervised {
    faults: Vec<String>,
    timeline: Vec<String>,
    stats: Stats,
}

/// Starts workers and sends them home until all is done.
fn supervise(most: usize, paths: Consumer<PathBuf>) -> Supervised {
    let (begin, mut timeline, mut idle) = (Instant::now(), Vec::new(), 0);
    thread::scope(|threads| {
        let mut workers: Vec<(Stop, ScopedJoinHandle<_>)> = Vec::new();
        while !(paths.buffer().is_closed() && paths.buffer().is_empty()) {
            let stats = paths.buffer().stats();
            idle = if stats.waiting_consumers > 0 { idle + 1 } else { 0 };
            let there = || workers.iter().filter(|(home, worker)| !home.requested() && !worker.is_finished());
            let count = there().count();
            let mut now = count;
            if count == 0 || (stats.waiting_producers > 0 && count < most) {
                let (paths, home) = (paths.clone(), Stop::default());
                workers.push((home.clone(), threads.spawn(move || work(&paths, &home))));
                now += 1;
            } else if idle >= IDLE_LOOKS && count > 1 {
                there().next_back().into_iter().for_each(|(home, _)| home.request());
                (idle, now) = (0, count - 1);
            }
            if now != count {
                timeline.push(format!("{now} from {:.1?} on", begin.elapsed()));
            }
            thread::sleep(LOOK);
        }
        let stats = paths.buffer().stats();
        drop(paths);
        let faults = join(workers.into_iter().map(|(_, worker)| worker).collect()).flatten().collect();
        Supervised { faults, timeline, stats }
    })
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    let directory = at_work::scratch()?;
    let images: Vec<_> = (0..args.images).map(|number| directory.path().join(format!("{number}.png"))).collect();
    for (number, path) in (0..).zip(&images) {
        make(path, u32::try_from(args.size).unwrap_or(u32::MAX), number).map_err(Failure::work(path.display()))?;
    }
    at_work::started(format_args!("{} images", images.len()));
    let most = args.workers.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let (paths, paths_in) = bounded(args.capacity);
    let ((given, rate), done) = thread::scope(|threads| {
        let images = &images;
        // `move`: the one producer handle goes with the thread, so its end closes the buffer.
        let source = threads.spawn(move || {
            let paths = paths;
            source(images, &paths, stop)
        });
        let done = supervise(most, paths_in);
        (source.join().expect("the source panicked"), done)
    });

    let (begin, mut alike) = (Instant::now(), 0);
    for path in &images[..given] {
        let expected = thumbnail(path).map_err(Failure::work(path.display()))?;
        alike += usize::from(fs::read(target(path)).is_ok_and(|made| made == expected));
    }
    let alone = per_second(given as u64, begin.elapsed());
    let mut report = Report::default();
    report.line("images", format_args!("{given}, {} of which could not be made", done.faults.len()));
    report.line("workers", done.timeline.join(", "));
    for fault in done.faults {
        report.line("failed", fault);
    }
    report.buffer("buffer", args.capacity, &done.stats);
    report.figure(format_args!(
        "{rate:.0} images/s in the flood by at most {most} at once, {:.2} times one thread alone",
        rate / alone
    ));
    report.proof(alike == given, "every thumbnail is there, and is the one that a thread alone makes");
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
