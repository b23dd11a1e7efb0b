//! A program that a test starts, signals and reads. A program that hangs is killed, so that its test fails with its name.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// A program that runs longer than this hangs. Next to four busy loops on two cores the slowest takes 10 s.
pub(crate) const LIMIT: Duration = Duration::from_secs(50);

/// A skipped test is better than one that fails for want of a package.
pub(crate) fn has_redis() -> bool {
    let has = Command::new("redis-server").arg("--version").output().is_ok();
    if !has {
        eprintln!("SKIPPED: redis-server is not installed");
    }
    has
}

/// A running program, with a temporary directory of its own. Killed when dropped, so that a failed test leaves no process.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) stderr: Lines<BufReader<ChildStderr>>,
    pub(crate) directory: TempDir,
    /// Disconnects when dropped, which ends the watchdog.
    _watched: Sender<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Running {
    /// Starts the program itself, not by coreutils' `timeout`: a signal to `timeout` ends it without the program, if it has not
    /// returned from its fork yet.
    pub(crate) fn start(program: &str, args: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut child = Command::new(program)
            .args(args.split_whitespace())
            .env("TMPDIR", directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
        let (watched, end) = mpsc::channel();
        let id = child.id().to_string();
        thread::spawn(move || {
            if end.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
                _ = Command::new("kill").args(["-KILL", &id]).status();
            }
        });
        Self { child, stderr, directory, _watched: watched }
    }

    /// Reads stderr up to the line that contains `words`, and returns it.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        let line = self.stderr.find(|line| line.as_ref().is_ok_and(|line| line.contains(words)));
        line.expect("the line is printed before the program ends").expect("stderr is text")
    }

    /// Sends signals in one call of `kill`.
    pub(crate) fn signal(&self, name: &str, times: usize) {
        let ids = vec![self.child.id().to_string(); times];
        _ = Command::new("kill").arg(name).args(ids).stderr(Stdio::null()).status();
    }

    /// Returns the exit status and stdout.
    pub(crate) fn end(&mut self) -> (Option<i32>, String) {
        let mut report = String::new();
        self.child.stdout.take().expect("piped").read_to_string(&mut report).expect("reports are text");
        (self.child.wait().expect("a child of this process").code(), report)
    }

    /// Reads the numbers that the program prints, one a line, and kills it after so many. Returns all of them.
    pub(crate) fn kill_after(&mut self, count: usize) -> Vec<u32> {
        let mut out = BufReader::new(self.child.stdout.take().expect("piped"));
        let (mut numbers, mut line) = (Vec::new(), String::new());
        while out.read_line(&mut line).expect("text") > 0 {
            // The last line may be incomplete.
            numbers.extend(line.strip_suffix('\n').map(|number| number.parse::<u32>().expect("a number")));
            line.clear();
            if numbers.len() == count {
                self.child.kill().expect("a child of this process");
            }
        }
        assert_eq!(self.child.wait().expect("a child of this process").code(), None, "it was killed, not done");
        assert!(numbers.len() >= count);
        numbers
    }

    pub(crate) fn left_behind(&self) -> usize {
        fs::read_dir(self.directory.path()).expect("the directory of this test").count()
    }
}
