//! The gallery: classic bugs of a lock-based bounded buffer. Each is a copy of a reference with one marked change, and a
//! model finds it.

mod control;
mod find;
#[macro_use]
mod list;
mod models;
mod page;
mod queue;
mod reference;
mod reference_tasks;
mod shared;

use self::find::{Finding, find};
use self::queue::{New, Shipped};
use crate::explore::{explore_part, explore_part_both_orders};
use crate::harness::{Model, models};

pub(crate) use self::find::case;

/// A model with its parameters.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) model: fn(New),
}

/// A bug, the model that finds it, and smaller models that do not.
pub(crate) struct Bug {
    /// The name of its file.
    pub(crate) name: &'static str,
    pub(crate) new: New,
    /// The file that it is a copy of.
    pub(crate) reference: &'static str,
    pub(crate) found_by: Case,
    pub(crate) not_by: &'static [Case],
}

macro_rules! case {
    ($model:ident($($number:literal),*)) => {
        Case {
            name: concat!(stringify!($model), stringify!(($($number),*))),
            model: |new| models::$model(new $(, $number)*),
        }
    };
}

macro_rules! gallery {
    ($($reference:ident: { $($bug:ident: $model:ident $numbers:tt, not $([$smaller:ident $less:tt])*;)+ })+) => {
        $($(mod $bug;)+)+

        /// The bugs, in the order of their numbers.
        const BUGS: &[Bug] = &[$($(Bug {
            name: stringify!($bug),
            new: |capacity, producers| Box::new($bug::Buffer::new(capacity, producers)),
            reference: stringify!($reference),
            found_by: case!($model $numbers),
            not_by: &[$(case!($smaller $less)),*],
        }),+),+];
    };
}

for_each_bug!(gallery);

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
fn passes(new: New, reference: Option<&str>) {
    let bugs = BUGS.iter().filter(|bug| reference.is_none_or(|reference| bug.reference == reference));
    let mut cases: Vec<_> = bugs.flat_map(|bug| bug.not_by.iter().chain([&bug.found_by])).collect();
    cases.sort_by_key(|case| case.name);
    cases.dedup_by_key(|case| case.name);
    for case in cases {
        explore_part_both_orders(case.name, move || (case.model)(new));
    }
}

fn the_reference_passes_each_model() {
    passes(|capacity, producers| Box::new(reference::Buffer::new(capacity, producers)), Some("reference"));
}

fn the_control_notify_after_unlock_passes_each_model() {
    passes(|capacity, producers| Box::new(control::Buffer::new(capacity, producers)), Some("reference"));
}

fn the_reference_with_tasks_passes_each_model() {
    passes(|capacity, producers| Box::new(reference_tasks::Buffer::new(capacity, producers)), Some("reference_tasks"));
}

fn the_shipped_buffer_passes_each_model() {
    passes(|capacity, producers| Box::new(Shipped::new(capacity, producers)), None);
}

models! {
    each_bug_is_found_by_its_model,
    no_smaller_case_finds_the_bug,
    the_reference_passes_each_model,
    the_control_notify_after_unlock_passes_each_model,
    the_reference_with_tasks_passes_each_model,
    the_shipped_buffer_passes_each_model,
}

pub(crate) fn models() -> Vec<Model> {
    [MODELS, find::MODELS, page::MODELS].concat()
}
