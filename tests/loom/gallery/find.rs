//! Runs a model that must fail, and reads how it failed from the output of its process.

use gallery::{BUGS, Bug, Case, SHIPPED, Shared, join};

use crate::explore::{FAILS_IN_EXECUTION, MAX_PREEMPTIONS, PREEMPTION_BOUND, explore};
use crate::harness::{self, models};

/// How a bug was found.
pub(crate) struct Finding {
    /// The executions up to the one that failed.
    pub(crate) executions: usize,
    /// The least bound on preemptions with which the model fails.
    pub(crate) preemptions: usize,
    pub(crate) timeline: String,
}

/// Explores the model of a bug, which must fail.
pub(crate) fn find(bug: &Bug) -> Finding {
    let fails = |bound| fails(bug.name, bound);
    let (executions, timeline) = fails(PREEMPTION_BOUND)
        .unwrap_or_else(|output| panic!("{} does not find {}:\n{output}", bug.found_by.name, bug.name));
    let preemptions = (0..PREEMPTION_BOUND).find(|&bound| fails(bound).is_ok()).unwrap_or(PREEMPTION_BOUND);
    Finding { executions, preemptions, timeline }
}

/// Returns the number and the timeline of the execution that failed, or else the output of the process.
fn fails(case: &str, bound: usize) -> Result<(usize, String), String> {
    let process = harness::command(&format!("{CASE}{case}")).env(MAX_PREEMPTIONS, bound.to_string()).output();
    let process = process.expect("this program starts once more");
    let output = String::from_utf8_lossy(&process.stderr).into_owned();
    let failure = output.split_once(FAILS_IN_EXECUTION).and_then(|(_, failure)| failure.split_once(":\n"));
    match failure {
        Some((executions, timeline)) if process.status.code() == Some(harness::FAILED) => {
            Ok((executions.parse().expect("a number"), format!("{}\n", timeline.trim_end())))
        }
        _ => Err(output),
    }
}

/// Before the name of a case, which only [`fails`] runs.
const CASE: &str = "gallery::case::";

/// The case of this name, in the process that runs it.
pub(crate) fn case(name: &str) -> Option<Box<dyn FnOnce()>> {
    let name = name.strip_prefix(CASE)?;
    let bug = BUGS.iter().find(|bug| bug.name == name);
    let (case, new) = bug.map_or((&MISUSE, SHIPPED), |bug| (&bug.found_by, bug.new));
    let model = case.model;
    Some(Box::new(move || explore(move || model(new))))
}

/// A model that fails on a correct buffer: two pops and one push.
const MISUSE: Case = Case {
    name: "misuse",
    model: |new| {
        let queue = Shared::new(new, 2);
        let producer = queue.spawn("producer 1", |queue| queue.push(1));
        queue.pop();
        queue.pop();
        join([producer]);
    },
};

fn the_shipped_buffer_is_recorded() {
    let (_, timeline) = fails(MISUSE.name, PREEMPTION_BOUND).expect("the model deadlocks");
    for expected in ["producer 1", "waits on not_empty", "1 of 2 slots taken", "deadlock: main is blocked on not_empty"]
    {
        assert!(timeline.contains(expected), "{expected} in\n{timeline}");
    }
}

models! {
    the_shipped_buffer_is_recorded,
}
