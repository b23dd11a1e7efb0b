//! The scenes of the page: a program on a buffer, and the scene of a correct buffer with the same program.

use std::sync::Arc;

use gallery::lessons::LESSONS;
use gallery::{BUGS, Base, Bug, CONTROL, Case, New, REFERENCE, SHIPPED, SPINNING, TEXTBOOK, TWO_AND_TWO, source};

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
    /// The kind of its code, for the page's introduction: the name of the file of a reference, or the group.
    pub(crate) code: String,
    /// The same program on correct code.
    pub(crate) correct: Option<String>,
    run: Arc<dyn Fn() + Send + Sync>,
}

impl Scene {
    pub(crate) fn explore(&self) -> Graph {
        let run = self.run.clone();
        explore(move || run())
    }
}

/// All scenes, in the order in which the page lists them.
pub(crate) fn scenes() -> Vec<Scene> {
    let lessons = LESSONS.iter().zip(1..).map(|(lesson, number)| Scene {
        id: format!("lesson-{number}"),
        group: Group::Lesson,
        title: sentence(lesson.name),
        program: source::comment("study/gallery/src/lessons.rs", lesson.name),
        model: lesson.name,
        code: "lesson".to_owned(),
        correct: None,
        run: Arc::new(lesson.run),
    });
    let bugs = BUGS.iter().zip(1..).map(|(bug, number)| Scene {
        id: format!("bug-{number}"),
        group: Group::Bug,
        title: title(bug),
        code: stem(&bug.base).to_owned(),
        correct: Some(id(stem(&bug.base), bug.found_by.name)),
        ..scene(Group::Bug, "", bug.found_by, bug.new)
    });
    let mut cases: Vec<_> = BUGS.iter().flat_map(|bug| bug.cases().map(|case| (case, &bug.base))).collect();
    // The first reference passes the programs of the textbook buffer, too.
    let twice = cases.iter().filter(|(_, base)| base.path == TEXTBOOK.path).map(|&(case, _)| (case, &REFERENCE));
    cases.extend(twice.collect::<Vec<_>>());
    cases.sort_by_key(|(case, base)| (stem(base), case.name));
    cases.dedup_by_key(|(case, base)| (stem(base), case.name));
    let references = cases.clone().into_iter().map(|(case, base)| Scene {
        code: stem(base).to_owned(),
        ..scene(Group::Reference, stem(base), case, base.new)
    });
    cases.sort_by_key(|(case, _)| case.name);
    cases.dedup_by_key(|(case, _)| case.name);
    let shipped = cases.iter().map(|&(case, _)| scene(Group::Shipped, "shipped", case, SHIPPED));
    let two_and_two = scene(Group::Shipped, "shipped", TWO_AND_TWO, SHIPPED);
    let spins = cases.iter().map(|&(case, _)| case).filter(|case| SPINS.contains(&case.name));
    let spinning = spins.map(|case| scene(Group::Spinning, "spinning", case, SPINNING));
    let control = BUGS.first().map(|bug| scene(Group::Control, "control", bug.found_by, CONTROL));
    lessons.chain(bugs).chain(control).chain(shipped).chain([two_and_two]).chain(spinning).chain(references).collect()
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
        code: format!("{group:?}").to_lowercase(),
        correct: None,
        run: Arc::new(move || (case.model)(new)),
    }
}

/// The name of the file of a reference.
fn stem(base: &Base) -> &'static str {
    let name = base.path.rsplit('/').next().unwrap_or_default();
    name.strip_suffix(".rs").unwrap_or(name)
}

fn id(prefix: &str, case: &str) -> String {
    let prefix = prefix.replace('_', "-");
    let words: Vec<_> = case.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{prefix}-{}", words.join("-"))
}

/// A name as the beginning of a sentence.
fn sentence(name: &str) -> String {
    let text = name.replace('_', " ").replace("wakeup", "wake-up").replace("()", "").replace('(', " (");
    let (first, rest) = text.split_at(1);
    first.to_uppercase() + rest
}

/// What a bug is, as the beginning of a sentence. Code at the beginning keeps its case.
fn title(bug: &Bug) -> String {
    let (title, _) = bug.description();
    let at = usize::from(title.starts_with(char::is_alphabetic));
    title[..at].to_uppercase() + &title[at..]
}
