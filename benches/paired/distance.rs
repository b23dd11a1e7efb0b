//! The time that a cache line takes from one core to another. Which design is fast depends on it, and under a hypervisor it
//! changes while a benchmark runs. So each round is filed under the distance that was measured before and after it.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Instant;

use benches::processor::{outer_cores, pin_to};
use results::Mode;
use support::stdout;

/// Nanoseconds. Below this distance, the cores share a cache.
const NEAR_BELOW: f64 = 100.0;
/// Above this distance, they do not. A value between the two is not classified.
const FAR_ABOVE: f64 = 130.0;

/// A single sample depends on how the two loops meet (33 to 200 ns near, 160 to 310 far), so the least of several samples counts.
const SAMPLES: u32 = 6;
const ROUND_TRIPS: u32 = 400;

/// The mode of the machine; `None` if it is not classified.
pub(crate) fn mode_of(distance: Option<f64>) -> Option<Mode> {
    match distance {
        None => Some(Mode::OneCore),
        Some(nanos) if nanos < NEAR_BELOW => Some(Mode::Near),
        Some(nanos) if nanos > FAR_ABOVE => Some(Mode::Far),
        Some(_) => None,
    }
}

/// The modes that this machine can be in.
pub(crate) fn possible_modes() -> &'static [Mode] {
    if outer_cores().is_some() { &[Mode::Near, Mode::Far] } else { &[Mode::OneCore] }
}

/// One atomic each way, on lines of their own.
#[repr(align(128))]
struct Line(AtomicU32);

/// Nanoseconds from the first to the last core that this process may use; `None` if there is only one.
pub(crate) fn measure() -> Option<f64> {
    let (first, last) = outer_cores()?;
    let (there, back) = (Line(AtomicU32::new(0)), Line(AtomicU32::new(0)));
    let wait_for = |line: &Line, turn| while line.0.load(Ordering::Acquire) != turn {};
    thread::scope(|threads| {
        threads.spawn(|| {
            pin_to(last);
            for turn in 1..=SAMPLES * ROUND_TRIPS {
                wait_for(&there, turn);
                back.0.store(turn, Ordering::Release);
            }
        });
        let samples = threads.spawn(|| {
            pin_to(first);
            let sample = |sample: u32| {
                (0..sample * 7).for_each(|_| spin_loop()); // each sample starts in another phase
                let begin = Instant::now();
                for turn in sample * ROUND_TRIPS..(sample + 1) * ROUND_TRIPS {
                    there.0.store(turn + 1, Ordering::Release);
                    wait_for(&back, turn + 1);
                }
                begin.elapsed().as_secs_f64() * 1e9 / f64::from(ROUND_TRIPS) / 2.0
            };
            (0..SAMPLES).map(sample).fold(f64::INFINITY, f64::min)
        });
        Some(samples.join().expect("it only counts"))
    })
}

/// Prints several samples of the distance, for `--distance`.
pub(crate) fn print() {
    const TIMES: usize = 20;
    let Some((first, last)) = outer_cores() else {
        stdout::print("This process may use one core only; there is no distance.");
        return;
    };
    stdout::print(format_args!(
        "One cache line from core {first} to core {last}, ns one way; near below {NEAR_BELOW}, far above {FAR_ABOVE}"
    ));
    for _ in 0..TIMES {
        let distance = measure();
        let mode = mode_of(distance).map_or_else(|| "between".to_owned(), |mode| mode.to_string());
        stdout::print(format_args!("{:>8.0}  {mode}", distance.unwrap_or(f64::NAN)));
        thread::sleep(std::time::Duration::from_millis(100));
    }
}
