//! The request to end a run early, by Ctrl-C, by SIGTERM or by the program itself.

use std::convert::Infallible;
use std::process::exit;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bounded_buffer::BoundedBuffer;

/// 128 and the number of SIGINT, as shells report it.
pub const INTERRUPTED: u8 = 130;

/// Interrupts within this time are one request: `timeout` sends SIGTERM to its child and again to the child's process group.
const SAME_REQUEST: Duration = Duration::from_millis(500);

/// A request to stop. Clones share it.
#[derive(Clone)]
pub struct Stop(Arc<Shared>);

struct Shared {
    /// Stays empty. A thread that waits for the request pops from it, and closing it is the request.
    requested: BoundedBuffer<Infallible>,
    /// When the first signal or key arrived.
    interrupted: OnceLock<Instant>,
    /// Called before the process exits without running destructors.
    before_exit: fn(),
}

impl Stop {
    /// Creates a request that Ctrl-C and SIGTERM make. Call it once.
    pub fn on_signal(before_exit: fn()) -> Result<Self, String> {
        let shared = Shared { requested: BoundedBuffer::new(1), interrupted: OnceLock::new(), before_exit };
        let stop = Self(Arc::new(shared));
        let handler = stop.clone();
        ctrlc::set_handler(move || handler.interrupt()).map_err(|error| format!("cannot handle Ctrl-C: {error}"))?;
        Ok(stop)
    }

    /// Requests the stop because of a signal or a key. A second one, after `SAME_REQUEST`, ends the process immediately.
    pub fn interrupt(&self) {
        let first = self.0.interrupted.get_or_init(Instant::now);
        if first.elapsed() >= SAME_REQUEST {
            (self.0.before_exit)();
            exit(INTERRUPTED.into());
        }
        self.request();
    }

    /// Requests the stop.
    pub fn request(&self) {
        self.0.requested.close();
    }

    /// Blocks until the stop is requested.
    pub fn wait(&self) {
        // Ignored: nothing can be popped, so the result is that of the close.
        _ = self.0.requested.pop();
    }

    /// Returns whether a signal or a key requested the stop.
    pub fn was_interrupted(&self) -> bool {
        self.0.interrupted.get().is_some()
    }
}
