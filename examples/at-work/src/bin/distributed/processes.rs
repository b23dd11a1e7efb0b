//! The child processes: Redis, and the workers of the program.

use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};
use std::thread;
use std::time::Duration;

use at_work::{Failure, Process};

/// A Redis server that writes no file. Dropping it kills it.
pub(crate) struct Server {
    url: String,
    _process: Process,
}

impl Server {
    /// Starts it on a free port of loopback and waits until it accepts connections.
    pub(crate) fn start() -> Result<Self, Failure> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let address = port.map_err(Failure::work("no free port on 127.0.0.1"))?;
        let process = Process::start(
            Command::new("redis-server")
                .args(["--bind", "127.0.0.1", "--port", &address.port().to_string(), "--save", ""])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .process_group(0), // a terminal sends Ctrl-C to its group: Redis must run until the workers are done
        )
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                Failure::Missing("redis-server is not installed (apt-get install redis-server)".into())
            }
            _ => Failure::Work(format!("cannot start redis-server: {error}")),
        })?;
        while TcpStream::connect(address).is_err() {
            if !process.is_running() {
                return Err(Failure::Work("redis-server ended immediately".into()));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(Self { url: format!("redis://{address}/"), _process: process })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// A worker process. It stops when its stdin ends: when this value is dropped, or when the main process ends.
pub(crate) struct Worker {
    name: String,
    process: Process,
    stdin: Option<ChildStdin>,
}

impl Worker {
    pub(crate) fn start(name: String, url: &str, flags: &[String]) -> io::Result<Self> {
        let process = Process::start(
            Command::new(std::env::current_exe()?)
                .args(flags)
                .args(["--worker", &name, "--redis", url])
                .stdin(Stdio::piped())
                .process_group(0), // as for Redis: the main process stops the workers in order
        )?;
        let stdin = process.stdin();
        Ok(Self { name, process, stdin })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_running(&self) -> bool {
        self.process.is_running()
    }

    /// Sends SIGKILL. Returns the name.
    pub(crate) fn kill(self) -> io::Result<String> {
        self.process.kill()?;
        Ok(self.name.clone())
    }
}

/// Waits until the worker has processed its items.
impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.process.wait();
    }
}
