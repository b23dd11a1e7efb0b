//! The words of the project: its text uses the terms of the field.
//!
//! Applies to documents, comments, identifiers, names of tests, specifications and scripts. An identifier is read as its
//! words: `read_hint` and `ReadHint` are "read hint".

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::ROOT;

/// Words and phrases to avoid, and what to write instead. Separated by commas.
const INSTEAD: [(&str, &str); 22] = [
    ("look, looks, looked, looking, looker", "spin, poll; read, inspect, search; seem"),
    ("asleep, sleeper, sleepers, lies down, lie down", "waiting, waiter, parked; parks"),
    ("on its way, on their way, the mark", "a wake-up is pending; `wakeup_pending`"),
    ("baton", "chained wake-ups; wakes the next waiter"),
    ("futile, woken for nothing, in vain", "wasted wake-up"),
    ("come back, comes back, came back, coming back", "returns from the wait, reacquires the lock; is returned"),
    ("pounce, pounces, barges in, barge in, barged in", "barges; takes the first item at once"),
    ("hint, hints", "length snapshot"),
    ("door", "facade"),
    ("throttle, throttled, throttles, throttling", "at most one pending wake-up per side"),
    ("hand over, hands over, handed over, handing over, hand back, hands back, handed back", "handoff; pass, return"),
    ("beside, besides", "concurrently with; next to; compared with"),
    ("dear, dearer", "expensive"),
    ("killed by", "a schedule exposes a bug; a test kills a mutant"),
    ("without company", "uncontended"),
    (
        "whoever, who, whom, nobody, somebody, everybody, anybody",
        "the thread, the waiter, a consumer, no thread, all waiters",
    ),
    ("someone, anyone, everyone", "the thread, a caller, each reader"),
    ("tell, tells, told, telling, teller, untold", "report, observe, receive; print"),
    ("desk, pillow, nap, naps, slip, slips", "the field's word: shared state, timer, delay, error"),
    ("the shape of", "the steps of; the form of"),
    ("for ever, forever, in time, at once", "indefinitely; before the deadline; immediately, at the same time"),
    ("owe, owes, owed", "must; a wake-up is missing"),
];

/// Text that contains such a word and keeps it: where (a prefix of the path), the words, the reason.
const KEPT: [(&str, &str, &str); 11] = [
    ("", "futile wakeups", "a counter of the public interface, documented as wasted wake-ups"),
    ("", "std hint", "a module of std"),
    ("", "core hint", "the same module"),
    ("", "hint spin loop", "a function of that module"),
    ("", "size hint", "a method of Iterator"),
    ("", "usage who", "a type of nix"),
    ("CHANGELOG.md", "printed futile", "a word of an earlier report"),
    ("", "spin loop hints", "the field's name for that instruction"),
    ("", "all at once", "at the same time"),
    ("", "in time linear", "a complexity"),
    ("", "in time scale", "a flag of a program, after a keyword"),
];

/// Files that are not prose or code of the project: data, licences, and the tables of this test.
const EXEMPT: [&str; 4] = ["Cargo.lock", "LICENSE-", "fuzz/seeds/", "tests/programs/style.rs"];

const ENDS: [&str; 12] =
    [".md", ".rs", ".toml", ".tla", ".cfg", ".py", ".sh", ".go", ".java", ".supp", ".txt", ".proptest-regressions"];

/// A word of a file, lower-case, and its line.
struct Word {
    text: String,
    line: usize,
}

/// The words of a text. A change of case within an identifier separates two words, as an underscore does.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let mut word = String::new();
        let mut before = ' ';
        // The last character ends the last word.
        for c in content.chars().chain([' ']) {
            let begins = c.is_uppercase() && before.is_lowercase();
            if (begins || !c.is_alphanumeric()) && !word.is_empty() {
                words.push(Word { text: std::mem::take(&mut word), line });
            }
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            }
            before = c;
        }
    }
    words
}

/// A phrase, as its words, and its meaning to this test.
struct Phrase<T> {
    words: Vec<&'static str>,
    meaning: T,
}

impl<T> Phrase<T> {
    fn new(text: &'static str, meaning: T) -> Self {
        Self { words: text.split(' ').collect(), meaning }
    }

    fn begins(&self, words: &[Word]) -> bool {
        self.words.len() <= words.len() && self.words.iter().zip(words).all(|(expected, word)| word.text == *expected)
    }
}

/// Both tables, as words.
struct Style {
    instead: Vec<Phrase<&'static str>>,
    /// The prefix of the path, and whether the exception applied.
    kept: Vec<Phrase<(&'static str, bool)>>,
}

impl Style {
    fn new() -> Self {
        let instead =
            INSTEAD.iter().flat_map(|(texts, instead)| texts.split(", ").map(|text| Phrase::new(text, *instead)));
        let kept = KEPT.iter().map(|(prefix, text, _)| Phrase::new(text, (*prefix, false)));
        Self { instead: instead.collect(), kept: kept.collect() }
    }

    /// The findings in a file, one a line.
    fn findings(&mut self, path: &str, text: &str) -> Vec<String> {
        let words = words(text);
        let (mut found, mut kept_until) = (Vec::new(), 0);
        for at in 0..words.len() {
            for phrase in &mut self.kept {
                if phrase.begins(&words[at..]) && path.starts_with(phrase.meaning.0) {
                    kept_until = at + phrase.words.len();
                    phrase.meaning.1 = true;
                }
            }
            for phrase in self.instead.iter().filter(|phrase| at >= kept_until && phrase.begins(&words[at..])) {
                let Phrase { words: avoided, meaning } = phrase;
                found.push(format!("{path}:{}: \"{}\"; write {meaning}", words[at].line, avoided.join(" ")));
            }
        }
        found
    }
}

/// The files of the project, relative to its root, without build output.
fn files(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(Path::new(ROOT).join(directory)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = directory.join(&name);
        if entry.file_type().unwrap().is_dir() {
            if name != "target" && (!name.starts_with('.') || name == ".ci") {
                files(&path, into);
            }
        } else if !name.contains('.') || ENDS.iter().any(|end| name.ends_with(end)) {
            into.push(path); // scripts have no extension
        }
    }
}

#[test]
fn the_text_of_the_project_uses_the_words_of_the_field() {
    let mut paths = Vec::new();
    files(Path::new(""), &mut paths);
    paths.sort();
    let (mut found, mut style) = (Vec::new(), Style::new());
    for path in &paths {
        let name = path.to_str().unwrap();
        if !EXEMPT.iter().any(|prefix| name.starts_with(prefix)) {
            found.extend(style.findings(name, &fs::read_to_string(Path::new(ROOT).join(path)).unwrap()));
        }
    }
    assert!(paths.len() > 100, "only {} files", paths.len());
    let unused = style.kept.iter().filter(|phrase| !phrase.meaning.1);
    found.extend(unused.map(|phrase| format!("the exception \"{}\" applies nowhere", phrase.words.join(" "))));
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn words_are_found_in_prose_identifiers_and_across_lines() {
    let find = |text| Style::new().findings("x.rs", text);
    for text in [
        "Nobody waits.",
        "fn is_asleep() {}",
        "struct LengthHint;",
        "/// It is on its\n/// way.",
        "a hand-over",
        "it's told",
    ] {
        assert_eq!(find(text).len(), 1, "{text}");
    }
    for text in ["no body", "futile_wakeups", "doors", "std::hint::spin_loop()", "the whole", "FutileWakeups"] {
        assert_eq!(find(text), [""; 0], "{text}");
    }
}
