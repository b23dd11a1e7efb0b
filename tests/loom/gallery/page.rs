//! The gallery as a page of the study guide: for each bug its one change, the model that finds it, and the execution.

use std::fmt::Write;
use std::fs;

use gallery::{BUGS, Bug, source};
use similar::{ChangeTag, TextDiff};

use super::{Finding, findings};
use crate::harness::{Model, test};
use crate::timeline::WIDTH;

const PAGE: &str = "docs/gallery.md";

/// The command that writes [`PAGE`].
const COMMAND: &str = "cargo loom write_the_page -- --ignored";

const HEAD: &str = "\
# The gallery

This page shows 21 bugs of a lock-based bounded buffer (`study/gallery`). Each bug overrides one function of a reference,
bug 2 two: of `textbook.rs` for bugs 1 and 2, of `reference.rs` for bugs 3 to 17, and of `reference_tasks.rs` for bugs 18 to 21,
which concern async tasks. The section of a bug begins with that function, and the change in it. A model of a few lines
(`models.rs`) finds each bug: loom explores each schedule with at most three preemptions. Each reference passes the models of its bugs. So does a *control*: the
second reference with a change that is no bug, the notification after the unlock. The shipped buffer passes all these models.

The first reference is a textbook bounded buffer. The second adds a close flag and two parts of the shipped protocol
that a textbook omits. Each side has a flag *wake-up pending*: a thread decided to send a wake-up, and since then no waiter of that side has reacquired
the lock. While it is set, no other wake-up is sent to that side. A woken thread wakes the next waiter of its side if there is
still work (*chained wake-ups*). Bugs 8, 9 and 10 are errors in these two parts.

The third reference is a textbook bounded buffer whose consumers are threads or tasks. A task that finds no item stores its
*waker*, the callback of its executor, in a list. To *cancel* an operation is to drop its future before it is ready. In the
models of bugs 18 to 21 a task is a thread that polls a future, and parks between polls until its waker is called. The steps
that their text cites are those of the argument on `BoundedBuffer` (`src/buffer.rs`).

The table has two figures per bug:

- **Preemptions**: the least bound on preemptions with which the model fails. A preemption is a switch away from a thread that
  could continue, so switches away from blocked threads are free. The figure depends on which thread of the model starts, and here
  `main` does: bug 4 needs two, and would need one if its consumer started.
- **Executions**: the executions up to the first one that fails, with a bound of three. This figure depends on the order in
  which loom searches, not on how rare the bug is.

A *smaller case* is a model with smaller parameters (for bug 7, with a deadline in the future). It passes although the bug is
present.

A timeline shows the execution that failed, with one column per thread and time downwards. A thread *calls* an operation. The
events of the lock and the condition variables are indented below the call. A thread that *wakes* was notified, but does not hold
the lock yet. The last column shows the buffer after each change: its items, the waiters of each side, and pending wake-ups. For
the third reference, it shows the items and the tasks in the list.

";

/// The functions of a file that a trait provides or overrides: from the head to the closing brace, without the comment before.
fn functions(path: &str) -> Vec<String> {
    let lines = source::file(path);
    let heads = lines.iter().enumerate().filter(|(_, line)| line.starts_with("    fn ") && line.ends_with('{'));
    let function = |(at, _): (usize, &String)| {
        let length = lines[at..].iter().position(|line| line == "    }").expect("the function ends");
        let lines: Vec<_> = lines[at..=at + length].iter().map(|line| line.get(4..).unwrap_or_default()).collect();
        lines.join("\n") + "\n"
    };
    heads.map(function).collect()
}

/// The name of a function, from its text.
fn name(function: &str) -> &str {
    function.trim_start_matches("fn ").split('(').next().unwrap_or_default()
}

/// The functions that a bug overrides: as the reference provides them, and as the bug has them.
fn changes(bug: &Bug) -> Vec<(String, String)> {
    let provided = functions(bug.base.path);
    let of = |broken: String| {
        // The first: the trait is before the other functions of the reference's file.
        let provided = provided.iter().find(|function| name(function) == name(&broken));
        (provided.expect("the bug overrides a function of its reference").clone(), broken)
    };
    functions(&bug.path()).into_iter().map(of).collect()
}

/// The overridden functions, with a sign before each line.
fn diff(bug: &Bug) -> String {
    let function = |(provided, broken): (String, String)| {
        let diff = TextDiff::from_lines(&provided, &broken);
        let lines = diff.iter_all_changes().map(|change| format!("{}{}", change.tag(), change.value().trim_end()));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    };
    changes(bug).into_iter().map(function).collect::<Vec<_>>().join("\n")
}

/// The smaller models, which do not find the bug.
fn smaller(bug: &Bug) -> Option<String> {
    let names: Vec<_> = bug.not_by.iter().map(|case| format!("`{}`", case.name)).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

fn section(number: usize, bug: &Bug, finding: &Finding) -> String {
    let (model, program, timeline) = (bug.found_by.name, bug.found_by.program(), &finding.timeline);
    let (diff, (title, more)) = (diff(bug), bug.description());
    let more = if more.is_empty() { more } else { format!("{more}\n\n") };
    let preemptions = match finding.preemptions {
        0 => "no preemption".to_owned(),
        1 => "one preemption".to_owned(),
        number => format!("{number} preemptions"),
    };
    let passes = if bug.not_by.len() == 1 { "passes" } else { "pass" };
    let smaller = smaller(bug).map_or(String::new(), |smaller| format!(" {smaller} {passes}."));
    format!(
        "## {number}. {title}\n\n```diff\n{diff}```\n\n{more}`{model}`: {program}\n\n\
         Fails first in execution {}, and needs {preemptions}.{smaller} [Play it in the lab](../study/lab/page/index.html#bug-{number}).\n\n\
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
            bug.description().0,
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

/// The number of lines of code that are in one of them only.
fn changed_lines(provided: &str, broken: &str) -> usize {
    let diff = TextDiff::from_lines(provided, broken);
    let is_change = |tag, line: &str| tag != ChangeTag::Equal && !line.trim_start().starts_with("//");
    diff.iter_all_changes().filter(|change| is_change(change.tag(), change.value())).count()
}

fn each_bug_is_one_marked_change_of_a_few_lines() {
    for bug in BUGS {
        let changes = changes(bug);
        let marks = changes.iter().map(|(_, broken)| broken.matches("// BUG: ").count()).sum::<usize>();
        assert_eq!(marks, 1, "{}", bug.name);
        let lines: usize = changes.iter().map(|(provided, broken)| changed_lines(provided, broken)).sum();
        assert!((1..=6).contains(&lines), "{}: {lines} lines", bug.name);
    }
}

fn each_file_of_a_bug_is_listed() {
    let files = fs::read_dir(source::path("study/gallery/src/bugs")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort_unstable();
    let listed: Vec<_> = BUGS.iter().map(|bug| format!("{}.rs", bug.name)).collect();
    assert_eq!(files, listed);
}

fn each_timeline_fits_the_width() {
    for (bug, finding) in BUGS.iter().zip(findings()) {
        let widest = finding.timeline.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(WIDTH), "{}:\n{}", bug.name, finding.timeline);
    }
}

fn the_page_is_up_to_date() {
    let written = fs::read_to_string(source::path(PAGE)).unwrap_or_default();
    assert!(written == page(), "{PAGE} is out of date: run `{COMMAND}`");
}

pub(super) const MODELS: &[Model] = &[
    test("each_bug_is_one_marked_change_of_a_few_lines", each_bug_is_one_marked_change_of_a_few_lines),
    test("each_file_of_a_bug_is_listed", each_file_of_a_bug_is_listed),
    test("each_timeline_fits_the_width", each_timeline_fits_the_width),
    test("the_page_is_up_to_date", the_page_is_up_to_date),
    test("write_the_page", || fs::write(source::path(PAGE), page()).unwrap()).ignored(),
];
