//! The links, commands, names, excerpts and exercises of the documents, compared with the files and programs that they name.

mod command;
mod exercise;
mod name;
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use crate::program;
use page::Page;

fn root() -> &'static Path {
    Path::new(program::ROOT)
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The files below `directory` whose names end with `end`, without build output.
fn files(directory: &str, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(directory)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(path.to_str().unwrap(), end));
        } else if name.ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn documents() -> Vec<Page> {
    let pages: Vec<_> = files("", ".md").iter().map(|path| Page::read(path)).collect();
    assert!(pages.len() >= 6, "README, BENCHMARKS, CHANGELOG, internals, gallery, verification");
    pages
}

pub(crate) fn first_program_of_the_readme() -> String {
    let readme = Page::read(&root().join("README.md"));
    readme.blocks.into_iter().find(|(language, _)| language == "rust").expect("it has a program").1
}

/// Fails with all findings, not only with the first.
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_link_has_a_target() {
    let pages = documents();
    let wrong: Vec<_> = pages.iter().flat_map(Page::broken_links).collect();
    assert_none(&wrong);
    assert!(pages.iter().map(|page| page.links.len()).sum::<usize>() > 50, "there are links");
}

#[test]
fn each_command_names_existing_targets_files_and_flags() {
    let mut number = 0;
    let mut wrong = Vec::new();
    for page in documents() {
        for command in page.commands() {
            number += 1;
            wrong
                .extend(command::fault(&command).map(|fault| format!("{}: `{command}`: {fault}", page.path.display())));
        }
    }
    assert_none(&wrong);
    assert!(number > 30, "there are commands");
}

/// In the guide, Rust is from `src/` or the ladder, a timeline from the gallery, and TLA+ from the specification.
#[test]
fn each_excerpt_of_a_page_is_in_its_files() {
    let quoted = [
        ("docs/internals.md", "rust", [files("src", ".rs"), files("study/ladder/src", ".rs")].concat(), 1),
        ("docs/internals.md", "text", files("docs", "gallery.md"), 1),
        ("docs/internals.md", "tla", files("spec", ".tla"), 1),
        ("docs/proof.md", "python", files("spec", "threads.py"), 3),
        ("docs/select.md", "rust", files("examples/select/src", ".rs"), 6),
        ("docs/recipes.md", "rust", files("examples/recipes/src", ".rs"), 11),
    ];
    for (name, language, paths, least) in quoted {
        let texts: Vec<_> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let page = Page::read(&root().join(name));
        let excerpts: Vec<_> = page.blocks.iter().filter(|(of, _)| of == language).collect();
        for (_, excerpt) in &excerpts {
            assert!(
                texts.iter().any(|text| page::has_excerpt(text, excerpt)),
                "{name}: no file of {paths:?} contains:\n{excerpt}"
            );
        }
        assert!(excerpts.len() >= least, "{name} has {} excerpts of {language}", excerpts.len());
    }
}

/// A reader who copies the program of either page gets the same one.
#[test]
fn the_program_of_the_readme_is_the_first_of_the_crate() {
    let source = read("src/lib.rs");
    let page: Vec<_> = source.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let first = page.split(|line| line.trim() == "```").nth(1).expect("the crate's page has a program");
    let lines: Vec<_> = first.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    assert_eq!(first_program_of_the_readme().lines().collect::<Vec<_>>(), lines);
}

/// The first page of a stranger.
#[test]
fn the_readme_is_short() {
    assert!(read("README.md").lines().count() <= 120);
}
