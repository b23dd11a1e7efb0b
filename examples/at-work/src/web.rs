//! The far side of `webhooks` and `rate_limit`: an HTTP server on loopback, and the client that calls it.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tiny_http::{Request, Response, Server};
use ureq::Agent;

use crate::Failure;

/// A server on a free port of loopback that says of each request with which status it was answered.
pub struct Loopback {
    server: Arc<Server>,
    handlers: Vec<JoinHandle<()>>,
    url: String,
}

impl Loopback {
    /// Starts `threads` handlers. Each answers with the status that `handle` gives, after the time it takes.
    ///
    /// # Errors
    ///
    /// If there is no port to be had.
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
                        // A client that did not want to wait is gone: it takes that for a failure and tries again.
                        _ = request.respond(Response::empty(status));
                    }
                })
            })
            .collect();
        Ok(Self { server, handlers, url })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Waits until the handlers are done.
impl Drop for Loopback {
    fn drop(&mut self) {
        self.handlers.iter().for_each(|_| self.server.unblock());
        for handler in self.handlers.drain(..) {
            // A handler that panicked has said so on stderr, and its request went unanswered.
            _ = handler.join();
        }
    }
}

/// A header of a request, as a number.
#[must_use]
pub fn number(request: &Request, name: &'static str) -> Option<u64> {
    request.headers().iter().find(|header| header.field.equiv(name))?.value.as_str().parse().ok()
}

/// A client that keeps its connection, and gives a call up after `timeout`.
#[must_use]
pub fn client(timeout: Duration) -> Agent {
    Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(false).build().into()
}

/// One call with one header. Was it answered with 200? A time-out or a lost connection is a no, too.
#[must_use]
pub fn call(client: &Agent, url: &str, header: &str, value: u64) -> bool {
    client.post(url).header(header, value.to_string()).send_empty().is_ok_and(|response| response.status() == 200)
}
