//! The source files of this repository, for the pages that quote them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;

std::thread_local! {
    static FILES: RefCell<BTreeMap<String, Rc<Vec<String>>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Where a file of the repository is. The paths that the compiler reports are relative to the repository.
pub fn path(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

/// The lines of a file of the repository.
pub fn file(path: &str) -> Rc<Vec<String>> {
    FILES.with_borrow_mut(|files| {
        let read = || {
            let text = fs::read_to_string(self::path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            Rc::new(text.lines().map(str::to_owned).collect())
        };
        files.entry(path.to_owned()).or_insert_with(read).clone()
    })
}

/// One line, counted from 1.
pub fn line(path: &str, line: u32) -> String {
    file(path).get(line as usize - 1).unwrap_or_else(|| panic!("{path} has no line {line}")).clone()
}

/// The comment of a function.
pub fn comment(path: &str, function: &str) -> String {
    let lines = file(path);
    let is_head = |line: &String| line.starts_with(&format!("pub fn {function}("));
    let at = lines.iter().position(is_head).unwrap_or_else(|| panic!("{function} is in {path}"));
    let comment: Vec<_> = lines[..at].iter().rev().map_while(|line| line.strip_prefix("/// ")).collect();
    comment.into_iter().rev().collect::<Vec<_>>().join(" ")
}
