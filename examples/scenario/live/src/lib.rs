//! `--live`: the state of a run in the terminal, while it lasts.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use scenario::{Control, Observer, Scenario};

use model::Model;
use view::{Picture, Setting};

pub mod model;
mod terminal;
pub mod view;

pub use terminal::leave;

/// 25 frames per second.
const FRAME: Duration = Duration::from_millis(40);

/// The view. Dropping it restores the terminal.
pub struct View {
    /// Its lock is held to record one event, or to copy what fits on the screen.
    model: Arc<Mutex<Model>>,
    /// Number of digits of the largest value.
    digits: usize,
    thread: Option<JoinHandle<()>>,
}

impl View {
    /// Creates the view, without the terminal. Returns `None` in a build without the live view.
    #[allow(clippy::unnecessary_wraps, reason = "the signature in a build without the view")]
    pub fn new(scenario: &Scenario) -> Option<Self> {
        let digits = scenario.values.end.saturating_sub(1).to_string().len();
        Some(Self { model: Arc::new(Mutex::new(Model::new(scenario.capacity))), digits, thread: None })
    }

    /// Returns the observer that the run needs.
    pub fn observer(&self) -> Observer {
        let model = self.model.clone();
        Box::new(move |event| model.lock().record(event))
    }

    /// Switches the terminal to the view and draws until it is dropped. Calls `end` for each key that should end the run.
    pub fn show(&mut self, run: Control, end: impl Fn() + Send + 'static) -> io::Result<()> {
        let setting = Setting { digits: self.digits, begin: Instant::now() };
        let model = self.model.clone();
        let picture = move || {
            let stats = run.stats();
            let mut model = model.lock();
            let now = Instant::now();
            model.sample(now);
            Picture { snapshot: model.snapshot(setting.slots_that_fit(terminal::width())), stats, now }
        };
        terminal::enter()?;
        let spawned = thread::Builder::new().name("view".to_owned()).spawn(move || {
            let mut shown = picture();
            let mut is_paused = false;
            while terminal::draw(|frame| view::draw(frame, &setting, &shown, is_paused)) {
                match terminal::key(FRAME) {
                    Ok(Some('q')) => end(),
                    Ok(Some('p' | ' ')) => is_paused = !is_paused,
                    Ok(_) => {}
                    Err(_) => leave(), // the keyboard is gone: the run continues without the view
                }
                let newer = picture(); // also while the view pauses: it samples the level
                if !is_paused {
                    shown = newer;
                }
            }
        });
        self.thread = Some(spawned.inspect_err(|_| leave())?);
        Ok(())
    }

    /// Keeps the last picture of a run that has ended, until it `should_end` or the terminal is gone.
    pub fn hold(&self, should_end: impl Fn() -> bool) {
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) && !should_end() {
            thread::sleep(FRAME);
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        leave();
        if let Some(thread) = self.thread.take() {
            // Ignored: the panic hook has reported a panic there.
            _ = thread.join();
        }
    }
}
