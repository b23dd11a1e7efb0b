//! An observer that stores all events.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::event::{Event, Observer};

/// Stores every [`Event`] of a run in memory, about 48 bytes each.
///
/// Clones share the stored events, so one clone can be passed to the run and another be read:
///
/// ```
/// use scenario::{Action, Recorder, Scenario};
///
/// let recorder = Recorder::default();
/// let scenario = Scenario { time_scale: 0.0, ..Scenario::default() };
/// let report = scenario.start(recorder.clone())?.join();
/// let pushed = recorder.events().iter().filter(|event| matches!(event.action, Action::Pushed { .. })).count();
/// assert_eq!(pushed as u64, report.pushed);
/// # Ok::<(), scenario::StartError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    events: Arc<Mutex<Vec<Event>>>,
}

impl Recorder {
    /// Returns the events so far, ordered by time. The events of one thread keep the order in which they happened.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events = self.events.lock().clone();
        // Another thread can lock between the moment a thread reads the clock and its own `lock`. The sort is stable.
        events.sort_by_key(|event| event.at);
        events
    }
}

impl Observer for Recorder {
    fn event(&self, event: &Event) {
        self.events.lock().push(*event);
    }
}
