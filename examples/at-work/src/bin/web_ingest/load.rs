//! The clients that send requests.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use at_work::{Failure, Stop, join};
use serde::Deserialize;
use ureq::Agent;

/// Requests to send.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) requests: usize,
    pub(crate) events: usize,
    pub(crate) clients: usize,
}

/// What all clients have sent.
#[derive(Default)]
pub(crate) struct Sent {
    /// Requests that were answered with 202 or 429.
    pub(crate) requests: u64,
    pub(crate) offered: u64,
    pub(crate) accepted: Vec<u32>,
    failed: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    accepted: usize,
}

/// A server that does not answer within this time has failed.
const TIMEOUT: Duration = Duration::from_mins(1);

impl Load {
    /// Sends the requests. Calls `accepted` with the ids of the events of each request that were accepted. A request that is
    /// shed is not repeated.
    pub(crate) fn send(self, to: SocketAddr, stop: &Stop, accepted: impl Fn(Vec<u32>) + Sync) -> Sent {
        let next = AtomicUsize::new(0);
        thread::scope(|threads| {
            let clients = (0..self.clients).map(|_| threads.spawn(|| self.client(to, stop, &next, &accepted)));
            let clients = clients.collect::<Vec<_>>();
            join(clients).fold(Sent::default(), Sent::and)
        })
    }

    fn client(self, to: SocketAddr, stop: &Stop, next: &AtomicUsize, accepted: &impl Fn(Vec<u32>)) -> Sent {
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        let (agent, url) = (Agent::from(config.build()), format!("http://{to}/events"));
        let mut sent = Sent::default();
        while !stop.is_requested() {
            let request = next.fetch_add(1, Ordering::Relaxed);
            if request >= self.requests {
                break;
            }
            let Ok(first) = u32::try_from(request * self.events) else { break };
            match post(&agent, &url, first, self.events) {
                Ok(count) => {
                    let ids = (first..).take(count);
                    accepted(ids.clone().collect());
                    sent.requests += 1;
                    sent.offered += self.events as u64;
                    sent.accepted.extend(ids);
                }
                Err(error) => {
                    sent.failed = Some(error);
                    break;
                }
            }
        }
        sent
    }
}

/// Sends one request. Returns the number of events that were accepted, from the front.
fn post(agent: &Agent, url: &str, first: u32, events: usize) -> Result<usize, String> {
    let mut body = String::from("[");
    for id in (first..).take(events) {
        let comma = if id == first { "" } else { "," };
        _ = write!(body, "{comma}{{\"id\":{id},\"text\":\"event {id}\"}}"); // writing to a string cannot fail
    }
    body.push(']');
    let mut response = agent.post(url).send(&body).map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().map_err(|error| error.to_string())?;
    match (status, serde_json::from_str::<Answer>(&text)) {
        (202 | 429, Ok(answer)) => Ok(answer.accepted),
        _ => Err(format!("the server answered {status}: {}", text.trim_end())),
    }
}

impl Sent {
    fn and(mut self, other: Self) -> Self {
        self.requests += other.requests;
        self.offered += other.offered;
        self.accepted.extend(other.accepted);
        self.failed = self.failed.or(other.failed);
        self
    }

    /// Fails if a request failed.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.failed.as_ref().map_or(Ok(()), |error| Err(Failure::Work(format!("a request failed: {error}"))))
    }
}
