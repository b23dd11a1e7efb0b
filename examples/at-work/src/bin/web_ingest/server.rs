//! The HTTP service: its handlers are tasks, which push.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use at_work::{Failure, Stop};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use bounded_buffer::Producer;
use serde::Deserialize;
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};

use crate::Args;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) id: u32,
    pub(crate) text: String,
}

/// After a stop, a connection that is in the middle of a request has this time to complete it.
const GRACE: Duration = Duration::from_secs(1);

/// An address that clients can connect to. They are served from `serve` on.
pub(crate) struct Listener {
    runtime: Runtime,
    socket: tokio::net::TcpListener,
    address: SocketAddr,
}

impl Listener {
    pub(crate) fn bind(address: SocketAddr) -> Result<Self, Failure> {
        let runtime = Runtime::new().map_err(Failure::work("cannot start the executor"))?;
        let cannot_listen = || Failure::input(format!("cannot listen on {address}"));
        let socket = runtime.block_on(tokio::net::TcpListener::bind(address)).map_err(cannot_listen())?;
        let address = socket.local_addr().map_err(cannot_listen())?;
        Ok(Self { runtime, socket, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the stop. All handlers have ended and all producers are dropped when it returns.
    pub(crate) fn serve(self, events: Producer<Event>, args: &Args, stop: &Stop) -> Result<(), Failure> {
        let patience = Duration::from_millis(args.patience);
        let service = Router::new()
            .route("/events", post(push))
            .route("/metrics", get(metrics))
            .layer(DefaultBodyLimit::max(args.body_limit))
            .with_state(Arc::new(Ingest { events, patience }));
        let stopped = stop.clone();
        let result = self.runtime.block_on(async {
            let server = serve(self.socket, service).with_graceful_shutdown(async move { stopped.requested().await });
            tokio::select! {
                result = server => result,
                () = async { stop.requested().await; sleep(GRACE).await } => Ok(()),
            }
        });
        drop(self.runtime); // drops the connections that are left, which cancels their pushes
        result.map_err(Failure::work("cannot serve"))
    }
}

struct Ingest {
    events: Producer<Event>,
    patience: Duration,
}

/// Parses one event or an array of events.
fn parse(body: &[u8]) -> serde_json::Result<VecDeque<Event>> {
    if body.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice(body)
    } else {
        serde_json::from_slice(body).map(|event| VecDeque::from([event]))
    }
}

/// `POST /events`
async fn push(State(ingest): State<Arc<Ingest>>, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(error) => return (error.status(), one_line(&error.body_text())).into_response(),
    };
    match parse(&body) {
        Ok(events) => ingest.push(events).await,
        Err(error) => (StatusCode::BAD_REQUEST, one_line(&error.to_string())).into_response(),
    }
}

fn one_line(text: &str) -> String {
    format!("{}\n", text.lines().collect::<Vec<_>>().join(" "))
}

impl Ingest {
    async fn push(&self, mut events: VecDeque<Event>) -> Response {
        let offered = events.len();
        match timeout(self.patience, self.events.push_many_async(&mut events)).await {
            Ok(Ok(_)) => accepted(StatusCode::ACCEPTED, offered).into_response(),
            Ok(Err(_)) => (StatusCode::SERVICE_UNAVAILABLE, "the writer has stopped\n").into_response(),
            // The push is cancelled, and `events` has the events that were not pushed.
            Err(_) => {
                let answer = accepted(StatusCode::TOO_MANY_REQUESTS, offered - events.len());
                ([(header::RETRY_AFTER, "1")], answer).into_response()
            }
        }
    }
}

fn accepted(status: StatusCode, count: usize) -> (StatusCode, String) {
    (status, format!("{{\"accepted\":{count}}}\n"))
}

/// `GET /metrics`: lines of help, of type and of value for each counter.
async fn metrics(State(ingest): State<Arc<Ingest>>) -> impl IntoResponse {
    let (buffer, stats) = (ingest.events.buffer(), ingest.events.stats());
    let metrics = [
        ("length", "gauge", "Items in the buffer.", (stats.pushed - stats.popped).to_string()),
        ("capacity", "gauge", "Slots of the buffer.", buffer.capacity().to_string()),
        ("high_water", "gauge", "Largest number of items so far.", stats.high_water.to_string()),
        ("waiting_producers", "gauge", "Producers that wait for a slot.", stats.waiting_producers.to_string()),
        ("waiting_consumers", "gauge", "Consumers that wait for an item.", stats.waiting_consumers.to_string()),
        ("pushed_total", "counter", "Items pushed.", stats.pushed.to_string()),
        ("popped_total", "counter", "Items popped.", stats.popped.to_string()),
        ("push_waits_total", "counter", "Pushes that waited.", stats.push_waits.to_string()),
        ("pop_waits_total", "counter", "Pops that waited.", stats.pop_waits.to_string()),
        ("push_wait_seconds_total", "counter", "Time that pushes waited.", seconds(stats.push_wait_time)),
        ("pop_wait_seconds_total", "counter", "Time that pops waited.", seconds(stats.pop_wait_time)),
    ];
    let lines: Vec<_> = metrics
        .into_iter()
        .map(|(name, kind, help, value)| {
            let name = format!("bounded_buffer_{name}");
            format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")
        })
        .collect();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], lines.concat())
}

fn seconds(time: Duration) -> String {
    time.as_secs_f64().to_string()
}
