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

fn read(path: &str) -> String {
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
fn each_excerpt_of_the_guide_is_in_its_file() {
    let guide = Page::read(&root().join("docs/internals.md"));
    let texts = |paths: Vec<PathBuf>| paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<Vec<_>>();
    let sources = texts([files("src", ".rs"), files("study/ladder/src", ".rs")].concat());
    let gallery = [read("docs/gallery.md")];
    let specification = [read("spec/BoundedBuffer.tla"), read("spec/Properties.tla")];
    let mut number = 0;
    for (language, excerpt) in &guide.blocks {
        let files = match language.as_str() {
            "rust" => &sources[..],
            "text" => &gallery,
            "tla" => &specification,
            _ => continue,
        };
        number += 1;
        assert!(files.iter().any(|file| page::has_excerpt(file, excerpt)), "no file contains:\n{excerpt}");
    }
    assert!(number >= 3, "there are excerpts");
}

#[test]
fn each_excerpt_of_the_page_about_the_proof_is_in_its_file() {
    let page = Page::read(&root().join("docs/proof.md"));
    let proof = read("spec/threads.py");
    let excerpts: Vec<_> = page.blocks.iter().filter(|(language, _)| language == "python").collect();
    for (_, excerpt) in &excerpts {
        assert!(page::has_excerpt(&proof, excerpt), "spec/threads.py does not contain:\n{excerpt}");
    }
    assert_eq!(excerpts.len(), 3);
}

#[test]
fn each_excerpt_of_the_page_about_select_is_in_its_example() {
    let page = Page::read(&root().join("docs/select.md"));
    let example = read("examples/select/src/main.rs");
    let excerpts: Vec<_> = page.blocks.iter().filter(|(language, _)| language == "rust").collect();
    for (_, excerpt) in &excerpts {
        assert!(page::has_excerpt(&example, excerpt), "the example does not contain:\n{excerpt}");
    }
    assert_eq!(excerpts.len(), 4);
}
