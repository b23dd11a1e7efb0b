//! What happened in the running execution of a model: the door writes it down, the tests print it when a model fails.
//!
//! Writing it down is no operation of loom's, so it adds no schedule. loom runs all threads of a model on the one thread that
//! started it, so a thread-local log serves, and tests beside each other do not mix theirs up.

use std::cell::RefCell;
use std::fmt::{Display, Write};
use std::panic::Location;

use super::checker::thread::{self, Thread, ThreadId};

use crate::state::State;

/// One event, by the thread at this place in [`Log::threads`].
#[derive(Debug)]
pub struct Event {
    /// Whose.
    pub thread: usize,
    /// What it did.
    pub what: What,
    /// What the mutex guards, if it is not what was shown last.
    pub state: Option<String>,
}

/// Where a condition variable was made: its line of source tells its name.
pub type Made = &'static Location<'static>;

/// What can happen.
#[derive(Debug)]
pub enum What {
    /// Asks for the lock; it may have to wait.
    Asks,
    /// Has the lock.
    Locks,
    /// Changed what the mutex guards and keeps the lock.
    Changes,
    /// Lets go of the lock.
    Unlocks,
    /// Lets go of the lock and sleeps.
    Waits(Made),
    /// Sleeps no more, because a notification chose it.
    Wakes,
    /// Sleeps no more, because the time is up.
    TimesOut,
    /// Notifies: the threads chosen.
    Notifies(Made, Vec<usize>),
    /// Looks at a len_snapshot.
    Looks(usize),
    /// Something the model tells about itself.
    Says(String),
}

/// The events of one execution.
#[derive(Debug, Default)]
pub struct Log {
    on: bool,
    ids: Vec<ThreadId>,
    /// Names of the threads, in order of their first event.
    pub threads: Vec<String>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Who has the lock.
    pub holder: Option<usize>,
    /// The state when it was last looked at, and when it was last shown.
    state: String,
    shown: String,
}

std::thread_local! {
    static LOG: RefCell<Log> = RefCell::default();
}

/// Begins the log of an execution, in its main thread, and forgets what was before.
pub fn begin() {
    with(|log| {
        *log = Log { on: true, ..Log::default() };
        log.column(&thread::current());
    });
}

/// Ends the log and hands it out, if one was begun.
#[must_use]
pub fn end() -> Option<Log> {
    Some(LOG.take()).filter(|log| log.on)
}

/// Lets a model tell what it does.
pub fn says(text: impl Display) {
    record(What::Says(text.to_string()));
}

/// Writes an event down.
pub(super) fn record(what: What) {
    with(|log| {
        if log.on {
            let thread = log.column(&thread::current());
            log.push(thread, what);
        }
    });
}

/// Writes a notification down.
pub(super) fn notifies<'a>(made: Made, chosen: impl Iterator<Item = &'a Thread>) {
    with(|log| {
        if log.on {
            let chosen = chosen.map(|thread| log.column(thread)).collect();
            let thread = log.column(&thread::current());
            if log.state != log.shown && log.holder == Some(thread) {
                log.push(thread, What::Changes);
            }
            log.push(thread, What::Notifies(made, chosen));
        }
    });
}

/// Takes note of the state, under the lock. It is shown with the next event after which it counts.
pub(super) fn state(describe: impl FnOnce(&mut String)) {
    with(|log| {
        if log.on {
            log.state.clear();
            describe(&mut log.state);
        }
    });
}

impl Log {
    fn push(&mut self, thread: usize, what: What) {
        match what {
            What::Locks => self.holder = Some(thread),
            What::Unlocks | What::Waits(_) => self.holder = None,
            _ => {}
        }
        let counts = matches!(what, What::Changes | What::Unlocks | What::Waits(_)) && self.state != self.shown;
        if counts {
            self.shown.clone_from(&self.state);
        }
        let state = counts.then(|| self.state.clone());
        self.events.push(Event { thread, what, state });
    }

    fn column(&mut self, thread: &Thread) -> usize {
        self.ids.iter().position(|&id| id == thread.id()).unwrap_or_else(|| {
            self.ids.push(thread.id());
            let number = self.ids.len() - 1;
            let unnamed = || if number == 0 { "main".to_owned() } else { format!("thread {number}") };
            self.threads.push(thread.name().map_or_else(unnamed, str::to_owned));
            number
        })
    }
}

/// How what a mutex guards is shown.
pub trait Describe {
    /// Writes it in a few words.
    fn describe(&self, to: &mut String);
}

impl<T: Display> Describe for T {
    fn describe(&self, to: &mut String) {
        // Writing to a string does not fail.
        _ = write!(to, "{self}");
    }
}

/// The shipped buffer's state. Items are the user's and have no looks.
impl<T> Describe for State<T> {
    fn describe(&self, to: &mut String) {
        let closed = if self.closed { ", closed" } else { "" };
        let sides = [("producers", &self.producers), ("consumers", &self.consumers)];
        let [producers, consumers] =
            sides.map(|(name, side)| waiting(name, side.waiting as usize, side.wakeup_pending));
        _ = write!(to, "{} of {} slots taken{closed}{producers}{consumers}", self.ring.len(), self.ring.capacity());
    }
}

/// In words, who waits on a side.
#[must_use]
pub fn waiting(side: &str, waiting: usize, wakeup_pending: bool) -> String {
    match (waiting, wakeup_pending) {
        (0, false) => String::new(),
        (_, false) => format!("; {side}: {waiting} waiting"),
        (_, true) => format!("; {side}: {waiting} waiting, wake-up pending"),
    }
}

/// Destructors of a failed execution run outside of it, where loom knows no threads.
fn with(f: impl FnOnce(&mut Log)) {
    if !std::thread::panicking() {
        LOG.with_borrow_mut(f);
    }
}
