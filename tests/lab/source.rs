//! Lines of source files, by the locations that the compiler reports.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;

use bounded_buffer::sync::model::record::Origin;
use bounded_buffer::sync::model::step::Operation;
use serde_json::{Value, json};

std::thread_local! {
    static FILES: RefCell<BTreeMap<String, Rc<Vec<String>>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The lines of a file.
pub(crate) fn file(path: &str) -> Rc<Vec<String>> {
    FILES.with_borrow_mut(|files| {
        let read = || {
            let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
            Rc::new(text.lines().map(str::to_owned).collect())
        };
        files.entry(path.to_owned()).or_insert_with(read).clone()
    })
}

/// One line, counted from 1.
pub(crate) fn line(path: &str, line: u32) -> String {
    file(path).get(line as usize - 1).cloned().unwrap_or_default()
}

/// The functions that the page shows, each stored once.
#[derive(Default)]
pub(crate) struct Excerpts {
    rows: Vec<(String, usize, usize)>,
}

impl Excerpts {
    /// The function around a location, and the line of the operation in it. An unlock and the call of a waker are later than the
    /// location, which is the last use of the guarded value.
    pub(crate) fn find(&mut self, location: Origin, operation: Operation) -> (usize, usize) {
        let lines = file(location.file());
        let mut at = location.line() as usize - 1;
        let (first, last) = function(&lines, at);
        let later = |of: &[&str]| (at..=last).find(|&line| of.iter().any(|text| lines[line].contains(text)));
        if operation == Operation::CallWaker {
            at = later(&[".wake()", ".send("]).unwrap_or(at);
        } else if operation == Operation::Unlock && !lines[at].contains(".lock().") {
            at = later(&["drop("]).unwrap_or(last);
        }
        let row = (location.file().to_owned(), first, last);
        let index = self.rows.iter().position(|known| *known == row).unwrap_or_else(|| {
            self.rows.push(row);
            self.rows.len() - 1
        });
        (index, at - first)
    }

    pub(crate) fn json(&self) -> Value {
        let rows = self.rows.iter().map(|(path, first, last)| {
            let lines = file(path);
            let lines = &lines[*first..=*last];
            let indent =
                lines.iter().filter(|line| !line.is_empty()).map(|line| indent(line)).min().unwrap_or_default();
            let lines: Vec<_> = lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
            json!({ "file": path.replace("lab/../", ""), "line": first + 1, "lines": lines })
        });
        Value::Array(rows.collect())
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The first and the last line of the function around a line.
fn function(lines: &[String], at: usize) -> (usize, usize) {
    let is_head = |line: &&usize| {
        let text = lines[**line].trim_start();
        ["fn ", "pub(crate) fn ", "pub fn "].iter().any(|head| text.starts_with(head))
    };
    let first = (0..=at).rev().collect::<Vec<_>>().iter().find(is_head).copied().unwrap_or(at);
    let end = format!("{}}}", " ".repeat(indent(&lines[first])));
    let last = (first..lines.len()).find(|&line| lines[line] == end).unwrap_or(at);
    (first, last)
}
