//! The gallery as a page of the study guide: for each bug its one change, the model that finds it, and the execution.

use std::fmt::Write;
use std::fs;

use similar::{ChangeTag, TextDiff};

use super::find::Finding;
use super::{BUGS, Bug, findings};
use crate::harness::models;
use crate::timeline::WIDTH;

const PAGE: &str = "docs/gallery.md";

/// The command that writes [`PAGE`].
const COMMAND: &str = "cargo loom write_the_page -- --ignored";

const HEAD: &str = "\
# The gallery

This page shows 21 classic bugs of a lock-based bounded buffer. Each bug is a copy of a reference with one marked change:
`tests/loom/gallery/reference.rs` for bugs 1 to 17, and `reference_tasks.rs` there for bugs 18 to 21, which concern async tasks.
A model of a few lines (`tests/loom/gallery/models.rs`) finds each bug: loom explores each schedule with at most three
preemptions. Each reference passes the models of its bugs. So does a *control*: a copy of the first reference with a change that
is no bug, the notification after the unlock. The shipped buffer passes all these models.

The first reference is a textbook bounded buffer with a close flag and two parts of the shipped protocol that a textbook omits.
Each side has a flag *wake-up pending*: a thread decided to send a wake-up, and since then no waiter of that side has reacquired
the lock. While it is set, no other wake-up is sent to that side. A woken thread wakes the next waiter of its side if there is
still work (*chained wake-ups*). Bugs 8, 9 and 10 are errors in these two parts.

The second reference is a textbook bounded buffer whose consumers are threads or tasks. A task that finds no item stores its
*waker*, the callback of its executor, in a list. To *cancel* an operation is to drop its future before it is ready. In the
models of bugs 18 to 21 a task is a thread that polls a future, and parks between polls until its waker is called. The steps
that their text cites are those of the argument on `BoundedBuffer` (`src/buffer.rs`).

The table has two figures per bug:

- **Preemptions**: the least bound on preemptions with which the model fails. A preemption is a switch away from a thread that
  could continue, so switches away from blocked threads are free. A bug that needs fewer preemptions occurs in simpler schedules.
- **Executions**: the executions up to the first one that fails, with a bound of three. This figure depends on the order in
  which loom searches, not on how rare the bug is.

A *smaller case* is a model with smaller parameters (for bug 7, with a deadline in the future). It passes although the bug is
present.

A timeline shows the execution that failed, with one column per thread and time downwards. A thread *calls* an operation. The
events of the lock and the condition variables are indented below the call. A thread that *wakes* was notified, but does not hold
the lock yet. The last column shows the buffer after each change: its items, the waiters of each side, and pending wake-ups. For
the second reference, it shows the items and the tasks in the list.

";

fn source(name: &str) -> String {
    let path = format!("tests/loom/gallery/{name}.rs");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The code of a file, without the comment at its head.
fn code(name: &str) -> String {
    source(name).lines().skip_while(|line| line.starts_with("//!") || line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The title of a bug and what else the comment at the head of its file says.
fn description(bug: &Bug) -> (String, Option<String>) {
    let source = source(bug.name);
    let head: Vec<_> = source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let (_, title) = head[0].split_once("one bug: ").expect("the first line names the bug");
    let more = head[1..].join(" ").trim().to_owned();
    (title.trim_end_matches('.').to_owned(), Some(more).filter(|more| !more.is_empty()))
}

/// The comment of a model.
fn program(model: &str) -> String {
    let name = model.split('(').next().unwrap_or_default();
    let models = source("models");
    let (before, _) = models.split_once(&format!("\npub(crate) fn {name}(")).expect("the model exists");
    let comment: Vec<_> = before.lines().rev().map_while(|line| line.strip_prefix("/// ")).collect();
    comment.into_iter().rev().collect::<Vec<_>>().join(" ")
}

/// The smaller models, which do not find the bug.
fn smaller(bug: &Bug) -> Option<String> {
    let names: Vec<_> = bug.not_by.iter().map(|case| format!("`{}`", case.name)).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

fn section(number: usize, bug: &Bug, finding: &Finding) -> String {
    let (reference, broken) = (code(bug.reference), code(bug.name));
    let diff = TextDiff::from_lines(&reference, &broken);
    let diff = diff.unified_diff().context_radius(3).to_string();
    let (model, program, timeline) = (bug.found_by.name, program(bug.found_by.name), &finding.timeline);
    let (title, more) = description(bug);
    let more = more.map_or(String::new(), |more| format!("{more}\n\n"));
    let preemptions = match finding.preemptions {
        0 => "no preemption".to_owned(),
        1 => "one preemption".to_owned(),
        number => format!("{number} preemptions"),
    };
    let passes = if bug.not_by.len() == 1 { "passes" } else { "pass" };
    let smaller = smaller(bug).map_or(String::new(), |smaller| format!(" {smaller} {passes}."));
    format!(
        "## {number}. {title}\n\n```diff\n{diff}```\n\n{more}`{model}`: {program}\n\n\
         Fails first in execution {}, and needs {preemptions}.{smaller} [Play it in the lab](lab/index.html#bug-{number}).\n\n\
         ```text\n{timeline}```\n\n",
        finding.executions
    )
}

fn page() -> String {
    let mut page = format!("<!-- Generated by `{COMMAND}`; a test fails when it is out of date. -->\n\n{HEAD}");
    page.push_str("| # | bug | model | preemptions | executions | smaller case |\n");
    page.push_str("|---|---|---|---|---|---|\n");
    let all = || BUGS.iter().zip(findings()).zip(1..);
    for ((bug, finding), number) in all() {
        let row = [
            description(bug).0,
            format!("`{}`", bug.found_by.name),
            finding.preemptions.to_string(),
            finding.executions.to_string(),
            smaller(bug).unwrap_or_default(),
        ];
        _ = writeln!(page, "| {number} | {} |", row.join(" | ")); // writing to a string cannot fail
    }
    page.push('\n');
    all().for_each(|((bug, finding), number)| page.push_str(&section(number, bug, finding)));
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn each_bug_is_one_marked_change_of_a_few_lines() {
    for bug in BUGS {
        let reference = code(bug.reference);
        let broken = code(bug.name);
        assert_eq!(broken.matches("// BUG: ").count(), 1, "{}", bug.name);
        let changed = TextDiff::from_lines(&reference, &broken)
            .iter_all_changes()
            .filter(|change| change.tag() != ChangeTag::Equal && !change.value().trim_start().starts_with("//"))
            .count();
        assert!((1..=6).contains(&changed), "{}: {changed} lines", bug.name);
    }
}

fn each_timeline_fits_the_width() {
    for (bug, finding) in BUGS.iter().zip(findings()) {
        let widest = finding.timeline.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(WIDTH), "{}:\n{}", bug.name, finding.timeline);
    }
}

fn the_page_is_up_to_date() {
    let written = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page(), "{PAGE} is out of date: run `{COMMAND}`");
}

fn write_the_page() {
    fs::write(PAGE, page()).unwrap();
}

models! {
    each_bug_is_one_marked_change_of_a_few_lines,
    each_timeline_fits_the_width,
    the_page_is_up_to_date,
    #[ignored]
    write_the_page,
}
