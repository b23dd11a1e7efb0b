//! The files that `producer_consumer --trace` and `--timeline` write, compared with the report of the run.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::producer_consumer::{run, stdout};

/// The part of the Trace Event Format that is written. Other fields are errors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Trace {
    trace_events: Vec<TraceEvent>,
    display_time_unit: TimeUnit,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum TimeUnit {
    Ms,
    Ns,
}

#[derive(Deserialize)]
#[serde(tag = "ph", deny_unknown_fields)]
enum TraceEvent {
    M {
        name: String,
        pid: u32,
        tid: u32,
        args: HashMap<String, Value>,
    },
    X {
        name: String,
        pid: u32,
        tid: u32,
        ts: f64,
        dur: f64,
    },
    #[serde(rename = "i")]
    I {
        name: String,
        pid: u32,
        tid: u32,
        ts: f64,
        s: Scope,
        args: Option<Item>,
    },
    #[serde(rename = "s")]
    FlowBegin {
        name: String,
        cat: String,
        pid: u32,
        tid: u32,
        ts: f64,
        id: u64,
    },
    #[serde(rename = "f")]
    FlowEnd {
        name: String,
        cat: String,
        pid: u32,
        tid: u32,
        ts: f64,
        id: u64,
        bp: BindingPoint,
    },
    C {
        name: String,
        pid: u32,
        tid: u32,
        ts: f64,
        args: HashMap<String, usize>,
    },
}

#[derive(Deserialize, PartialEq)]
enum Scope {
    #[serde(rename = "g")]
    Global,
    #[serde(rename = "p")]
    Process,
    #[serde(rename = "t")]
    Thread,
}

#[derive(Deserialize)]
enum BindingPoint {
    #[serde(rename = "e")]
    EnclosingSlice,
}

#[derive(Deserialize, PartialEq, Eq, Hash)]
#[serde(deny_unknown_fields)]
struct Item {
    producer: usize,
    sequence: u64,
    value: u32,
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The trace and the report of a run.
fn traced(name: &str, arguments: &str) -> (Trace, Value) {
    let path = file(name);
    let report = stdout(&format!("{arguments} --json --trace {}", path.display()));
    (serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap(), serde_json::from_str(&report).unwrap())
}

/// Thread and time of each flow, by its number.
type FlowEvents<'a> = HashMap<u64, (&'a str, f64)>;

impl Trace {
    fn threads(&self) -> HashMap<u32, &str> {
        let events = self.trace_events.iter();
        events
            .filter_map(|event| match event {
                TraceEvent::M { name, tid, args, .. } if name == "thread_name" => Some((*tid, args["name"].as_str()?)),
                _ => None,
            })
            .collect()
    }

    /// Thread, name, begin, end.
    fn slices(&self) -> impl Iterator<Item = (&str, &str, f64, f64)> {
        let threads = self.threads();
        self.trace_events.iter().filter_map(move |event| match event {
            TraceEvent::X { name, tid, ts, dur, .. } => Some((threads[tid], name.as_str(), *ts, *ts + *dur)),
            _ => None,
        })
    }

    /// Thread, name, time.
    fn operations(&self) -> impl Iterator<Item = (&str, &str, f64)> {
        let threads = self.threads();
        self.trace_events.iter().filter_map(move |event| match event {
            TraceEvent::I { name, tid, ts, .. } => Some((threads[tid], name.as_str(), *ts)),
            _ => None,
        })
    }

    fn instants(&self, wanted: &str) -> impl Iterator<Item = (f64, &Scope, Option<&Item>)> {
        self.trace_events.iter().filter_map(move |event| match event {
            TraceEvent::I { name, ts, s, args, .. } if name == wanted => Some((*ts, s, args.as_ref())),
            _ => None,
        })
    }

    /// The wake-ups by number: the begin and the end of each flow, with their threads.
    fn flows(&self) -> (FlowEvents<'_>, FlowEvents<'_>) {
        let threads = self.threads();
        let (mut begins, mut ends) = (HashMap::new(), HashMap::new());
        for event in &self.trace_events {
            let is_new = match event {
                TraceEvent::FlowBegin { tid, ts, id, .. } => begins.insert(*id, (threads[tid], *ts)).is_none(),
                TraceEvent::FlowEnd { tid, ts, id, bp: BindingPoint::EnclosingSlice, .. } => {
                    ends.insert(*id, (threads[tid], *ts)).is_none()
                }
                _ => true,
            };
            assert!(is_new, "a flow has one begin and one end");
        }
        (begins, ends)
    }

    fn levels(&self) -> Vec<usize> {
        let level = |event: &'_ TraceEvent| match event {
            TraceEvent::C { args, .. } => Some(args["items"]),
            _ => None,
        };
        self.trace_events.iter().filter_map(level).collect()
    }
}

#[test]
fn a_trace_is_of_the_format_that_perfetto_opens() {
    let (trace, _) = traced("format.json", "--seed 1 --time-scale 0.01");
    assert!(matches!(trace.display_time_unit, TimeUnit::Ms));
    let threads = trace.threads();
    let mut names: Vec<_> = threads.values().copied().collect();
    names.sort_unstable();
    assert_eq!(names, ["Consumer 1", "Consumer 2", "Consumer 3", "Producer 1", "Producer 2", "Runner"]);
    for event in &trace.trace_events {
        let (name, pid, tid, begin) = match event {
            TraceEvent::M { name, pid, tid, args } => {
                assert_eq!(args.len(), 1);
                let known = ["process_name", "thread_name", "thread_sort_index"];
                assert!(known.contains(&name.as_str()), "{name}");
                (name, pid, tid, 0.0)
            }
            TraceEvent::X { name, pid, tid, ts, dur } => {
                assert!(*dur >= 0.0 && threads.contains_key(tid));
                (name, pid, tid, *ts)
            }
            TraceEvent::I { name, pid, tid, ts, .. } => {
                assert!(threads.contains_key(tid));
                (name, pid, tid, *ts)
            }
            TraceEvent::FlowBegin { name, cat, pid, tid, ts, .. }
            | TraceEvent::FlowEnd { name, cat, pid, tid, ts, .. } => {
                assert!(name == cat && threads.contains_key(tid));
                (name, pid, tid, *ts)
            }
            TraceEvent::C { name, pid, tid, ts, .. } => (name, pid, tid, *ts),
        };
        assert!((0.0..60e6).contains(&begin), "microseconds of a run of 20 ms: {begin}");
        assert!(!name.is_empty() && *pid == 1 && *tid <= 6);
    }
}

#[test]
fn a_trace_contains_what_the_report_counts() {
    // Many waits on both sides, and wake-ups by both.
    for arguments in ["--time-scale 0.02 --consumers 1 --capacity 2", "--time-scale 0.02", "--time-scale 0 --items 500"]
    {
        let (trace, report) = traced("counts.json", arguments);
        let items = |name| trace.instants(name).filter_map(|(_, _, item)| item).collect::<HashSet<_>>();
        assert_eq!(trace.instants("push").count() as u64, report["pushed"]);
        assert_eq!(items("push").len() as u64, report["pushed"], "no item is pushed twice");
        assert!(items("push") == items("pop"));
        for (side, worker, wait) in
            [("producers", "Producer", "blocked on full"), ("consumers", "Consumer", "blocked on empty")]
        {
            for thread in report[side].as_array().unwrap() {
                let name = format!("{worker} {}", thread["id"]);
                let waits = trace.slices().filter(|(of, what, ..)| *of == name && *what == wait);
                assert_eq!(waits.count() as u64, thread["blocked"], "{name}");
            }
        }
        let levels = trace.levels();
        assert!(levels.iter().all(|level| *level as u64 <= report["scenario"]["capacity"].as_u64().unwrap()));
        assert_eq!(levels.last(), Some(&0), "all items were popped");
    }
}

#[test]
fn a_thread_does_one_thing_at_a_time_in_a_trace() {
    let (trace, _) = traced("lanes.json", "--seed 2 --time-scale 0.01 --consumers 1 --capacity 1");
    let mut ends = HashMap::new();
    for (thread, name, begin, end) in trace.slices() {
        if let Some((last, last_end)) = ends.insert(thread, (name, end)) {
            assert_ne!(last, name, "{thread}: equal neighbours are merged");
            // Times are rounded to a thousandth of a microsecond.
            assert!((begin - last_end).abs() < 1e-3, "{thread}: {name} from {begin}, {last} until {last_end}");
        }
    }
    assert_eq!(ends.len(), 3);
    let (closed, scope, _) = trace.instants("close").next().unwrap();
    assert!(*scope == Scope::Process);
    assert!(trace.instants("push").all(|(at, ..)| at <= closed), "nothing is pushed after the close");
}

#[test]
fn a_wake_up_in_a_trace_begins_at_an_operation_of_the_other_side_and_ends_where_a_wait_ends() {
    for arguments in ["--time-scale 0.02 --consumers 1 --capacity 2", "--time-scale 0.02", "--time-scale 0 --items 500"]
    {
        let (trace, _) = traced("flows.json", arguments);
        let (begins, ends) = trace.flows();
        assert_eq!(begins.keys().collect::<HashSet<_>>(), ends.keys().collect(), "{arguments}");
        assert!(!ends.is_empty(), "{arguments}");
        let slices = trace.slices().filter(|(_, name, ..)| name.starts_with("blocked"));
        let mut waits: Vec<_> = slices.map(|(thread, _, _, end)| (thread, end)).collect();
        for (id, (thread, end)) in &ends {
            let (from, begin) = begins[id];
            assert!(from != *thread && begin <= *end, "{arguments}: {from} at {begin}, {thread} at {end}");
            // Times are rounded to a thousandth of a microsecond.
            let wait = waits.iter().position(|(of, at)| of == thread && (at - end).abs() < 1e-3);
            waits.swap_remove(wait.unwrap_or_else(|| panic!("{arguments}: no wait, or two wake-ups, at {end}")));
        }
        let mut operations: Vec<_> = trace.operations().collect();
        // An operation that was reported after the end of the wait is drawn at that end. The exact ones first.
        let mut flows: Vec<_> = ends.iter().map(|(id, end)| (begins[id], *end)).collect();
        flows.sort_by_key(|((_, begin), (_, end))| begin >= end);
        for ((from, begin), (to, end)) in flows {
            let name = match (from, to.starts_with("Consumer")) {
                ("Runner", _) => "close",
                (_, true) => "push",
                (_, false) => "pop",
            };
            let fits = |at: f64| (at - begin).abs() < 1e-3 || (begin >= end && at > begin);
            let operation = operations.iter().position(|(of, what, at)| *of == from && *what == name && fits(*at));
            let operation = operation.unwrap_or_else(|| panic!("{arguments}: no {name} of {from} at {begin}"));
            // A close ends several waits, any other operation one.
            if name != "close" {
                operations.swap_remove(operation);
            }
        }
    }
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn a_timeline_shows_each_thread_and_its_waits() {
    let path = file("lanes.svg");
    let report = stdout(&format!(
        "--produce-ms 0..1 --consume-ms 5..6 --consumers 1 --capacity 2 --seed 1 --json --timeline {}",
        path.display()
    ));
    let report: Value = serde_json::from_str(&report).unwrap();
    let svg = fs::read_to_string(path).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("width=\"900\"") && svg.contains("font-size: 14px"));
    for part in ["<title id=\"title\">", "<desc id=\"description\">", "@media (prefers-color-scheme: dark)"] {
        assert_eq!(count(&svg, part), 1, "{part}");
    }
    for text in [
        "Producer 1",
        "Producer 2",
        "Consumer 1",
        "capacity 2",
        "seed 1",
        "blocked on full",
        "blocked on empty",
        "close",
        "wake-up",
        "items in the buffer",
        "time in ms",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    // One is the entry of the legend. Two waits are drawn as one if only a push was between them.
    let full = count(&svg, "<rect class=\"full\"") - 1;
    let waits: u64 =
        report["producers"].as_array().unwrap().iter().map(|thread| thread["blocked"].as_u64().unwrap()).sum();
    assert!(full > 0 && full as u64 <= waits, "{full} rectangles, {waits} waits");
    let (_, arrows) = svg.split_once("<path class=\"head\" d=\"").unwrap();
    assert!(count(arrows.split_once('"').unwrap().0, "z") > 0, "an arrow for each wake-up");
}

#[test]
fn a_timeline_of_a_long_run_is_no_larger_than_its_pixels() {
    let path = file("long.svg");
    stdout(&format!("--time-scale 0 --items 50000 --quiet --timeline {}", path.display()));
    let size = fs::metadata(path).unwrap().len();
    assert!(size < 2_000_000, "{size} bytes");
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_before_the_run() {
    for flag in ["--trace", "--timeline"] {
        let path = file("no such directory").join("x");
        let line = format!("error: cannot write {}: No such file or directory (os error 2)\n", path.display());
        let mut command = run("--items 1000000000");
        command.arg(flag).arg(&path).assert().code(2).stdout("").stderr(line);
    }
}

#[test]
fn two_outputs_in_one_file_are_refused_and_the_file_keeps_its_content() {
    let path = file("same.svg");
    fs::write(&path, "before").unwrap();
    let again = file(".").join("same.svg");
    for (timeline, trace) in [(&path, &path), (&path, &again)] {
        let mut command = run("--time-scale 0");
        command.arg("--timeline").arg(timeline).arg("--trace").arg(trace);
        command.assert().code(2).stdout("").stderr("error: --timeline and --trace name the same file\n");
    }
    // A scenario that cannot run does not change the file either.
    let mut command = run("--capacity 0");
    command.arg("--timeline").arg(&path).assert().code(2);
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    let mut command = run("--time-scale 0");
    command.arg("--timeline").arg(&path).assert().success();
    assert!(fs::read_to_string(&path).unwrap().ends_with("</svg>"));
}
