//! A run that hangs ends the program with a word, not the patience of who waits for it.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Far longer than any run should take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ends the program if `what` is not done in time. Over when the result is dropped.
#[must_use]
pub(crate) fn watch(what: String) -> Sender<()> {
    let (alive, watched) = channel::<()>();
    thread::spawn(move || {
        if watched.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            eprintln!("error: {what} hangs: not done after {PATIENCE:?}");
            std::process::exit(1);
        }
    });
    alive
}
