//! The gallery: classic bugs of a lock-based bounded buffer (`study/gallery`), each found by its model.

mod page;

use gallery::lessons::LESSONS;
use gallery::{BUGS, Base, Bug, CONTROL, Case, New, REFERENCE, REFERENCE_TASKS, SHIPPED, Shared, TEXTBOOK, join};

use crate::explore::{BOTH_ORDERS, BOUNDED, FAILS_IN_EXECUTION, MAX_PREEMPTIONS, PREEMPTION_BOUND};
use crate::harness::{self, Model, of, test};

/// How a bug was found.
struct Finding {
    /// The executions up to the one that failed.
    executions: usize,
    /// The least bound on preemptions with which the model fails.
    preemptions: usize,
    timeline: String,
}

/// Explores the model of a bug, which must fail.
fn find(bug: &Bug) -> Finding {
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
    Some(Box::new(move || BOUNDED.explore("", move || model(new))))
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

/// How each of [`BUGS`] was found.
fn findings() -> &'static [Finding] {
    static FINDINGS: std::sync::OnceLock<Vec<Finding>> = std::sync::OnceLock::new();
    FINDINGS.get_or_init(|| BUGS.iter().map(find).collect())
}

fn each_bug_is_found_by_its_model() {
    println!("{:36} {:46} {:>11} {:>10}", "bug", "model", "preemptions", "executions");
    for (bug, finding) in BUGS.iter().zip(findings()) {
        let Finding { executions, preemptions, .. } = finding;
        println!("{:36} {:46} {preemptions:>11} {executions:>10}", bug.name, bug.found_by.name);
    }
}

fn no_smaller_case_finds_the_bug() {
    for bug in BUGS {
        for case in bug.not_by {
            BOUNDED.explore(&format!("{}, {}", bug.name, case.name), || (case.model)(bug.new));
        }
    }
}

/// The buffer passes the models of the bugs of some references.
fn passes(new: New, references: &[Base]) {
    let bugs = BUGS.iter().filter(|bug| references.iter().any(|reference| bug.base.path == reference.path));
    let mut cases: Vec<_> = bugs.flat_map(Bug::cases).collect();
    cases.sort_by_key(|case| case.name);
    cases.dedup_by_key(|case| case.name);
    for case in cases {
        BOTH_ORDERS.explore(case.name, move || (case.model)(new));
    }
}

/// The programs of the lab's lessons, so that the lab's verdict on them is loom's, too.
fn each_lesson_ends_in_each_schedule() {
    for lesson in LESSONS {
        // Two consumers can wait on one side.
        let exploration = if lesson.name == "chained_wakeups" { BOTH_ORDERS } else { BOUNDED };
        exploration.explore(lesson.name, lesson.run);
    }
}

const MODELS: &[Model] = &[
    test("each_bug_is_found_by_its_model", each_bug_is_found_by_its_model),
    test("no_smaller_case_finds_the_bug", no_smaller_case_finds_the_bug),
    test("the_textbook_passes_each_model", || passes(TEXTBOOK.new, &[TEXTBOOK])),
    // It passes the models of the textbook's bugs, too.
    test("the_reference_passes_each_model", || passes(REFERENCE.new, &[TEXTBOOK, REFERENCE])),
    test("the_control_notify_after_unlock_passes_each_model", || passes(CONTROL, &[TEXTBOOK, REFERENCE])),
    test("the_reference_with_tasks_passes_each_model", || passes(REFERENCE_TASKS.new, &[REFERENCE_TASKS])),
    test("the_shipped_buffer_is_recorded", the_shipped_buffer_is_recorded),
    test("the_shipped_buffer_passes_each_model", || passes(SHIPPED, &[TEXTBOOK, REFERENCE, REFERENCE_TASKS])),
];

pub(crate) fn models() -> Vec<Model> {
    [
        of("gallery", MODELS),
        of("gallery::page", page::MODELS),
        of("lessons", &[test("each_lesson_ends_in_each_schedule", each_lesson_ends_in_each_schedule)]),
    ]
    .concat()
}
