//! How far a long run is, on stderr if that is a terminal.

use std::convert::Infallible;
use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use bounded_buffer::BoundedBuffer;
use bounded_buffer::PopTimeoutError::Timeout;
use indicatif::{FormattedDuration, ProgressBar, ProgressStyle};

/// Who waits longer wants to know for how long yet.
const PATIENCE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(100);
const STEPS: u16 = 1000;

/// A bar that appears when the run is no short one, and is gone when this is dropped. It asks how far the run is, from a
/// thread of its own: the run, which may be measured, does nothing for it.
pub(crate) struct Progress(Option<(Arc<BoundedBuffer<Infallible>>, JoinHandle<()>)>);

impl Progress {
    /// Of a run that is done when this is 1, and cannot be shown when it is none.
    pub(crate) fn of(done: impl Fn() -> Option<f64> + Send + 'static) -> Self {
        Self(stderr().is_terminal().then(|| {
            // Nothing is pushed: a pop is a sleep that a close ends.
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
    if end.pop_timeout(PATIENCE) != Err(Timeout) {
        return;
    }
    let bar = ProgressBar::new(STEPS.into());
    bar.set_style(ProgressStyle::with_template("{wide_bar} {percent:>3} %{msg}").expect("a valid template"));
    while let Some(done) = done() {
        let done = done.min(1.0);
        // From the whole run so far; the bar itself has not seen its beginning.
        let left = begin.elapsed().as_secs_f64() * (1.0 - done) / done;
        if let Ok(left) = Duration::try_from_secs_f64(left) {
            bar.set_message(format!(", {} left", FormattedDuration(left)));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000, to be seen")]
        bar.set_position((done * f64::from(STEPS)) as u64);
        if end.pop_timeout(TICK) != Err(Timeout) {
            break;
        }
    }
    bar.finish_and_clear();
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            end.close();
            _ = thread.join(); // a panic there was told, and has nothing to do with the run
        }
    }
}
