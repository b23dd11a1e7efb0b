//! The last execution of a model as a timeline that needs no knowledge of loom: one column per thread, time downwards, and
//! the state of the buffer wherever it changed.

use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use bounded_buffer_model::record::{self, Action, Event, Log, Origin};
use gallery::source;

use crate::harness::{Model, test};

/// The widest line, in characters.
pub(crate) const WIDTH: usize = 100;
/// The least width of the column of the buffer's state.
const STATE: usize = 28;
const BETWEEN: &str = " │ ";
/// A space at which no line is broken.
const SPACE: &str = "\u{a0}";

/// Returns the execution that just failed, and how it failed. `None` if none was recorded.
pub(crate) fn of_failure(panic: &PanicHookInfo<'_>) -> Option<String> {
    let log = record::end()?;
    let message = panic.payload_as_str().unwrap_or("a panic without a message");
    Some(format!("{}\n{}\n", table(&log), ending(&log, message)))
}

fn table(log: &Log) -> String {
    let columns: Vec<usize> =
        (0..log.threads.len()).filter(|&thread| log.events.iter().any(|event| event.thread == thread)).collect();
    let room = WIDTH - columns.len() * BETWEEN.chars().count();
    let state = STATE.max(room / (columns.len() + 1));
    let mut widths = vec![(room - state) / columns.len().max(1); columns.len()];
    widths.push(state);

    let heads: Vec<_> = columns.iter().map(|&thread| log.threads[thread].as_str()).chain(["buffer"]).collect();
    let rule: Vec<_> = widths.iter().map(|&width| "─".repeat(width)).collect();
    let mut lines = vec![line(&heads, &widths), rule.join("─┼─")];
    for (at, event) in log.events.iter().enumerate() {
        let gets_it = || log.events[at + 1..].iter().any(|later| later.thread == event.thread);
        if matches!(event.action, Action::RequestLock) && gets_it() {
            continue;
        }
        let of = columns.iter().take_while(|&&thread| thread != event.thread).count();
        let what = wrap(&words(log, event), widths[of]);
        let state = wrap(event.state.as_deref().unwrap_or_default(), state);
        for row in 0..what.len().max(state.len()) {
            let mut cells = vec![""; widths.len()];
            cells[of] = what.get(row).map_or("", String::as_str);
            cells[columns.len()] = state.get(row).map_or("", String::as_str);
            lines.push(line(&cells, &widths));
        }
    }
    lines.join("\n")
}

fn line(cells: &[&str], widths: &[usize]) -> String {
    let cells: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    cells.join(BETWEEN).trim_end().replace(SPACE, " ")
}

/// Breaks between words; the lines after the first are indented.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let indent = " ".repeat(text.chars().take_while(|&c| c == ' ').count() + 2);
    for word in text.trim_start().split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("{indent}{word}")),
            None => lines.push(format!("{}{word}", &indent[2..])),
        }
    }
    lines
}

/// An event in plain words. Events of the facade are indented below the notes of the model.
fn words(log: &Log, event: &Event) -> String {
    match &event.action {
        Action::RequestLock => "  requests the lock".to_owned(),
        Action::Lock => "  locks".to_owned(),
        Action::Change => "  changes the buffer".to_owned(),
        Action::Unlock => "  unlocks".to_owned(),
        Action::Wait(condvar) => format!("  waits on {} (unlocks)", condvar_name(condvar)),
        Action::Wake => "  wakes".to_owned(),
        Action::TimeOut => "  times out".to_owned(),
        Action::Notify(condvar, woken) => {
            let mut names: Vec<_> = woken.iter().map(|&thread| log.threads[thread].replace(' ', SPACE)).collect();
            if names.is_empty() {
                names.push("none".to_owned());
            }
            format!("  notifies {} →{SPACE}{}", condvar_name(condvar), names.join(", "))
        }
        Action::Suspend => "  is pending".to_owned(),
        Action::CallWaker(woken) => format!("  calls a waker →{SPACE}{}", log.threads[*woken].replace(' ', SPACE)),
        Action::ReadSnapshot(len) => format!("  reads the length snapshot: {len}"),
        Action::Note(text) => text.clone(),
    }
}

/// The name of a condition variable: the field or variable in the line of source that creates it.
fn condvar_name(condvar: Origin) -> String {
    let line = source::line(condvar.file(), condvar.line());
    let name = line.split([':', '=']).next().unwrap_or_default().split_whitespace().last().unwrap_or_default();
    if name.is_empty() { condvar.to_string() } else { name.to_owned() }
}

/// How it failed: the blocked threads, or the message of the panic.
fn ending(log: &Log, message: &str) -> String {
    if message.starts_with("deadlock") {
        let stuck: Vec<_> = (0..log.threads.len()).filter_map(|thread| stuck(log, thread)).collect();
        return format!("deadlock: {}", stuck.join("; "));
    }
    format!("failure: {}", message.trim_end())
}

/// What a thread of a deadlock is blocked on. `None` if it waits for the end of another thread.
fn stuck(log: &Log, thread: usize) -> Option<String> {
    let name = &log.threads[thread];
    match &log.events.iter().rfind(|event| event.thread == thread)?.action {
        Action::RequestLock => {
            let holder = log.holder.map_or("no thread", |holder| &log.threads[holder]);
            let holder = if holder == name { "itself" } else { holder };
            Some(format!("{name} is blocked on the lock, held by {holder}"))
        }
        Action::Wait(condvar) => Some(format!("{name} is blocked on {}", condvar_name(condvar))),
        Action::Suspend => Some(format!("{name} waits for a call of its waker")),
        _ => None,
    }
}

/// Counts the executions of a model with waits, time-outs and notifications.
fn executions(recorded: bool) -> usize {
    let executions = Arc::new(AtomicUsize::new(0));
    let count = executions.clone();
    loom::model(move || {
        if recorded {
            record::begin();
        }
        count.fetch_add(1, Ordering::Relaxed); // loom runs one thread at a time
        let buffer = loom::sync::Arc::new(BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park));
        let shared = buffer.clone();
        let consumer = loom::thread::spawn(move || {
            _ = shared.pop_timeout(std::time::Duration::ZERO);
            shared.close();
        });
        while buffer.push(1).is_ok() {}
        consumer.join().unwrap();
    });
    drop(record::end());
    executions.load(Ordering::Relaxed)
}

fn recording_adds_no_execution() {
    let without = executions(false);
    assert!(without > 10, "only {without}");
    assert_eq!(executions(true), without);
}

pub(crate) const MODELS: &[Model] = &[test("recording_adds_no_execution", recording_adds_no_execution)];
