//! `--timeline` and `--trace`: a run is recorded, then drawn and written after its end.

use std::path::Path;

use bounded_buffer::runner::{Observer, Recorder};

use crate::output::Output;
use lanes::Recorded;

mod arrows;
mod lanes;
mod layout;
mod occupancy;
mod timeline;
mod trace;
mod wakeups;

/// A recorder, and the files for its events.
pub(crate) struct Recording {
    recorder: Recorder,
    timeline: Option<Output>,
    trace: Option<Output>,
}

impl Recording {
    /// Opens the files. Returns `None` if none is wanted; then nothing is recorded.
    pub(crate) fn start(timeline: Option<&Path>, trace: Option<&Path>) -> Result<Option<Self>, String> {
        let timeline = timeline.map(Output::create).transpose()?;
        let trace = trace.map(Output::create).transpose()?;
        let wanted = timeline.is_some() || trace.is_some();
        Ok(wanted.then(|| Self { recorder: Recorder::default(), timeline, trace }))
    }

    pub(crate) fn observer(&self) -> impl Observer + use<> {
        self.recorder.clone()
    }

    /// Writes the files, after the run. The title describes the scenario.
    pub(crate) fn save(self, title: &str, capacity: usize) -> Result<(), String> {
        let run = Recorded::new(&self.recorder.events(), capacity);
        if let Some(output) = self.timeline {
            output.write(&timeline::svg(title, &run))?;
        }
        if let Some(output) = self.trace {
            output.write(&trace::json(title, &run))?;
        }
        Ok(())
    }
}
