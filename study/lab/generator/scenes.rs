//! The scenes of the page: a program on a buffer, and the scene of a correct buffer with the same program.

use gallery::{BUGS, Bug, CONTROL, Case, New, SHIPPED, SPINNING, TWO_AND_TWO, lessons, source};

use crate::explore::explore;
use crate::graph::Graph;

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
        program: source::comment("study/gallery/src/lessons.rs", name),
        model: name,
        correct: None,
        run: Run::Lesson(program),
    });
    let bugs = BUGS.iter().zip(1..).map(|(bug, number)| Scene {
        id: format!("bug-{number}"),
        group: Group::Bug,
        title: title(bug),
        correct: Some(id("reference", bug.found_by.name)),
        ..scene(Group::Bug, "", bug.found_by, bug.new)
    });
    let mut cases: Vec<_> = BUGS.iter().flat_map(|bug| bug.cases().map(|case| (case, bug.base.new))).collect();
    cases.sort_by_key(|(case, _)| case.name);
    cases.dedup_by_key(|(case, _)| case.name);
    let shipped = cases.iter().map(|&(case, _)| scene(Group::Shipped, "shipped", case, SHIPPED));
    let references = cases.iter().map(|&(case, new)| scene(Group::Reference, "reference", case, new));
    let two_and_two = scene(Group::Shipped, "shipped", TWO_AND_TWO, SHIPPED);
    let spins = cases.iter().map(|&(case, _)| case).filter(|case| SPINS.contains(&case.name));
    let spinning = spins.map(|case| scene(Group::Spinning, "spinning", case, SPINNING));
    let control = BUGS.first().map(|bug| scene(Group::Control, "control", bug.found_by, CONTROL));
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

fn scene(group: Group, prefix: &str, case: Case, new: New) -> Scene {
    Scene {
        id: id(prefix, case.name),
        group,
        title: sentence(case.name),
        program: case.program(),
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

/// What a bug is, as the beginning of a sentence. Code at the beginning keeps its case.
fn title(bug: &Bug) -> String {
    let (title, _) = bug.description();
    let at = usize::from(title.starts_with(char::is_alphabetic));
    title[..at].to_uppercase() + &title[at..]
}
