//! Starting and ending the other processes: Redis, and the program's own workers.

use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use at_work::Failure;
use tempfile::TempDir;

/// A Redis of our own. It keeps everything in memory, and ends with this value.
pub(crate) struct Server {
    process: Child,
    url: String,
    /// Where it would write, if it wrote.
    _directory: TempDir,
}

impl Server {
    /// Starts it on a free port of loopback, and waits until it answers.
    pub(crate) fn start() -> Result<Self, Failure> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let address = port.map_err(Failure::work("no free port on 127.0.0.1"))?;
        let directory = at_work::scratch()?;
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &address.port().to_string(), "--save", "", "--dir"])
            .arg(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .process_group(0) // Ctrl-C is not for Redis: the workers need it to finish
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => {
                    Failure::Missing("redis-server is not installed (apt-get install redis-server)".into())
                }
                _ => Failure::Work(format!("cannot start redis-server: {error}")),
            })?;
        let mut server = Self { process, url: format!("redis://{address}/"), _directory: directory };
        while TcpStream::connect(address).is_err() {
            if !matches!(server.process.try_wait(), Ok(None)) {
                return Err(Failure::Work("redis-server ended at once".into()));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already needs neither.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// A process of this program. It ends when it is let go of, or when this process dies: either way its stdin ends.
pub(crate) struct Worker {
    name: String,
    process: Child,
}

impl Worker {
    pub(crate) fn start(name: String, url: &str, flags: &[String]) -> io::Result<Self> {
        let process = Command::new(std::env::current_exe()?)
            .args(flags)
            .args(["--worker", &name, "--redis", url])
            .stdin(Stdio::piped())
            .process_group(0) // Ctrl-C is for the first process alone, which lets go of the others in order
            .spawn()?;
        Ok(Self { name, process })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// SIGKILL; gives the name of the dead.
    pub(crate) fn kill(mut self) -> io::Result<String> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(self.name.clone())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        _ = self.process.wait(); // of one that is gone already, too
    }
}
