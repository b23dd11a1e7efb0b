//! Temporary directories and child processes that do not outlive the program.
//!
//! Their `Drop` removes them. A second Ctrl-C ends the process without running destructors, so each one is also registered
//! here, and [`exit`] removes what is registered.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::Failure;

struct Registry {
    next: u64,
    directories: BTreeMap<u64, PathBuf>,
    processes: BTreeMap<u64, Arc<Mutex<Child>>>,
}

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { next: 0, directories: BTreeMap::new(), processes: BTreeMap::new() });

/// Between two attempts at something that another thread or process delays.
const RETRY: Duration = Duration::from_millis(2);
/// Attempts to remove a directory in which other threads still create files.
const ATTEMPTS: usize = 500;

/// A panic of another thread must not prevent the cleanup.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// Kills the registered processes, removes the registered directories and ends the program.
pub(crate) fn exit(status: u8) -> ! {
    // Held to the end, so that no thread registers another one.
    let registry = lock(&REGISTRY);
    for process in registry.processes.values() {
        let mut child = lock(process);
        // A process that has ended needs neither.
        _ = child.kill();
        _ = child.wait();
    }
    for path in registry.directories.values() {
        (0..ATTEMPTS).take_while(|_| std::fs::remove_dir_all(path).is_err() && path.exists()).for_each(|_| {
            thread::sleep(RETRY);
        });
    }
    std::process::exit(status.into())
}

/// A temporary directory.
pub struct Scratch {
    /// Dropped first: a directory is registered until it is removed.
    directory: TempDir,
    _registration: Registration,
}

struct Registration(u64);

impl Drop for Registration {
    fn drop(&mut self) {
        let mut registry = lock(&REGISTRY);
        registry.directories.remove(&self.0);
        registry.processes.remove(&self.0);
    }
}

impl Scratch {
    /// Creates an empty directory.
    ///
    /// # Errors
    ///
    /// If the system's temporary directory is not writable.
    pub fn new() -> Result<Self, Failure> {
        // Created under the lock: `exit` sees it, or it is not created.
        let mut registry = lock(&REGISTRY);
        let directory = tempfile::tempdir().map_err(Failure::work("cannot make a temporary directory"))?;
        let number = registry.number();
        registry.directories.insert(number, directory.path().to_owned());
        Ok(Self { directory, _registration: Registration(number) })
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// A child process. Dropping it kills it.
pub struct Process {
    child: Arc<Mutex<Child>>,
    _registration: Registration,
}

impl Process {
    /// Starts the command.
    ///
    /// # Errors
    ///
    /// As [`Command::spawn`].
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut registry = lock(&REGISTRY); // as in `Scratch::new`
        let child = Arc::new(Mutex::new(command.spawn()?));
        let number = registry.number();
        registry.processes.insert(number, child.clone());
        Ok(Self { child, _registration: Registration(number) })
    }

    /// Returns the writing end of its standard input, if that is piped and not yet taken.
    #[must_use]
    pub fn stdin(&self) -> Option<ChildStdin> {
        lock(&self.child).stdin.take()
    }

    /// Returns the reading end of its standard output, if that is piped and not yet taken.
    #[must_use]
    pub fn stdout(&self) -> Option<ChildStdout> {
        lock(&self.child).stdout.take()
    }

    /// Returns true until the process has ended.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(lock(&self.child).try_wait(), Ok(None))
    }

    /// Waits until the process has ended.
    pub fn wait(&self) {
        // Polled: a blocking wait would hold the lock that `exit` needs to kill the process.
        while self.is_running() {
            thread::sleep(RETRY);
        }
    }

    /// Sends SIGKILL and waits until the process has ended.
    ///
    /// # Errors
    ///
    /// As [`Child::kill`].
    pub fn kill(&self) -> io::Result<()> {
        let mut child = lock(&self.child);
        child.kill()?;
        child.wait().map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.kill(); // fails if it has ended, which is as good
    }
}
