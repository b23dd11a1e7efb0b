//! The run as a file that <https://ui.perfetto.dev> and `chrome://tracing` open.
//!
//! The format is described in "Trace Event Format", a document of the Chromium project (Google, 2016). The file has a slice
//! (`X`) for each time a thread works or waits, an instant (`i`) for each push, pop, panic and close, a flow (`s`,
//! `f`) for each inferred wake-up, and a counter (`C`) for the items in the buffer. Times are in microseconds.

use std::time::Duration;

use scenario::{Action, Worker};
use serde::Serialize;

use super::lanes::{Activity, Lane, Recorded};

/// A run is one process.
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
        args: Option<Item>,
    },
    #[serde(rename = "s")]
    FlowBegin { ts: f64, id: usize, cat: &'static str },
    #[serde(rename = "f")]
    FlowEnd { ts: f64, id: usize, cat: &'static str, bp: BindingPoint },
    #[serde(rename = "C")]
    Counter { ts: f64, args: Count },
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

/// The position of a thread among the others.
#[derive(Serialize)]
struct Order {
    sort_index: usize,
}

/// The height of an instant's line.
#[derive(Serialize)]
enum Scope {
    #[serde(rename = "t")]
    Thread,
    #[serde(rename = "p")]
    Process,
}

/// The slice that a flow ends at.
#[derive(Serialize)]
enum BindingPoint {
    /// The one that contains the time of the flow's end.
    #[serde(rename = "e")]
    EnclosingSlice,
}

#[derive(Serialize)]
struct Item {
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
    trace_events.extend(flows(run));
    trace_events.extend(run.occupancy.iter().map(|&(at, items)| {
        let phase = Phase::Counter { ts: micros(at), args: Count { items } };
        TraceEvent { name: "items in the buffer", pid: PID, tid: 0, phase }
    }));
    let trace = Trace { trace_events, display_time_unit: "ms" };
    serde_json::to_string(&trace).expect("a trace has only strings and finite numbers")
}

fn events_of(lane: &Lane, tid: usize) -> impl Iterator<Item = TraceEvent<'_>> {
    let slices = lane.spans.iter().map(|span| {
        let name = match span.activity {
            Activity::Working => "working",
            Activity::BlockedOnFull => "blocked on full",
            Activity::BlockedOnEmpty => "blocked on empty",
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

/// Returns the two events of each wake-up. Thread ids are the numbers of the lanes, from 1.
fn flows(run: &Recorded) -> impl Iterator<Item = TraceEvent<'_>> {
    const NAME: &str = "wake-up";
    run.wakeups.iter().zip(1..).flat_map(|(wakeup, id)| {
        let begin = Phase::FlowBegin { ts: micros(wakeup.sent), id, cat: NAME };
        let end = Phase::FlowEnd { ts: micros(wakeup.ended), id, cat: NAME, bp: BindingPoint::EnclosingSlice };
        [(wakeup.from_lane, begin), (wakeup.to_lane, end)].map(|(lane, phase)| TraceEvent {
            name: NAME,
            pid: PID,
            tid: lane + 1,
            phase,
        })
    })
}

fn described(worker: Worker, action: Action) -> (&'static str, Option<Item>) {
    match (action, worker) {
        (Action::Pushed { sequence, value }, Worker::Producer(producer)) => {
            ("push", Some(Item { producer, sequence, value }))
        }
        (Action::Popped { producer, sequence, value }, _) => ("pop", Some(Item { producer, sequence, value })),
        (Action::Closed, _) => ("close", None),
        (Action::Failed, _) => ("panic", None),
        _ => ("unknown", None),
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
