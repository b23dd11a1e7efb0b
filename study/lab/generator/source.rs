//! The code that the page shows: a function of a source file, and in it the line of the next operation.

use bounded_buffer_model::record::Origin;
use bounded_buffer_model::step::Operation;
use gallery::source::file;
use serde_json::{Value, json};

/// The functions that the page shows, each stored once.
#[derive(Default)]
pub(crate) struct Excerpts {
    rows: Vec<(String, usize, usize)>,
}

impl Excerpts {
    /// The function around a location, and the line of the operation in it.
    ///
    /// # Panics
    ///
    /// If that line does not name the operation.
    pub(crate) fn find(&mut self, location: Origin, operation: Operation) -> (usize, usize) {
        let lines = file(location.file());
        let (first, last, at) = find(&lines, location.line() as usize - 1, operation)
            .unwrap_or_else(|| panic!("{location}: no line here names the operation {operation:?}"));
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
            json!({ "file": path, "line": first + 1, "lines": lines })
        });
        Value::Array(rows.collect())
    }
}

/// What the line of an operation contains: one of these.
fn names(operation: Operation) -> &'static [&'static str] {
    match operation {
        // A waiter that timed out takes the lock in the line of its wait.
        Operation::Lock => &[".lock()", ".wait_until("],
        Operation::Unlock => &["drop("],
        Operation::Wait(_) | Operation::Resume { .. } => &[".wait(", ".wait_until("],
        Operation::NotifyOne(_) => &[".notify_one("],
        Operation::NotifyAll(_) => &[".notify_all("],
        Operation::Load(_) => &[".load("],
        Operation::Store(_) => &[".store("],
        Operation::Modify(_) => &[".fetch_", "read_snapshot("],
        Operation::Yield => &["yield_now("],
        Operation::CallWaker => &[".wake()", ".wake_task()"],
        Operation::Poll => &["block_on("],
    }
}

/// The first and the last line of the function around a line, and the line that names the operation. None if no line does.
fn find(lines: &[String], at: usize, operation: Operation) -> Option<(usize, usize, usize)> {
    let (first, last) = function(lines, at)?;
    let has_name = |line: &usize| names(operation).iter().any(|name| lines[*line].contains(name));
    let line = match operation {
        // The location is the last use of the guarded value, which the call of a waker and the unlock follow.
        Operation::CallWaker => (at..=last).find(has_name),
        // The guard of such a line is dropped at its end, and another guard at the end of the function.
        Operation::Unlock if lines[at].contains(".lock().") => Some(at),
        // A return in the same block drops the guard before a `drop` further down does.
        Operation::Unlock => Some(returns(lines, at).or_else(|| (at..=last).find(has_name)).unwrap_or(last)),
        _ => Some(at).filter(has_name),
    };
    Some((first, last, line?))
}

/// The line of a `return` that follows a line in its block.
fn returns(lines: &[String], at: usize) -> Option<usize> {
    let inside = (at..lines.len()).take_while(|&line| indent(&lines[line]) >= indent(&lines[at]));
    let mut same = inside.filter(|&line| indent(&lines[line]) == indent(&lines[at]));
    same.find(|&line| lines[line].trim_start().starts_with("return"))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The first and the last line of the function around a line.
fn function(lines: &[String], at: usize) -> Option<(usize, usize)> {
    let is_head = |line: &usize| {
        let text = lines[*line].trim_start();
        ["fn ", "pub(crate) fn ", "pub fn "].iter().any(|head| text.starts_with(head))
    };
    let first = (0..=at).rev().find(is_head)?;
    let end = format!("{}}}", " ".repeat(indent(&lines[first])));
    let last = (first..lines.len()).find(|&line| lines[line] == end).filter(|&last| at <= last)?;
    Some((first, last))
}

#[test]
fn a_line_that_does_not_name_the_operation_is_no_place_of_it() {
    let text = "fn release(&self) {\n    let state = &mut *guard;\n    drop(guard);\n    wake.send();\n}\n\nconst N: usize = 3;";
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    assert_eq!(find(&lines, 1, Operation::Unlock), Some((0, 4, 2)));
    assert_eq!(find(&lines, 3, Operation::Unlock), Some((0, 4, 4)), "at the end of the function");
    let early =
        "fn pop(&self) {\n    if guard.is_full() {\n        guard.take();\n        return;\n    }\n    drop(guard);\n}";
    let early: Vec<_> = early.lines().map(str::to_owned).collect();
    assert_eq!(find(&early, 2, Operation::Unlock), Some((0, 6, 3)), "the guard is dropped at the return");
    assert_eq!(find(&early, 1, Operation::Unlock), Some((0, 6, 5)), "the block was not entered");
    assert_eq!(find(&lines, 1, Operation::CallWaker), None, "`send` calls no waker");
    assert_eq!(find(&lines, 1, Operation::Lock), None);
    assert_eq!(find(&lines, 6, Operation::Unlock), None, "outside of each function");
}
