//! The scenes of the page: a program on a buffer, and the scene of a correct buffer with the same program.

use crate::explore::explore;
use crate::gallery::queue::New;
use crate::gallery::{BUGS, CONTROL, Case, SHIPPED, SPINNING};
use crate::graph::Graph;
use crate::lessons;
use crate::programs::TWO_AND_TWO;
use crate::source;

/// What the page lists together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Lesson,
    Bug,
    /// Correct, although it seems wrong.
    Control,
    Shipped,
    /// The shipped buffer with its default wait strategy.
    Spinning,
    Reference,
}

pub(crate) struct Scene {
    /// Names the scene in the address of the page.
    pub(crate) id: String,
    pub(crate) group: Group,
    pub(crate) title: String,
    /// The program, in the words of its model.
    pub(crate) program: String,
    /// The model, if the program is one of the gallery.
    pub(crate) model: &'static str,
    /// The same program on correct code.
    pub(crate) correct: Option<String>,
    run: Run,
}

enum Run {
    Lesson(fn()),
    Gallery(Case, New),
}

impl Scene {
    pub(crate) fn explore(&self) -> Graph {
        match self.run {
            Run::Lesson(program) => explore(program),
            Run::Gallery(case, new) => explore(move || (case.model)(new)),
        }
    }
}

/// All scenes, in the order in which the page lists them.
pub(crate) fn scenes() -> Vec<Scene> {
    let lessons: [(_, _, fn()); 3] = [
        ("lesson-1", "one_thread_and_a_ring", lessons::one_thread_and_a_ring),
        ("lesson-2", "a_lock_and_a_busy_wait", lessons::a_lock_and_a_busy_wait),
        ("lesson-3", "a_condition_variable", lessons::a_condition_variable),
    ];
    let lessons = lessons.map(|(id, name, program)| Scene {
        id: id.to_owned(),
        group: Group::Lesson,
        title: sentence(name),
        program: comment("tests/lab/lessons/mod.rs", name),
        model: name,
        correct: None,
        run: Run::Lesson(program),
    });
    let bugs = BUGS.iter().zip(1..).map(|(bug, number)| Scene {
        id: format!("bug-{number}"),
        group: Group::Bug,
        title: title(bug.name),
        correct: Some(id("reference", bug.found_by.name)),
        ..gallery(Group::Bug, "", bug.found_by, bug.new)
    });
    let mut cases: Vec<_> = BUGS.iter().flat_map(|bug| bug.cases().map(|case| (case, bug.reference))).collect();
    cases.sort_by_key(|(case, _)| case.name);
    cases.dedup_by_key(|(case, _)| case.name);
    let shipped = cases.iter().map(|&(case, _)| gallery(Group::Shipped, "shipped", case, SHIPPED));
    let references = cases.iter().map(|&(case, new)| gallery(Group::Reference, "reference", case, new));
    let two_and_two = gallery(Group::Shipped, "shipped", TWO_AND_TWO, SHIPPED);
    let spins = cases.iter().map(|&(case, _)| case).filter(|case| SPINS.contains(&case.name));
    let spinning = spins.map(|case| gallery(Group::Spinning, "spinning", case, SPINNING));
    let control = BUGS.first().map(|bug| gallery(Group::Control, "control", bug.found_by, CONTROL));
    lessons
        .into_iter()
        .chain(bugs)
        .chain(control)
        .chain(shipped)
        .chain([two_and_two])
        .chain(spinning)
        .chain(references)
        .collect()
}

/// The programs in which threads also spin. The other programs have more states than a reader needs to see the difference.
const SPINS: [&str; 3] = ["a_push_wakes_a_consumer()", "close_wakes_each_consumer(1)", "each_pop_gets_an_item(1, 1)"];

fn gallery(group: Group, prefix: &str, case: Case, new: New) -> Scene {
    let name = case.name.split('(').next().unwrap_or_default();
    let file = if case.name == TWO_AND_TWO.name { "tests/lab/programs.rs" } else { "tests/loom/gallery/models.rs" };
    Scene {
        id: id(prefix, case.name),
        group,
        title: sentence(case.name),
        program: comment(file, name),
        model: case.name,
        correct: None,
        run: Run::Gallery(case, new),
    }
}

fn id(prefix: &str, case: &str) -> String {
    let words: Vec<_> = case.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{prefix}-{}", words.join("-"))
}

/// A name as the beginning of a sentence.
fn sentence(name: &str) -> String {
    let text = name.replace('_', " ").replace("()", "").replace('(', " (");
    let (first, rest) = text.split_at(1);
    first.to_uppercase() + rest
}

/// What a bug is, from the head of its file.
fn title(bug: &str) -> String {
    let head = source::line(&format!("tests/loom/gallery/{bug}.rs"), 1);
    let (_, title) = head.split_once("one bug: ").expect("the head names the bug");
    let title = title.trim_end_matches('.');
    let at = title.find(char::is_alphabetic).filter(|&at| at == 0).map_or(0, |_| 1);
    title[..at].to_uppercase() + &title[at..]
}

/// The comment of a function.
fn comment(path: &str, function: &str) -> String {
    let lines = source::file(path);
    let at = lines
        .iter()
        .position(|line| line.contains(&format!("fn {function}(")))
        .unwrap_or_else(|| panic!("{function} is in {path}"));
    let comment: Vec<_> = lines[..at].iter().rev().map_while(|line| line.strip_prefix("/// ")).collect();
    comment.into_iter().rev().collect::<Vec<_>>().join(" ")
}
