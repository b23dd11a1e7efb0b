//! A progress bar for long runs, on stderr if that is a terminal.

use std::convert::Infallible;
use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use bounded_buffer::BoundedBuffer;
use bounded_buffer::PopTimeoutError::Timeout;
use indicatif::{FormattedDuration, ProgressBar, ProgressStyle};

/// Runs shorter than this show no bar.
const SHORT: Duration = Duration::from_secs(2);
const REFRESH: Duration = Duration::from_millis(100);
const STEPS: u16 = 1000;

/// A bar that is removed when this is dropped. A thread of its own polls the progress, so that the bar adds no work to a run
/// that is measured.
pub struct Progress(Option<(Arc<BoundedBuffer<Infallible>>, JoinHandle<()>)>);

impl Progress {
    /// Shows the progress that `done` returns: 1 at the end, and `None` if it is not known.
    pub fn of(done: impl Fn() -> Option<f64> + Send + 'static) -> Self {
        Self(stderr().is_terminal().then(|| {
            // Stays empty: a pop with a time-out is a delay that a close ends.
            let end = Arc::new(BoundedBuffer::new(1));
            let thread = spawn({
                let end = end.clone();
                move || show(&end, done)
            });
            (end, thread)
        }))
    }
}

fn show(end: &BoundedBuffer<Infallible>, done: impl Fn() -> Option<f64>) {
    let begin = Instant::now();
    if end.pop_timeout(SHORT) != Err(Timeout) {
        return;
    }
    let bar = ProgressBar::new(STEPS.into());
    bar.set_style(ProgressStyle::with_template("{wide_bar} {percent:>3} %{msg}").expect("a valid template"));
    while let Some(done) = done() {
        let done = done.min(1.0);
        // Computed from the whole run, because the bar has not seen its beginning.
        let left = begin.elapsed().as_secs_f64() * (1.0 - done) / done;
        if let Ok(left) = Duration::try_from_secs_f64(left) {
            bar.set_message(format!(", {} left", FormattedDuration(left)));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000, for display")]
        bar.set_position((done * f64::from(STEPS)) as u64);
        if end.pop_timeout(REFRESH) != Err(Timeout) {
            break;
        }
    }
    bar.finish_and_clear();
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            end.close();
            _ = thread.join(); // the panic hook has reported a panic there, and the run does not depend on it
        }
    }
}
