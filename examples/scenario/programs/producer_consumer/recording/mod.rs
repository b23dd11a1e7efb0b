//! `--timeline` and `--trace`: a run is recorded, then drawn and written after its end.

use std::path::Path;

use scenario::{Observer, Recorder};

use lanes::Recorded;
use support::output::Output;

mod arrows;
mod lanes;
mod layout;
mod occupancy;
mod timeline;
mod trace;

/// A recorder, and the files for its events.
pub(crate) struct Recording {
    recorder: Recorder,
    timeline: Option<Output>,
    trace: Option<Output>,
}

impl Recording {
    /// Opens the files. Returns `None` if none is wanted; then nothing is recorded.
    pub(crate) fn open(timeline: Option<&Path>, trace: Option<&Path>) -> Result<Option<Self>, String> {
        let outputs = (timeline.map(Output::open).transpose()?, trace.map(Output::open).transpose()?);
        // Compared after they are opened, because only then both exist. Opening changes nothing in a file.
        if timeline.zip(trace).is_some_and(|(timeline, trace)| is_same_file(timeline, trace)) {
            return Err("--timeline and --trace name the same file".to_owned());
        }
        let (timeline, trace) = outputs;
        let is_wanted = timeline.is_some() || trace.is_some();
        Ok(is_wanted.then(|| Self { recorder: Recorder::default(), timeline, trace }))
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

/// Returns whether both paths lead to the same file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}
