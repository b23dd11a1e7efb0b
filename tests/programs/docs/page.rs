//! A document: its links, headings and code.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Text that begins with one of these is a command for the root of a clone, or the name of a file there.
const COMMANDS: [&str; 13] = [
    "cargo ",
    "taskset ",
    "scripts/",
    "spec/",
    ".ci/",
    "src/",
    "tests/",
    "study/",
    "examples/",
    "support/",
    "benches/",
    "docs/",
    "tools/",
];

#[derive(Default)]
pub(super) struct Page {
    pub(super) path: PathBuf,
    pub(super) links: Vec<String>,
    anchors: Vec<String>,
    /// Language and text of each block of code.
    pub(super) blocks: Vec<(String, String)>,
    pub(super) spans: Vec<String>,
}

impl Page {
    pub(super) fn read(path: &Path) -> Self {
        Self { path: path.to_owned(), ..Self::parse(&fs::read_to_string(path).unwrap()) }
    }

    fn parse(text: &str) -> Self {
        let mut page = Self::default();
        let mut heading: Option<String> = None;
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut in_block = false;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let slug = slug(&heading.take().unwrap_or_default());
                    let before = seen.entry(slug.clone()).or_default();
                    page.anchors.push(if *before == 0 { slug } else { format!("{slug}-{before}") });
                    *before += 1;
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    in_block = true;
                    let language =
                        if let CodeBlockKind::Fenced(language) = kind { language.into_string() } else { String::new() };
                    page.blocks.push((language, String::new()));
                }
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Text(text) if in_block => page.blocks.last_mut().unwrap().1.push_str(&text),
                Event::Text(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::Code(code) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&code);
                    }
                    page.spans.push(code.into_string());
                }
                _ => {}
            }
        }
        page
    }

    /// Its links within the project that have no target.
    pub(super) fn broken_links(&self) -> Vec<String> {
        let inside = self.links.iter().filter(|link| !link.contains("://"));
        inside.filter(|link| !self.leads(link)).map(|link| format!("{}: {link}", self.path.display())).collect()
    }

    fn leads(&self, link: &str) -> bool {
        let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
        let path = self.path.parent().unwrap_or(&self.path).join(file);
        match anchor {
            None => path.exists(),
            Some(anchor) if file.is_empty() => self.has(anchor),
            Some(_) if path.extension().is_some_and(|extension| extension == "html") => path.is_file(), // a script reads it
            Some(anchor) => path.is_file() && Self::read(&path).has(anchor),
        }
    }

    fn has(&self, anchor: &str) -> bool {
        self.anchors.iter().any(|own| own == anchor)
    }

    /// The commands in blocks for the shell and in the running text.
    pub(super) fn commands(&self) -> Vec<String> {
        let blocks = self.blocks.iter().filter(|(language, _)| language == "sh" || language == "console");
        let lines = blocks.flat_map(|(_, text)| text.lines()).chain(self.spans.iter().map(String::as_str));
        let names_one =
            |line: &&str| COMMANDS.iter().any(|start| line.starts_with(start)) || line.contains("=1 cargo ");
        lines.map(str::trim).filter(names_one).map(str::to_owned).collect()
    }
}

/// GitHub's anchor of a heading.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|&c| c.is_alphanumeric() || c == ' ' || c == '-' || c == '_');
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// Returns whether the lines of the excerpt follow each other in the file. Ignores the indentation.
pub(super) fn has_excerpt(file: &str, excerpt: &str) -> bool {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let (file, excerpt) = (lines(file), lines(excerpt.trim()));
    file.windows(excerpt.len()).any(|lines| lines == excerpt)
}

#[test]
fn a_heading_has_the_anchor_that_github_gives_it() {
    let page = Page::parse("# 1. `if` instead of `while`, twice\n## Why?\n## Why?\n");
    assert_eq!(page.anchors, ["1-if-instead-of-while-twice", "why", "why-1"]);
}

#[test]
fn a_link_without_a_target_is_found() {
    let text = "# Here\n[a](#here) [b](#there) [c](docs.rs) [d](none.rs) [e](page.rs#x) [f](https://example.org) ![g](none.svg)";
    let page = Page { path: super::root().join("tests/programs/text.md"), ..Page::parse(text) };
    let broken: Vec<_> = page.links.iter().filter(|link| !link.contains("://") && !page.leads(link)).collect();
    assert_eq!(broken, ["#there", "none.rs", "page.rs#x", "none.svg"]);
    assert_eq!(page.broken_links().len(), 4);
}

#[test]
fn commands_are_found_in_blocks_and_in_the_text() {
    let page = Page::parse(
        "`cargo test` and `src/lib.rs`\n```sh\n  QUICK=1 cargo bench\ncargo loom # all\n```\n```text\ncargo no\n```\n",
    );
    assert_eq!(page.commands(), ["QUICK=1 cargo bench", "cargo loom # all", "cargo test", "src/lib.rs"]);
}

#[test]
fn an_excerpt_with_a_changed_line_is_not_found() {
    let file = "fn f() {\n    one();\n    two();\n}\n";
    assert!(has_excerpt(file, "one();\ntwo();\n"));
    assert!(!has_excerpt(file, "one();\nthree();\n"));
    assert!(!has_excerpt(file, "one();\n}\n"));
}
