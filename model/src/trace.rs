//! Recorded executions as text. `spec/trace.py` compares them with the steps that the proof is about.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::record::{Action, Log};

/// A sample of different executions: those with the least hashes, so that two runs choose the same.
#[derive(Debug)]
pub struct Sample {
    most: usize,
    kept: Mutex<BTreeMap<u64, String>>,
}

impl Sample {
    /// Creates a sample of at most this many executions.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// Adds an execution, if it is different and its hash is small.
    pub fn add(&self, log: &Log) {
        let text = text(log);
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut kept = self.kept();
        kept.insert(hasher.finish(), text);
        if kept.len() > self.most {
            kept.pop_last();
        }
    }

    /// Writes the executions, with an empty line after each.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, self.kept().values().flat_map(|text| [text, "\n"]).collect::<String>())
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<u64, String>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares the executions in the files of a directory with the steps of the proof, and prints the result. Returns false
/// if one is none. Without Python, prints that nothing was compared.
#[must_use]
pub fn compare(directory: &Path) -> bool {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/trace.py");
    match Command::new("python3").arg(script).arg(directory).status() {
        Ok(status) => status.success(),
        Err(error) => {
            println!("the executions were NOT compared with the proof: python3: {error}");
            true
        }
    }
}

/// Returns what an execution did with its mutexes and condition variables, one event a line: the thread, the event, where
/// it is in the source, the mutex, and the numbers behind the mutex at its release.
fn text(log: &Log) -> String {
    let mut text = String::new();
    for event in &log.events {
        let thread = event.thread;
        let mut add = |line: std::fmt::Arguments<'_>| {
            _ = write!(text, "{thread} {line}"); // a string accepts all
            if let Some(mutex) = event.mutex {
                _ = write!(text, " {mutex}");
            }
            if let Some(numbers) = &event.numbers {
                _ = write!(text, " {numbers}");
            }
            text.push('\n');
        };
        match (&event.action, event.location) {
            (Action::Lock, Some(at)) => add(format_args!("lock {}:{}", at.file(), at.line())),
            (Action::Unlock, _) => add(format_args!("unlock -")),
            (Action::Wait(condvar), _) => add(format_args!("wait {}:{}", condvar.file(), condvar.line())),
            (Action::TimeOut, _) => add(format_args!("expire -")),
            (Action::Notify(condvar, woken), Some(at)) => {
                let (file, line, waiters) = (at.file(), at.line(), woken.len());
                add(format_args!("notify {file}:{line} {}:{} {waiters}", condvar.file(), condvar.line()));
            }
            _ => {}
        }
    }
    text
}
