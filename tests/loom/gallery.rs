//! The gallery: classic bugs of a lock-based bounded buffer (`study/gallery`), each found by its model.

mod find;
mod page;

use gallery::{BUGS, Base, Bug, CONTROL, New, REFERENCE, REFERENCE_TASKS, SHIPPED, TEXTBOOK};

use self::find::{Finding, find};
use crate::explore::{explore_part, explore_part_both_orders};
use crate::harness::{Model, models};

pub(crate) use self::find::case;

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
            explore_part(&format!("{}, {}", bug.name, case.name), || (case.model)(bug.new));
        }
    }
}

/// The buffer passes the models of all bugs, or of those of one reference.
fn passes(new: New, base: Option<&Base>) {
    let bugs = BUGS.iter().filter(|bug| base.is_none_or(|base| bug.base.path == base.path));
    let mut cases: Vec<_> = bugs.flat_map(Bug::cases).collect();
    cases.sort_by_key(|case| case.name);
    cases.dedup_by_key(|case| case.name);
    for case in cases {
        explore_part_both_orders(case.name, move || (case.model)(new));
    }
}

fn the_textbook_passes_each_model() {
    passes(TEXTBOOK.new, Some(&TEXTBOOK));
}

fn the_reference_passes_each_model() {
    passes(REFERENCE.new, Some(&TEXTBOOK));
    passes(REFERENCE.new, Some(&REFERENCE));
}

fn the_control_notify_after_unlock_passes_each_model() {
    passes(CONTROL, Some(&TEXTBOOK));
    passes(CONTROL, Some(&REFERENCE));
}

fn the_reference_with_tasks_passes_each_model() {
    passes(REFERENCE_TASKS.new, Some(&REFERENCE_TASKS));
}

fn the_shipped_buffer_passes_each_model() {
    passes(SHIPPED, None);
}

models! {
    each_bug_is_found_by_its_model,
    no_smaller_case_finds_the_bug,
    the_textbook_passes_each_model,
    the_reference_passes_each_model,
    the_control_notify_after_unlock_passes_each_model,
    the_reference_with_tasks_passes_each_model,
    the_shipped_buffer_passes_each_model,
}

pub(crate) fn models() -> Vec<Model> {
    [MODELS, find::MODELS, page::MODELS].concat()
}
