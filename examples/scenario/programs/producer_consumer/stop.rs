//! The request to end a run early, by Ctrl-C, by SIGTERM or by a key.

use std::process::exit;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use scenario::Run;

/// 128 and the number of SIGINT, as shells report it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Interrupts within this time are one request: `timeout` sends SIGTERM to its child and again to the child's process group.
const SAME_REQUEST: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub(crate) struct Stop {
    run: Arc<Run>,
    /// When the first signal or key arrived.
    first: Arc<OnceLock<Instant>>,
}

impl Stop {
    /// Closes the run on Ctrl-C and SIGTERM. Call it once.
    pub(crate) fn on_signal(run: Arc<Run>) -> Result<Self, String> {
        let stop = Self { run, first: Arc::default() };
        let handler = stop.clone();
        ctrlc::set_handler(move || handler.interrupt()).map_err(|error| format!("cannot handle Ctrl-C: {error}"))?;
        Ok(stop)
    }

    /// Closes the run because of a signal or a key. A second one, after `SAME_REQUEST`, ends the process immediately.
    pub(crate) fn interrupt(&self) {
        if self.first.get_or_init(Instant::now).elapsed() >= SAME_REQUEST {
            #[cfg(feature = "live")]
            scenario_live::leave();
            exit(INTERRUPTED.into());
        }
        self.run.close();
    }

    /// Returns whether a signal or a key has arrived.
    pub(crate) fn was_interrupted(&self) -> bool {
        self.first.get().is_some()
    }
}
