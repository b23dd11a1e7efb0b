//! The run as a Trace Event Format file, which <https://ui.perfetto.dev> and `chrome://tracing` open.
//!
//! The format: "Trace Event Format", a document of the Chromium project (Google, 2016). A slice (`X`) for each time a thread
//! works or waits, an instant (`i`) for what happens in no time, a counter (`C`) for the items in the buffer. Times are in
//! microseconds.

use std::time::Duration;

use bounded_buffer::runner::{Action, Worker};
use serde::Serialize;

use super::lanes::{Doing, Lane, Recorded};

/// The process, of which a run has one.
const PID: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trace<'a> {
    trace_events: Vec<TraceEvent<'a>>,
    display_time_unit: &'static str,
}

#[derive(Serialize)]
struct TraceEvent<'a> {
    name: &'a str,
    pid: u32,
    tid: usize,
    #[serde(flatten)]
    phase: Phase<'a>,
}

#[derive(Serialize)]
#[serde(tag = "ph")]
enum Phase<'a> {
    #[serde(rename = "M")]
    Name { args: Name<'a> },
    #[serde(rename = "M")]
    Order { args: Order },
    #[serde(rename = "X")]
    Slice { ts: f64, dur: f64 },
    #[serde(rename = "i")]
    Instant {
        ts: f64,
        s: Scope,
        #[serde(skip_serializing_if = "Option::is_none")]
        args: Option<Thing>,
    },
    #[serde(rename = "C")]
    Counter { ts: f64, args: Count },
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

/// Where a thread stands among the others.
#[derive(Serialize)]
struct Order {
    sort_index: usize,
}

/// How far an instant's line is drawn.
#[derive(Serialize)]
enum Scope {
    #[serde(rename = "t")]
    Thread,
    #[serde(rename = "p")]
    Process,
}

#[derive(Serialize)]
struct Thing {
    producer: usize,
    sequence: u64,
    value: u32,
}

#[derive(Serialize)]
struct Count {
    items: usize,
}

pub(super) fn json(title: &str, run: &Recorded) -> String {
    let names: Vec<_> = run.lanes.iter().map(|lane| lane.worker.to_string()).collect();
    let process = Phase::Name { args: Name { name: title } };
    let mut trace_events = vec![TraceEvent { name: "process_name", pid: PID, tid: 0, phase: process }];
    for ((lane, name), tid) in run.lanes.iter().zip(&names).zip(1..) {
        let of_thread = |name, phase| TraceEvent { name, pid: PID, tid, phase };
        trace_events.push(of_thread("thread_name", Phase::Name { args: Name { name } }));
        trace_events.push(of_thread("thread_sort_index", Phase::Order { args: Order { sort_index: tid } }));
        trace_events.extend(events_of(lane, tid));
    }
    trace_events.extend(run.occupancy.iter().map(|&(at, items)| {
        let phase = Phase::Counter { ts: micros(at), args: Count { items } };
        TraceEvent { name: "items in the buffer", pid: PID, tid: 0, phase }
    }));
    let trace = Trace { trace_events, display_time_unit: "ms" };
    serde_json::to_string(&trace).expect("a trace is made of what JSON has")
}

fn events_of(lane: &Lane, tid: usize) -> impl Iterator<Item = TraceEvent<'_>> {
    let slices = lane.spans.iter().map(|span| {
        let name = match span.doing {
            Doing::Working => "working",
            Doing::BlockedOnFull => "blocked on full",
            Doing::BlockedOnEmpty => "blocked on empty",
        };
        (name, Phase::Slice { ts: micros(span.from), dur: micros(span.length()) })
    });
    let instants = lane.marks.iter().map(|&(at, action)| {
        let (name, args) = described(lane.worker, action);
        let s = if action == Action::Closed { Scope::Process } else { Scope::Thread };
        (name, Phase::Instant { ts: micros(at), s, args })
    });
    slices.chain(instants).map(move |(name, phase)| TraceEvent { name, pid: PID, tid, phase })
}

fn described(worker: Worker, action: Action) -> (&'static str, Option<Thing>) {
    match (action, worker) {
        (Action::Pushed { sequence, value }, Worker::Producer(producer)) => {
            ("push", Some(Thing { producer, sequence, value }))
        }
        (Action::Popped { producer, sequence, value }, _) => ("pop", Some(Thing { producer, sequence, value })),
        (Action::Notified, _) => ("notify", None),
        (Action::Closed, _) => ("close", None),
        (Action::Failed, _) => ("panic", None),
        _ => ("unknown", None),
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
