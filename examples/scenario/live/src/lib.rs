//! `--live`: the state of a run in the terminal, while it lasts.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bounded_buffer::Stats;
use parking_lot::Mutex;
use scenario::{Event, Observer, Scenario};

use model::Model;
use terminal::Key;
use view::{Picture, Setting};

pub mod model;
mod terminal;
pub mod view;

pub use terminal::leave;

/// 25 frames per second.
const FRAME: Duration = Duration::from_millis(40);

/// Receives the events in the threads of the run. The lock is held to record one event, or to copy what fits on the screen.
#[derive(Clone)]
pub struct Watch(Arc<Mutex<Model>>);

impl Watch {
    /// Creates the observer. Returns `None` in a build without the live view.
    #[allow(clippy::unnecessary_wraps, reason = "the signature in a build without the view")]
    pub fn new(scenario: &Scenario) -> Option<Self> {
        Some(Self(Arc::new(Mutex::new(Model::new(scenario.capacity)))))
    }
}

impl Watch {
    fn picture(&self, setting: &Setting, stats: Option<Stats>) -> Picture {
        let mut model = self.0.lock();
        let now = Instant::now();
        model.sample(now);
        Picture { snapshot: model.snapshot(setting.slots_that_fit(terminal::width())), stats, now }
    }
}

impl Observer for Watch {
    fn event(&self, event: &Event) {
        self.0.lock().record(event);
    }
}

/// The view. Dropping it restores the terminal.
pub struct View(Option<JoinHandle<()>>);

impl View {
    /// Switches the terminal to the view and draws until it is dropped. Calls `end` for each key that should end the run.
    pub fn open(
        watch: Watch,
        channel: &'static str,
        scenario: &Scenario,
        stats: impl Fn() -> Option<Stats> + Send + 'static,
        end: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let digits = scenario.values.end.saturating_sub(1).to_string().len();
        let setting = Setting { channel, digits, begin: Instant::now() };
        terminal::enter()?;
        let spawned = thread::Builder::new().name("view".to_owned()).spawn(move || {
            let mut picture = watch.picture(&setting, stats());
            let mut is_paused = false;
            while terminal::draw(|frame| view::draw(frame, &setting, &picture, is_paused)) {
                match terminal::key(FRAME) {
                    Ok(Some(Key::End)) => end(),
                    Ok(Some(Key::Pause)) => is_paused = !is_paused,
                    Ok(None) => {}
                    Err(_) => leave(), // the keyboard is gone: the run continues without the view
                }
                let newer = watch.picture(&setting, stats()); // also while the view pauses: it samples the level
                if !is_paused {
                    picture = newer;
                }
            }
        });
        Ok(Self(Some(spawned.inspect_err(|_| leave())?)))
    }

    /// Keeps the last picture of a run that has ended, until it `should_end` or the terminal is gone.
    pub fn hold(&self, should_end: impl Fn() -> bool) {
        while self.0.as_ref().is_some_and(|thread| !thread.is_finished()) && !should_end() {
            thread::sleep(FRAME);
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        leave();
        if let Some(thread) = self.0.take() {
            // Ignored: the panic hook has reported a panic there.
            _ = thread.join();
        }
    }
}
