//! Images → decode, resize, encode on all cores.
//!
//! Shows **a number of consumers that follows the load**. The images arrive slowly, then as fast as the buffer takes them,
//! then slowly again. A supervisor polls the buffer fifty times a second. If the buffer is full, the workers are too few, and
//! the supervisor starts one more. If a worker waited for an item at each of the last ten polls, they are too many, and the
//! supervisor stops one.
//!
//! `is_full()` and not `stats().waiting_producers` decides about a new worker: a producer that spins or yields before it parks
//! is not counted as waiting. A worker takes with `pop_timeout`, so that it polls its stop request regularly; it finishes the
//! current image first. There are at most as many workers as cores, because the work is computing.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use at_work::{Failure, Report, Stop, count, inputs, join, per_second, scratch};
use bounded_buffer::{Consumer, PopTimeoutError, Producer, Stats, bounded};
use clap::Parser;
use image::{DynamicImage, ImageError, ImageFormat, Rgb, RgbImage, imageops::FilterType};

/// Images → decode, resize, encode; the number of workers follows the load. Checked against a single thread.
#[derive(Parser)]
struct Args {
    /// PNG images to generate
    #[arg(long, default_value = "300", value_parser = count::<10_000>)]
    images: usize,
    /// Their width and height
    #[arg(long, default_value = "512", value_parser = count::<8192>)]
    size: usize,
    /// Maximum number of workers [default: one per core]
    #[arg(long, value_parser = count::<64>)]
    workers: Option<usize>,
    /// Images that the buffer holds
    #[arg(long, default_value = "4", value_parser = count::<1_000_000>)]
    capacity: usize,
}

/// The number of images that arrive slowly at the begin and at the end, and the time between two of them.
const SLOW: usize = 6;
const INTERVAL: Duration = Duration::from_millis(100);
/// The time between two polls of the supervisor, and the polls in a row with a waiting worker before it stops one.
const POLL: Duration = Duration::from_millis(20);
const IDLE_POLLS: u32 = 10;
/// The time after which a waiting worker polls its stop request.
const WORKER_POLL: Duration = Duration::from_millis(50);

fn thumbnail(path: &Path) -> Result<Vec<u8>, ImageError> {
    let image = image::open(path)?.resize(128, 128, FilterType::Lanczos3);
    let mut png = Cursor::new(Vec::new());
    image.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// Returns the path of an image's thumbnail.
fn target(path: &Path) -> PathBuf {
    path.with_extension("thumb.png")
}

/// Generates an image. Each number gives another one, so that swapped thumbnails are detected.
fn generate(path: &Path, size: usize, number: usize) -> Result<(), ImageError> {
    let [size, number] = [size, number].map(|value| u32::try_from(value).expect("the flags have limits"));
    let shade = |value: u32| u8::try_from(value % 256).expect("it is below 256");
    let pixel = |x, y| Rgb([shade(x + number), shade(y * (number + 1)), shade(x * y / (number + 1))]);
    DynamicImage::from(RgbImage::from_fn(size, size, pixel)).save_with_format(path, ImageFormat::Png)
}

/// Pushes the images: slowly, fast, slowly. Returns their number, and the rate at which they left the buffer in the fast part.
fn source(images: &[PathBuf], paths: &Producer<PathBuf>, stop: &Stop) -> (usize, f64) {
    let (mut begin, mut end) = (None, None);
    let now = || (Instant::now(), paths.buffer().stats().popped);
    for (number, path) in images.iter().enumerate() {
        let fast = (SLOW..images.len().saturating_sub(SLOW)).contains(&number);
        if fast {
            begin = begin.or_else(|| Some(now()));
        } else {
            end = end.or_else(|| begin.map(|_| now()));
        }
        if stop.sleep(if fast { Duration::ZERO } else { INTERVAL }) || paths.push(path.clone()).is_err() {
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

/// Makes thumbnails until the buffer is closed and drained, or until `stop` is requested. Returns the errors.
fn work(paths: &Consumer<PathBuf>, stop: &Stop) -> Vec<String> {
    let mut errors = Vec::new();
    while !stop.is_requested() {
        match paths.pop_timeout(WORKER_POLL) {
            Ok(path) => errors.extend(save(&path).err()),
            Err(PopTimeoutError::Timeout) => {}
            Err(PopTimeoutError::Closed) => break,
        }
    }
    errors
}

/// The errors of the workers, and when their number changed.
struct Supervised {
    errors: Vec<String>,
    timeline: Vec<String>,
    stats: Stats,
}

/// Starts and stops workers until the buffer is closed and drained.
fn supervise(limit: usize, paths: Consumer<PathBuf>) -> Supervised {
    let (begin, mut timeline, mut idle) = (Instant::now(), Vec::new(), 0);
    thread::scope(|threads| {
        let mut workers: Vec<(Stop, ScopedJoinHandle<_>)> = Vec::new();
        while !(paths.buffer().is_closed() && paths.buffer().is_empty()) {
            idle = if paths.buffer().stats().waiting_consumers > 0 { idle + 1 } else { 0 };
            let active = || workers.iter().filter(|(stop, worker)| !stop.is_requested() && !worker.is_finished());
            let before = active().count();
            let mut after = before;
            if before == 0 || (paths.buffer().is_full() && before < limit) {
                let (paths, stop) = (paths.clone(), Stop::default());
                workers.push((stop.clone(), threads.spawn(move || work(&paths, &stop))));
                after += 1;
            } else if idle >= IDLE_POLLS && before > 1 {
                active().next_back().into_iter().for_each(|(stop, _)| stop.request());
                (idle, after) = (0, before - 1);
            }
            if after != before {
                timeline.push(format!("{after} from {:.1?} on", begin.elapsed()));
            }
            thread::sleep(POLL);
        }
        let stats = paths.buffer().stats();
        drop(paths);
        let errors = join(workers.into_iter().map(|(_, worker)| worker).collect()).flatten().collect();
        Supervised { errors, timeline, stats }
    })
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    let directory = scratch()?;
    let names = (0..args.images).map(|number| format!("{number}.png"));
    let images = inputs(&[], directory.path(), names, stop, |number, path| generate(path, args.size, number))?;
    at_work::started(format_args!("{} images", images.len()));
    let limit = args.workers.unwrap_or_else(at_work::cores);
    let (paths, paths_in) = bounded(args.capacity);
    let ((pushed, rate), done) = thread::scope(|threads| {
        let images = &images;
        // The thread owns the only producer handle, so its end closes the buffer.
        let source = threads.spawn(move || {
            let paths = paths;
            source(images, &paths, stop)
        });
        let done = supervise(limit, paths_in);
        (source.join().expect("the source panicked"), done)
    });

    let (begin, mut equal) = (Instant::now(), 0);
    for path in &images[..pushed] {
        let expected = thumbnail(path).map_err(Failure::work(path.display()))?;
        equal += usize::from(fs::read(target(path)).is_ok_and(|made| made == expected));
    }
    let alone = per_second(pushed as u64, begin.elapsed());
    let mut report = Report::default();
    report.line("images", format_args!("{pushed}, {} of which failed", done.errors.len()));
    report.line("workers", done.timeline.join(", "));
    for error in done.errors {
        report.line("failed", error);
    }
    report.buffer("buffer", args.capacity, &done.stats);
    report.figure(format_args!(
        "{rate:.0} images/s in the fast part by at most {limit} workers, {:.2} times a single thread; depends on the number of cores, here {}",
        rate / alone,
        at_work::cores()
    ));
    report.proof(equal == pushed, "every thumbnail exists and equals that of a single thread");
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
