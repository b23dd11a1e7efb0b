//! Where results go: lines on stdout, and files that are opened before a run and written after it.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Stdout for several threads. It remembers the first error, because a thread that prints may not be able to report it.
#[derive(Clone, Default)]
pub struct Stdout(Arc<OnceLock<io::Error>>);

impl Stdout {
    /// Prints a line. Returns false if this or an earlier line could not be written, for example to a closed pipe.
    pub fn line(&self, line: impl Display) -> bool {
        if self.0.get().is_none() {
            if let Err(error) = writeln!(io::stdout(), "{line}") {
                // Ignored: another thread has set it, and one error is enough.
                _ = self.0.set(error);
            }
        }
        self.0.get().is_none()
    }

    /// Returns the first error, as text for the user. A closed pipe is no error: `head -1` has read what it needs.
    pub fn check(&self) -> Result<(), String> {
        match self.0.get() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot write to stdout: {error}")),
            _ => Ok(()),
        }
    }
}

/// A file for a result. It is opened before the run, so that a bad path is reported before the run; an existing file keeps
/// its content until the result is written.
pub struct Output {
    path: PathBuf,
    file: File,
}

impl Output {
    pub fn open(path: &Path) -> Result<Self, String> {
        let file = File::options().write(true).create(true).truncate(false).open(path);
        Ok(Self { path: path.to_owned(), file: file.map_err(|error| cannot_write(path, &error))? })
    }

    /// Writes the result and replaces what the file contained.
    pub fn write(mut self, text: &str) -> Result<(), String> {
        self.replace(text).map_err(|error| cannot_write(&self.path, &error))
    }

    fn replace(&mut self, text: &str) -> io::Result<()> {
        if self.file.metadata()?.is_file() {
            self.file.set_len(0)?; // a pipe or a device has no length
        }
        self.file.write_all(text.as_bytes())
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
