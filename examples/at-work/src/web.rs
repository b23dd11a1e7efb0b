//! The HTTP server on loopback that `webhooks` and `rate_limit` call, and its client.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tiny_http::{Request, Response, Server};
use ureq::Agent;

use crate::Failure;

/// A server on a free port of loopback. Dropping it waits until its handlers are done.
pub struct Loopback {
    server: Arc<Server>,
    handlers: Vec<JoinHandle<()>>,
    url: String,
}

impl Loopback {
    /// Starts `threads` handlers. Each answers a request with the status that `handle` returns.
    pub fn start(threads: usize, handle: impl Fn(&Request) -> u16 + Send + Sync + 'static) -> Result<Self, Failure> {
        let server = Server::http("127.0.0.1:0").map_err(Failure::work("cannot listen on 127.0.0.1"))?;
        let url = format!("http://{}", server.server_addr());
        let (server, handle) = (Arc::new(server), Arc::new(handle));
        let handlers = (0..threads)
            .map(|_| {
                let (server, handle) = (server.clone(), handle.clone());
                thread::spawn(move || {
                    // Ends with the error that `unblock` causes.
                    while let Ok(request) = server.recv() {
                        let status = handle(&request);
                        // Fails if the client timed out and closed its connection. The client retries.
                        _ = request.respond(Response::empty(status));
                    }
                })
            })
            .collect();
        Ok(Self { server, handlers, url })
    }

    /// Returns the address to call.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.handlers.iter().for_each(|_| self.server.unblock());
        for handler in self.handlers.drain(..) {
            // The message of a handler that panicked is on stderr already, and its request was not answered.
            _ = handler.join();
        }
    }
}

/// Returns the value of a header as a number.
pub fn number(request: &Request, name: &'static str) -> Option<u64> {
    request.headers().iter().find(|header| header.field.equiv(name))?.value.as_str().parse().ok()
}

/// A client that keeps its connection open between calls.
pub struct Client {
    agent: Agent,
    timeout: Duration,
}

impl Client {
    /// Creates a client whose calls fail after `timeout`.
    pub fn new(timeout: Duration) -> Self {
        let config = Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(false);
        Self { agent: config.build().into(), timeout }
    }

    /// Sends one request with one header. Returns true if it was answered with 200 before the time-out.
    pub fn call(&self, url: &str, header: &str, value: u64) -> bool {
        let begin = Instant::now();
        let response = self.agent.post(url).header(header, value.to_string()).send_empty();
        // The agent accepts a late answer if its thread was not scheduled in between and finds the answer already there.
        response.is_ok_and(|response| response.status() == 200) && begin.elapsed() < self.timeout
    }
}
