//! Ends the program with a message if a run hangs.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Far longer than a run takes.
const LIMIT: Duration = Duration::from_mins(1);

/// Ends the program if `what` is not done before the limit. Dropping the result ends the watch.
#[must_use]
pub fn watch(what: String) -> Sender<()> {
    let (alive, watched) = channel::<()>();
    thread::spawn(move || {
        if watched.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            eprintln!("error: {what} hangs: not done after {LIMIT:?}");
            std::process::exit(1);
        }
    });
    alive
}
