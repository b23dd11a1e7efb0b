//! The verdicts of the lab are those of loom. The gallery's models state loom's: each bug fails its model, its smaller cases
//! pass, and the three correct buffers pass all models (`tests/loom/gallery.rs`).

use std::fs;

use gallery::{BUGS, CONTROL, Case, New, REFERENCE_TASKS, source};

use crate::explore::explore;
use crate::graph::Graph;
use crate::scenes::{Group, scenes};

/// How loom's execution of each bug ends, from the gallery's page.
fn loom() -> Vec<String> {
    let page = fs::read_to_string(source::path("docs/gallery.md")).expect("the gallery has its page");
    let ends = |line: &&str| line.starts_with("deadlock: ") || line.starts_with("failure: ");
    let sections = page.split("\n## ").skip(1);
    sections.map(|section| section.lines().find(ends).expect("each section has an execution").to_owned()).collect()
}

#[test]
fn each_bug_fails_as_in_loom() {
    let loom = loom();
    assert_eq!(loom.len(), BUGS.len());
    for (bug, loom) in BUGS.iter().zip(loom) {
        let graph = explore(move || (bug.found_by.model)(bug.new));
        let reasons = graph.reasons();
        // A longer failure message continues on further lines, which the page of the gallery has and the first line has not.
        let (_, loom) = loom.split_once(": ").expect("a kind and a reason");
        assert!(
            reasons.iter().any(|reason| reason.contains(loom)),
            "{}: {reasons:?} do not contain {loom:?}",
            bug.name
        );
        assert!(graph.shortest_to_bad() > Some(0), "{}: the first state is not bad", bug.name);
    }
}

fn passes(name: &str, case: Case, new: New) {
    is_good(&format!("{name}, {}", case.name), &explore(move || (case.model)(new)));
}

fn is_good(name: &str, graph: &Graph) {
    assert!(graph.reasons().is_empty(), "{name}: {:?}", graph.reasons());
    let can_end = graph.distances(|node| node.end.is_some());
    assert!(can_end.iter().all(Option::is_some), "{name}: all threads can end from each state");
}

#[test]
fn no_smaller_case_exposes_a_bug() {
    for bug in BUGS {
        bug.not_by.iter().for_each(|case| passes(bug.name, *case, bug.new));
    }
}

#[test]
fn the_control_has_no_bad_state() {
    for bug in BUGS.iter().filter(|bug| bug.base.path != REFERENCE_TASKS.path) {
        bug.cases().for_each(|case| passes("control", case, CONTROL));
    }
}

/// The programs of the gallery on the references and on the shipped buffer, and the lessons.
#[test]
fn no_scene_of_correct_code_has_a_bad_state() {
    for scene in scenes().into_iter().filter(|scene| scene.group != Group::Bug) {
        is_good(&scene.id, &scene.explore());
    }
}
