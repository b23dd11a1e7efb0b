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

use crate::{Args, metrics};

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

type Answer = (StatusCode, String);

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
        let pushed = if offered == 1 {
            let push = self.events.push_async(events.pop_front().expect("there is one"));
            match timeout(self.patience, push).await {
                Ok(result) => Some(result.is_ok()),
                Err(_) => None, // cancelled: the event was not pushed
            }
        } else {
            match timeout(self.patience, self.events.push_many_async(&mut events)).await {
                Ok(result) => Some(result.is_ok()),
                Err(_) => None, // cancelled: `events` has the events that were not pushed
            }
        };
        match pushed {
            Some(true) => accepted(StatusCode::ACCEPTED, offered).into_response(),
            Some(false) => (StatusCode::SERVICE_UNAVAILABLE, "the writer has stopped\n").into_response(),
            None => {
                let count = if offered == 1 { 0 } else { offered - events.len() };
                ([(header::RETRY_AFTER, "1")], accepted(StatusCode::TOO_MANY_REQUESTS, count)).into_response()
            }
        }
    }
}

fn accepted(status: StatusCode, count: usize) -> Answer {
    (status, format!("{{\"accepted\":{count}}}\n"))
}

/// `GET /metrics`
async fn metrics(State(ingest): State<Arc<Ingest>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::text(ingest.events.buffer()))
}
