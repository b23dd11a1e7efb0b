//! `--live`: the state of a run in the terminal, while it lasts.

use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use scenario::{Report, Run};

use model::Model;

pub mod model;
mod terminal;
pub mod view;

pub use terminal::leave;

/// 25 frames per second.
const FRAME: Duration = Duration::from_millis(40);

/// Executes the run and draws it. The last picture stays until q.
///
/// Calls `interrupt` for each key that should end the run. Reads from `was_interrupted` whether a key or a signal did; then no
/// picture stays.
pub fn show(run: &Run, interrupt: impl Fn(), was_interrupted: impl Fn() -> bool) -> Result<Report, String> {
    // Its lock is held to record one event, or to draw.
    let model = Mutex::new(Model::new(run.capacity()));
    terminal::enter().map_err(|error| format!("cannot use the terminal: {error}"))?;
    thread::scope(|scope| {
        let running = scope.spawn(|| run.execute(|event| model.lock().record(event)));
        loop {
            let has_ended = running.is_finished();
            let (stats, now) = (run.stats(), Instant::now());
            model.lock().sample(now);
            let is_drawn = terminal::draw(|frame| view::draw(frame, &model.lock(), &stats, now));
            // Without a terminal or a keyboard, the run continues without the view.
            let Some(Ok(key)) = is_drawn.then(|| terminal::key(FRAME)) else { break };
            match key {
                Some('q') if has_ended => break,
                Some('q') => interrupt(),
                _ if has_ended && was_interrupted() => break,
                _ => {}
            }
        }
        leave();
        running.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}
