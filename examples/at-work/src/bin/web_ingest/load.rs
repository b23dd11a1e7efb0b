//! The clients that send requests.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use at_work::{Failure, Stop, join};
use serde::Deserialize;
use ureq::Agent;

use crate::Args;

/// What the clients have sent.
#[derive(Default)]
pub(crate) struct Sent {
    /// Requests that were answered with 202 or 429.
    pub(crate) requests: u64,
    /// The events that were accepted.
    pub(crate) accepted: Vec<u32>,
}

#[derive(Deserialize)]
struct Answer {
    accepted: usize,
}

/// A server that does not answer within this time has failed.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Sends the requests. Calls `accepted` with the ids of the events of each request that were accepted. A request that is shed is
/// not repeated.
pub(crate) fn send(
    args: &Args,
    to: SocketAddr,
    stop: &Stop,
    accepted: impl Fn(&[u32]) + Sync,
) -> Result<Sent, Failure> {
    let next = AtomicUsize::new(0);
    let client = || {
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        let (agent, url) = (Agent::from(config.build()), format!("http://{to}/events"));
        let mut sent = Sent::default();
        while !stop.is_requested() {
            let request = next.fetch_add(1, Ordering::Relaxed);
            if request >= args.requests {
                break;
            }
            let Ok(first) = u32::try_from(request * args.events) else { break };
            let count = post(&agent, &url, first, args.events)?;
            let ids: Vec<_> = (first..).take(count).collect();
            accepted(&ids);
            sent.requests += 1;
            sent.accepted.extend(ids);
        }
        Ok(sent)
    };
    let mut all = Sent::default();
    thread::scope(|threads| {
        for sent in join((0..args.clients).map(|_| threads.spawn(client)).collect()) {
            let sent = sent.map_err(|error: String| Failure::Work(format!("a request failed: {error}")))?;
            all.requests += sent.requests;
            all.accepted.extend(sent.accepted);
        }
        Ok(all)
    })
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
