//! Running a model that must fail: in a process of its own, because loom's destructors can abort after a failure.

use std::env;
use std::panic;
use std::process::{Command, exit};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::queue::{New, Shipped};
use super::shared::{Shared, join};
use super::{BUGS, Bug, Case};
use crate::explore::explore;
use crate::timeline;

/// Names the case, in the process that runs it.
const WHICH: &str = "GALLERY_CASE";

/// The exit status that says "the model failed", which nothing else has.
const FOUND: i32 = 17;

/// How a bug shows.
pub(crate) struct Finding {
    /// Counted to the one that failed.
    pub(crate) executions: usize,
    pub(crate) timeline: String,
}

/// Has the model of a bug find it.
///
/// # Panics
///
/// If it does not.
pub(crate) fn find(bug: &Bug) -> Finding {
    fails(bug.name, &bug.found_by)
}

fn fails(which: &str, case: &Case) -> Finding {
    let this = env::current_exe().expect("the test runs");
    let child = Command::new(this)
        .args(["--exact", "gallery::find::one_case", "--ignored", "--nocapture"])
        .env(WHICH, which)
        .output()
        .expect("the test binary starts");
    let report = String::from_utf8_lossy(&child.stderr).into_owned();
    assert_eq!(child.status.code(), Some(FOUND), "{which} was not found by {}:\n{report}", case.name);
    let (executions, timeline) = report.split_once('\n').expect("a number and a timeline");
    Finding { executions: executions.parse().expect("a number"), timeline: timeline.to_owned() }
}

/// The other end: explores until it fails, then reports on stderr, which nobody else writes to, and is gone.
#[test]
#[ignore = "the gallery runs it, in a process of its own, and names the case"]
fn one_case() {
    static EXECUTIONS: AtomicUsize = AtomicUsize::new(0);

    let which = env::var(WHICH).expect("run by the gallery");
    let bug = BUGS.iter().find(|bug| bug.name == which);
    let (case, new) = bug.map_or((&MISUSE, SHIPPED), |bug| (&bug.found_by, bug.new));
    timeline::print_on_failure(); // once only, and before the hook that replaces it
    panic::set_hook(Box::new(|panic| {
        let timeline = timeline::of_failure(panic).unwrap_or_default();
        eprint!("{}\n{timeline}", EXECUTIONS.load(Ordering::Relaxed)); // Relaxed: this very thread counted
        exit(FOUND);
    }));
    let model = case.model;
    explore(case.name, move || {
        EXECUTIONS.fetch_add(1, Ordering::Relaxed);
        model(new);
    });
}

const SHIPPED: New = |capacity, producers| Box::new(Shipped::new(capacity, producers));

/// A model that fails on the shipped buffer, and rightly.
const MISUSE: Case = Case {
    name: "a pop that nobody feeds",
    model: |new| {
        let queue = Shared::new(new, 2);
        let producer = queue.spawn("producer 1", |queue| queue.push(1));
        queue.pop();
        queue.pop();
        join([producer]);
    },
};

#[test]
fn the_shipped_buffer_is_written_down_too() {
    let timeline = fails("misuse", &MISUSE).timeline;
    for expected in
        ["producer 1", "waits on not_empty", "1 of 2 slots taken", "deadlock: main waits on not_empty for ever"]
    {
        assert!(timeline.contains(expected), "{expected} in\n{timeline}");
    }
}
