//! `--live`: the run as it goes, in the terminal.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bounded_buffer::Stats;
use bounded_buffer::runner::{Event, Observer, Scenario};
use parking_lot::Mutex;

use model::Model;
use view::Setting;

mod model;
mod terminal;
mod view;

pub(crate) use terminal::leave;

/// 25 pictures a second.
const FRAME: Duration = Duration::from_millis(40);

/// Is told of the events, by the threads of the run. They hold the lock for as long as it takes to note one; the view, to
/// copy what fits on a screen.
#[derive(Clone)]
pub(crate) struct Watch(Arc<Mutex<Model>>);

impl Watch {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self(Arc::new(Mutex::new(Model::new(scenario.capacity))))
    }
}

impl Observer for Watch {
    fn event(&self, event: &Event) {
        self.0.lock().note(event);
    }
}

/// The view. When it is dropped the terminal is what it was.
pub(crate) struct View(Option<JoinHandle<()>>);

impl View {
    /// Takes over the terminal, and draws until it is dropped. Calls `end` for each key that is to end the run.
    pub(crate) fn open(
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
            while show(&watch, &setting, stats().as_ref()) {
                match terminal::is_end_pressed(FRAME) {
                    Ok(true) => end(),
                    Ok(false) => {}
                    Err(_) => leave(), // no keyboard left: the run goes on, and its report is what matters
                }
            }
        });
        Ok(Self(Some(spawned.inspect_err(|_| leave())?)))
    }
}

/// False if there is nothing to draw on.
fn show(watch: &Watch, setting: &Setting, stats: Option<&Stats>) -> bool {
    let picture = watch.0.lock().picture(setting.slots_that_fit(terminal::width()));
    terminal::draw(|frame| view::draw(frame, setting, &picture, stats, Instant::now()))
}

impl Drop for View {
    fn drop(&mut self) {
        leave();
        if let Some(thread) = self.0.take() {
            // If it panicked, the hook has told.
            _ = thread.join();
        }
    }
}
