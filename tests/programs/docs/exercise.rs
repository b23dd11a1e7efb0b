//! The exercises of the guide: each names a file of the code, and quotes the text of it that the reader changes.

use super::{assert_none, read};

/// An exercise up to its answer: its text, and its spans of code in between.
struct Exercise {
    number: usize,
    prose: Vec<String>,
    code: Vec<String>,
}

impl Exercise {
    /// The exercises of a list that is numbered from 1, each with its answer in `<details>`.
    fn all(section: &str) -> Vec<Self> {
        let items = (1..).map_while(|number| {
            let (_, item) = section.split_once(&format!("\n{number}. "))?;
            let task = item.split_once("<details>").map_or(item, |(task, _)| task);
            let words = task.split_whitespace().collect::<Vec<_>>().join(" ");
            let parts = || words.split('`').map(str::to_owned);
            Some(Self { number, prose: parts().step_by(2).collect(), code: parts().skip(1).step_by(2).collect() })
        });
        items.collect()
    }

    /// The file that it changes.
    fn file(&self) -> Option<&str> {
        self.code.iter().find(|code| code.starts_with("src/")).map(String::as_str)
    }

    /// The spans after *delete*, *replace*, *move* and *below*, up to *by*, *insert* or the end of the sentence.
    fn quoted(&self) -> Vec<&str> {
        let mut quotes = false;
        let mut quoted = Vec::new();
        for (prose, code) in self.prose.iter().zip(&self.code) {
            for word in prose.split(' ') {
                quotes = match word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str() {
                    "delete" | "replace" | "move" | "below" => true,
                    "by" | "insert" => false,
                    _ => quotes && !word.ends_with(['.', '?']),
                };
            }
            if quotes {
                quoted.push(code.as_str());
            }
        }
        quoted
    }

    fn faults(&self, source: impl Fn(&str) -> String) -> Vec<String> {
        let Some(file) = self.file() else {
            return self.quoted().iter().map(|code| format!("{}: `{code}` of which file?", self.number)).collect();
        };
        let source = source(file).split_whitespace().collect::<Vec<_>>().join(" ");
        let times = |code: &str| source.matches(code.split(" … ").next().unwrap_or(code)).count();
        let wrong = self.quoted().into_iter().filter(|code| times(code) != 1);
        wrong.map(|code| format!("{}: `{code}` is {} times in {file}", self.number, times(code))).collect()
    }
}

#[test]
fn what_an_exercise_changes_is_once_in_its_file() {
    let guide = read("docs/internals.md");
    let exercises = Exercise::all(guide.split_once("## 10. Exercises").unwrap().1);
    let wrong: Vec<_> = exercises.iter().flat_map(|exercise| exercise.faults(read)).collect();
    assert_none(&wrong);
    let quoted: usize = exercises.iter().map(|exercise| exercise.quoted().len()).sum();
    assert!(exercises.len() >= 10 && quoted >= 9, "{quoted} quotations in {} exercises", exercises.len());
}

#[test]
fn a_quotation_that_is_gone_or_not_unique_is_a_fault() {
    let faults = |task: &str| {
        let exercises =
            Exercise::all(&format!("Try.\n\n1. *10 minutes.* {task}\n\n   <details>`delete` it</details>\n"));
        exercises.iter().flat_map(|exercise| exercise.faults(|_| "a();\n  if b {\n c();\n}\nd(); d();".into())).count()
    };
    for sound in [
        "In `f` (`src/x.rs`), delete `a();`. Run `cargo loom`.",
        "In `f` (`src/x.rs`), replace `a();` by `e();`.",
        "In `f` (`src/x.rs`), delete the block `if b { … }`.",
        "In `f` (`src/x.rs`), move `a();` below `c(); }`. Is `e` right?",
        "In `f` (`src/x.rs`), change one thing: insert `e();`.",
    ] {
        assert_eq!(faults(sound), 0, "{sound}");
    }
    for wrong in [
        "In `f` (`src/x.rs`), delete `e();`.",
        "In `f` (`src/x.rs`), replace `d();` by `a();`.",
        "In `f` (`src/x.rs`), delete the block `if e { … }`.",
        "In `f` (`src/x.rs`), move `a();` below `e();`.",
        "In `f`, delete `a();`.",
    ] {
        assert_eq!(faults(wrong), 1, "{wrong}");
    }
}
