//! Temporary directories and child processes that do not outlive the program.
//!
//! Their `Drop` removes them. A second Ctrl-C ends the process without running destructors, so each one is also registered
//! here, and [`exit`] removes what is registered. To remove what is gone has no effect.

use std::io;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tempfile::TempDir;

use crate::Failure;

static DIRECTORIES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static PROCESSES: Mutex<Vec<Arc<Mutex<Child>>>> = Mutex::new(Vec::new());

/// Between two attempts at something that another thread or process delays.
const RETRY: Duration = Duration::from_millis(2);
/// Attempts to remove a directory in which other threads still create files.
const ATTEMPTS: usize = 500;

/// Kills the registered processes, removes the registered directories and ends the program.
pub(crate) fn exit(status: u8) -> ! {
    // Held to the end, so that no thread registers another one.
    let (directories, processes) = (DIRECTORIES.lock(), PROCESSES.lock());
    for process in &*processes {
        let mut child = process.lock();
        _ = child.kill();
        _ = child.wait();
    }
    for path in &*directories {
        (0..ATTEMPTS).take_while(|_| std::fs::remove_dir_all(path).is_err() && path.exists()).for_each(|_| {
            thread::sleep(RETRY);
        });
    }
    std::process::exit(status.into())
}

/// Creates an empty temporary directory.
pub fn scratch() -> Result<TempDir, Failure> {
    // Created under the lock: `exit` sees it, or it is not created.
    let mut directories = DIRECTORIES.lock();
    let directory = tempfile::tempdir().map_err(Failure::work("cannot make a temporary directory"))?;
    directories.push(directory.path().to_owned());
    Ok(directory)
}

/// A child process. Dropping it kills it.
pub struct Process(Arc<Mutex<Child>>);

impl Process {
    /// Starts the command.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut processes = PROCESSES.lock(); // as in `scratch`
        let child = Arc::new(Mutex::new(command.spawn()?));
        processes.push(child.clone());
        Ok(Self(child))
    }

    /// Returns the writing end of its standard input, if that is piped and not yet taken.
    pub fn stdin(&self) -> Option<ChildStdin> {
        self.0.lock().stdin.take()
    }

    /// Returns true until the process has ended.
    pub fn is_running(&self) -> bool {
        matches!(self.0.lock().try_wait(), Ok(None))
    }

    /// Waits until the process has ended.
    pub fn wait(&self) {
        // Polled: a blocking wait would hold the lock that `exit` needs to kill the process.
        while self.is_running() {
            thread::sleep(RETRY);
        }
    }

    /// Sends SIGKILL and waits until the process has ended.
    pub fn kill(&self) -> io::Result<()> {
        let mut child = self.0.lock();
        child.kill()?;
        child.wait().map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.kill(); // fails if it has ended, which is as good
    }
}
