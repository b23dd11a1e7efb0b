//! The names of code in the documents and in the comments of the specification, compared with the code.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use super::{Page, assert_none, documents, files, read};

/// Names of other crates and tools, without their paths.
const FOREIGN: [&str; 14] = [
    "Duration",
    "block_on",
    "fuse",
    "futures",
    "incompatible_msrv",
    "loom",
    "notify_all",
    "notify_one",
    "parking_lot",
    "recv_async",
    "size_of",
    "std",
    "tokio",
    "usize",
];

/// What the code defines.
#[derive(Default)]
struct Code {
    /// Types, functions, fields, modules, constants, macros, and the names of the files.
    defined: HashSet<String>,
    /// The lines of each file, without comments.
    files: Vec<Vec<String>>,
}

/// The names in a text, from its begin to its end.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty())
}

impl Code {
    fn of(paths: &[PathBuf]) -> Self {
        let mut code = Self::default();
        for path in paths {
            code.add(&fs::read_to_string(path).unwrap());
            let file = path.with_extension("");
            code.defined.extend(file.iter().rev().take(2).map(|name| name.to_str().unwrap().to_owned()));
        }
        code
    }

    fn add(&mut self, text: &str) {
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned());
        let lines: Vec<_> = lines.collect();
        for line in &lines {
            let mut before = "";
            for (at, name) in names(line).map(|name| (name.as_ptr() as usize - line.as_ptr() as usize, name)) {
                let after = &line[at + name.len()..];
                let is_field = after.starts_with(": ");
                let is_model = before == "model"; // in a list of tests/loom
                if is_field
                    || is_model
                    || matches!(before, "fn" | "struct" | "enum" | "trait" | "type" | "mod" | "const" | "macro_rules")
                {
                    self.defined.insert(name.to_owned());
                }
                before = name;
            }
        }
        self.files.push(lines);
    }

    /// Whether the definition or an `impl` of `item` contains `name`. rustfmt puts its end under its begin.
    fn is_in(&self, item: &str, name: &str) -> bool {
        self.files.iter().any(|lines| {
            let begins = |line: &str| {
                let words: Vec<_> = names(line).collect();
                let kind = words.iter().position(|word| matches!(*word, "struct" | "enum" | "trait" | "mod" | "impl"));
                kind.is_some_and(|kind| words[kind..].contains(&item))
            };
            (0..lines.len()).filter(|&at| begins(&lines[at])).any(|at| {
                let indent = lines[at].len() - lines[at].trim_start().len();
                let end = format!("{}}}", &lines[at][..indent]);
                let ends_there = lines[at].trim_end().ends_with([';', '}']);
                let body = lines[at + 1..].iter().take_while(|line| !ends_there && **line != end);
                body.flat_map(|line| names(line)).any(|word| word == name)
            })
        })
    }

    /// The fault of a name or of a path; `None` if there is none.
    fn fault(&self, path: &str) -> Option<String> {
        let parts: Vec<_> = path.split("::").collect();
        if FOREIGN.contains(&parts[0]) {
            return None;
        }
        let unknown = parts.iter().find(|part| parts.len() == 1 && !self.defined.contains(**part));
        let apart = parts.windows(2).find(|pair| !self.is_in(pair[0], pair[1]));
        unknown
            .map(|name| format!("{path}: no code defines {name}"))
            .or_else(|| apart.map(|pair| format!("{path}: {} has no {}", pair[0], pair[1])))
    }
}

/// The paths in a text, such as `Side::wake`, and its names with an underscore. A name that ends with `!` is a path if it has `::`.
fn mentioned(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = text.split(|c| !is_part(c)).map(|word| word.trim_matches(':'));
    words.filter(|word| word.contains("::") || is_snake_case(word)).collect()
}

/// Lower-case letters with an underscore in between: in running text this is a name of code.
fn is_snake_case(word: &str) -> bool {
    let letters = |part: &str| part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) && !part.is_empty();
    word.contains('_') && word.split('_').all(letters)
}

/// What a span of code names: a path, a function with its `()`, or a whole name with an underscore. Other spans are code to read.
fn named_by_span(span: &str) -> Vec<&str> {
    if let Some(function) = span.strip_suffix("()") {
        return mentioned(function)
            .into_iter()
            .chain(names(function).filter(|name| *name == function))
            .take(1)
            .collect();
    }
    mentioned(span).into_iter().filter(|word| word.contains("::") || *word == span).collect()
}

/// The comments of a TLA+ module.
fn comments(module: &str) -> String {
    let blocks = module.split("(*").skip(1).filter_map(|text| text.split("*)").next());
    let lines = module.lines().filter_map(|line| line.split_once("\\*")).map(|(_, comment)| comment);
    blocks.chain(lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_function_type_and_field_that_a_document_names_exists() {
    let code = Code::of(&files("", ".rs"));
    // The changes name code that is gone, and scripts/deletions and scripts/models check the two lists.
    let is_kept = |page: &&Page| {
        !["CHANGELOG.md", "verification/deletions.md", "verification/models.md"]
            .iter()
            .any(|name| page.path.ends_with(name))
    };
    let pages = documents();
    let mut number = 0;
    let mut wrong = Vec::new();
    for page in pages.iter().filter(is_kept) {
        for name in page.spans.iter().flat_map(|span| named_by_span(span)) {
            number += 1;
            wrong.extend(code.fault(name).map(|fault| format!("{}: {fault}", page.path.display())));
        }
    }
    assert_none(&wrong);
    assert!(number > 100, "only {number} names");
}

#[test]
fn each_function_type_and_field_that_the_specification_names_exists() {
    let code = Code::of(&files("src", ".rs"));
    let text = comments(&read("spec/BoundedBuffer.tla")) + &comments(&read("spec/Properties.tla"));
    let proof = read("spec/protocol.py");
    let in_proof = proof.lines().filter_map(|line| line.split_once("  # ")).flat_map(|(_, comment)| mentioned(comment));
    let names: Vec<_> = mentioned(&text).into_iter().chain(in_proof).collect();
    let wrong: Vec<_> = names.iter().filter_map(|name| code.fault(name)).collect();
    assert_none(&wrong);
    assert!(names.len() > 20, "only {} names", names.len());
}

#[test]
fn a_name_that_is_gone_is_a_fault() {
    let mut code = Code::default();
    code.add(
        "struct Side {\n    waiting: u32, // and gone_field\n}\n\nenum Wake {\n    None,\n    All(u8),\n}\n\n\
         impl<T> fmt::Display for Side {\n    fn wake_one(&self) {\n        send();\n    }\n}\n\nfn send() {}\n\nstruct Unit;\n",
    );
    for sound in ["Side::waiting", "Side::wake_one", "Wake::All", "wake_one", "send", "std::mem::forget", "loom::model"]
    {
        assert_eq!(code.fault(sound), None, "{sound}");
    }
    for gone in ["Wake::send", "Side::gone_field", "Gone::waiting", "wake_two", "gone_field", "Unit::send", "Wake::Two"]
    {
        assert!(code.fault(gone).is_some(), "{gone}");
    }
}

#[test]
fn names_are_found_in_spans_and_in_comments() {
    let spans =
        ["stats()", "Side::wake", "wait_then_act", "tokio::select!", "park", "a_b + c", "x = A::b(c)", "take()"];
    let found: Vec<_> = spans.iter().flat_map(|span| named_by_span(span)).collect();
    assert_eq!(found, ["stats", "Side::wake", "wait_then_act", "tokio::select", "A::b", "take"]);
    let module = "A == 1 \\* State::ring\n(* release_and_wake:\n   Wake::send, then B_c. *)\nfoo_bar == 2\n";
    assert_eq!(mentioned(&comments(module)), ["release_and_wake", "Wake::send", "State::ring"]);
}
