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

/// Where the generated part begins. The text before it is written by hand.
const TABLE: &str = "| # | bug | model | preemptions | executions | smaller case |\n|---|---|---|---|---|---|\n";

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

fn written() -> String {
    fs::read_to_string(source::path(PAGE)).unwrap()
}

fn page() -> String {
    let written = written();
    let (head, _) = written.split_once(TABLE).expect("the page has the table");
    let mut page = format!("{head}{TABLE}");
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
    assert!(written() == page(), "{PAGE} is out of date: run `{COMMAND}`");
}

pub(super) const MODELS: &[Model] = &[
    test("each_bug_is_one_marked_change_of_a_few_lines", each_bug_is_one_marked_change_of_a_few_lines),
    test("each_file_of_a_bug_is_listed", each_file_of_a_bug_is_listed),
    test("each_timeline_fits_the_width", each_timeline_fits_the_width),
    test("the_page_is_up_to_date", the_page_is_up_to_date),
    test("write_the_page", || fs::write(source::path(PAGE), page()).unwrap()).ignored(),
];
