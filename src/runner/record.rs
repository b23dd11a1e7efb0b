//! The observer that remembers.

use super::event::{Event, Observer};
use crate::sync::{Arc, Mutex};

/// Remembers every [`Event`] of a run, in memory: about 48 bytes each. Clones share what they remember, so that one can be
/// handed to the run and another be asked:
///
/// ```
/// use bounded_buffer::runner::{Action, Recorder, Scenario};
///
/// let recorder = Recorder::default();
/// let scenario = Scenario { time_scale: 0.0, ..Scenario::default() };
/// let report = scenario.start(recorder.clone())?.join();
/// let pushed = recorder.events().iter().filter(|event| matches!(event.action, Action::Pushed { .. })).count();
/// assert_eq!(pushed as u64, report.pushed);
/// # Ok::<(), bounded_buffer::runner::StartError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    events: Arc<Mutex<Vec<Event>>>,
}

impl Recorder {
    /// What has happened so far, in the order of time; those of one thread are in the order in which they happened to it.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events = self.events.lock().clone();
        // A thread looks at the clock before it gets here, and another can overtake it in between. The sort is stable.
        events.sort_by_key(|event| event.at);
        events
    }
}

impl Observer for Recorder {
    fn event(&self, event: &Event) {
        self.events.lock().push(*event);
    }
}
