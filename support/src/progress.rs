//! A progress bar for long runs, on stderr if that is a terminal.

use std::convert::Infallible;
use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use bounded_buffer::BoundedBuffer;
use bounded_buffer::PopTimeoutError::Timeout;
use indicatif::{ProgressBar, ProgressStyle};

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
    let template = "{wide_bar} {percent:>3} %, {eta} left";
    let style = ProgressStyle::with_template(template).expect("a valid template");
    let bar = ProgressBar::new(STEPS.into()).with_style(style);
    while let Some(done) = done() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000, for display")]
        bar.set_position((done.min(1.0) * f64::from(STEPS)) as u64);
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
