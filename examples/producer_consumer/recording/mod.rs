//! `--timeline` and `--trace`: a run, recorded as it goes, drawn and written down after its end.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use bounded_buffer::runner::{Observer, Recorder};

use lanes::Recorded;

mod lanes;
mod timeline;
mod trace;

/// A recorder, and the files for what it records. Those are made before the run, so that a bad path is told at once and not
/// after minutes.
pub(crate) struct Recording {
    recorder: Recorder,
    timeline: Option<Output>,
    trace: Option<Output>,
}

struct Output {
    path: PathBuf,
    file: File,
}

impl Recording {
    /// None if nothing was asked for, and nothing is recorded then.
    pub(crate) fn start(timeline: Option<&Path>, trace: Option<&Path>) -> Result<Option<Self>, String> {
        let timeline = timeline.map(Output::create).transpose()?;
        let trace = trace.map(Output::create).transpose()?;
        let wanted = timeline.is_some() || trace.is_some();
        Ok(wanted.then(|| Self { recorder: Recorder::default(), timeline, trace }))
    }

    pub(crate) fn observer(&self) -> impl Observer + use<> {
        self.recorder.clone()
    }

    /// After the run. `title` says what it was.
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

impl Output {
    fn create(path: &Path) -> Result<Self, String> {
        let file = File::create(path).map_err(|error| failed(path, &error))?;
        Ok(Self { path: path.to_owned(), file })
    }

    fn write(self, text: &str) -> Result<(), String> {
        let mut file = BufWriter::new(self.file);
        file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
