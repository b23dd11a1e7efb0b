//! The events of the running execution of a model. The facade records them; tests print them when a model fails.
//!
//! Recording is no operation of the checker, so it adds no schedule. loom runs all threads of a model on the thread
//! that started it, so a thread-local log suffices, and tests that run in parallel do not mix their events.

use std::cell::RefCell;
use std::fmt::Display;
use std::panic::Location;

use crate::checker::thread::{self, Thread, ThreadId};

/// A line of source: of an event, or of the creation of a condition variable, which identifies it.
pub type Origin = &'static Location<'static>;

/// One event of one thread.
#[derive(Debug)]
pub struct Event {
    /// Index of the thread in [`Log::threads`].
    pub thread: usize,
    /// What the thread did.
    pub action: Action,
    /// The line that called into the facade. `None` for [`Action::Unlock`], because a drop has no caller.
    pub location: Option<Origin>,
    /// The value behind the mutex, if it differs from the last one shown.
    pub state: Option<String>,
    /// Which mutex of the execution: for an event that requests, acquires or releases one.
    pub mutex: Option<usize>,
    /// The numbers behind the mutex at its release, if the log [keeps them](begin_with_numbers).
    pub numbers: Option<String>,
}

/// What a thread can do.
#[derive(Clone, Debug)]
pub enum Action {
    /// Requests the lock, and blocks if another thread holds it.
    RequestLock,
    /// Acquires the lock.
    Lock,
    /// Changed the value behind the mutex and still holds the lock.
    Change,
    /// Releases the lock.
    Unlock,
    /// Releases the lock and parks on the condition variable of this origin.
    Wait(Origin),
    /// Stops waiting because it was notified, or because its waker was called.
    Wake,
    /// Stops waiting because its time is up.
    TimeOut,
    /// Notifies the condition variable of this origin, which wakes these threads.
    Notify(Origin, Vec<usize>),
    /// Parks until its waker is called, because its future is pending.
    Suspend,
    /// Calls the waker of this thread.
    CallWaker(usize),
    /// Reads a length snapshot without the lock.
    ReadSnapshot(usize),
    /// A note of the model itself.
    Note(String),
}

/// The events of one execution.
#[derive(Debug, Default)]
pub struct Log {
    /// Whether a log was started.
    pub enabled: bool,
    ids: Vec<ThreadId>,
    /// Names of the threads, in order of their first event.
    pub threads: Vec<String>,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The thread that holds the lock.
    pub holder: Option<usize>,
    /// The value behind the mutex at its last use.
    pub state: String,
    /// The last value that an event shows.
    shown: String,
    mutexes: usize,
    keeps_numbers: bool,
    numbers: Option<String>,
}

std::thread_local! {
    static LOG: RefCell<Log> = RefCell::default();
}

/// Starts the log of an execution and discards the previous one. Called by the execution's main thread.
pub fn begin() {
    with(|log| {
        *log = Log { enabled: true, ..Log::default() };
        log.index(&thread::current());
    });
}

/// As [`begin`]. The events that release a mutex show the numbers behind it, for [`trace`](crate::trace).
pub fn begin_with_numbers() {
    begin();
    with(|log| log.keeps_numbers = true);
}

/// Ends the log and returns it, if one was started.
#[must_use]
pub fn end() -> Option<Log> {
    Some(LOG.take()).filter(|log| log.enabled)
}

/// Reads the log of the running execution.
pub fn read<R>(f: impl FnOnce(&Log) -> R) -> R {
    LOG.with_borrow(f)
}

/// Adds a note to the log, such as the operation that the model calls.
#[track_caller]
pub fn note(text: impl Display) {
    record(Action::Note(text.to_string()));
}

#[track_caller]
pub(crate) fn record(action: Action) {
    let location = Location::caller();
    with(|log| log.push_current(action, Some(location)));
}

/// Records an event of a mutex.
#[track_caller]
pub(crate) fn record_on(mutex: usize, action: Action) {
    let location = Location::caller();
    with(|log| {
        log.push_current(action, Some(location));
        log.set_mutex(mutex);
    });
}

pub(crate) fn record_unlock(mutex: usize) {
    with(|log| {
        log.push_current(Action::Unlock, None);
        log.set_mutex(mutex);
    });
}

/// Returns a number for a new mutex.
pub(crate) fn next_mutex() -> usize {
    LOG.with_borrow_mut(|log| {
        log.mutexes += 1;
        log.mutexes - 1
    })
}

#[track_caller]
pub(crate) fn record_notification<'a>(condvar: Origin, woken: impl Iterator<Item = &'a Thread>) {
    let location = Location::caller();
    with(|log| {
        if log.enabled {
            let woken = woken.map(|thread| log.index(thread)).collect();
            let thread = log.index(&thread::current());
            if log.state != log.shown && log.holder == Some(thread) {
                log.push(thread, Action::Change, Some(location));
            }
            log.push(thread, Action::Notify(condvar, woken), Some(location));
        }
    });
}

#[track_caller]
pub(crate) fn record_call_of_waker(woken: &Thread) {
    let location = Location::caller();
    with(|log| {
        if log.enabled {
            let woken = log.index(woken);
            log.push_current(Action::CallWaker(woken), Some(location));
        }
    });
}

/// Returns the name of a thread.
pub(crate) fn name_of(thread: &Thread) -> String {
    LOG.with_borrow_mut(|log| {
        let index = log.index(thread);
        log.threads[index].clone()
    })
}

/// Sets the value behind the mutex. The next event that releases the lock shows it.
pub(crate) fn set_state(state: impl FnOnce() -> String) {
    with(|log| {
        if log.enabled {
            log.state = state();
        }
    });
}

/// Sets the numbers behind the mutex for the event that releases it.
pub(crate) fn set_numbers(numbers: impl FnOnce() -> String) {
    with(|log| {
        if log.keeps_numbers {
            log.numbers = Some(numbers());
        }
    });
}

impl Log {
    fn set_mutex(&mut self, mutex: usize) {
        if let Some(event) = self.events.last_mut().filter(|_| self.enabled) {
            event.mutex = Some(mutex);
        }
    }

    fn push_current(&mut self, action: Action, location: Option<Origin>) {
        if self.enabled {
            let thread = self.index(&thread::current());
            self.push(thread, action, location);
        }
    }

    fn push(&mut self, thread: usize, action: Action, location: Option<Origin>) {
        match action {
            Action::Lock => self.holder = Some(thread),
            Action::Unlock | Action::Wait(_) => self.holder = None,
            _ => {}
        }
        let shows = matches!(action, Action::Change | Action::Unlock | Action::Wait(_)) && self.state != self.shown;
        if shows {
            self.shown.clone_from(&self.state);
        }
        let state = shows.then(|| self.state.clone());
        let numbers = self.numbers.take();
        self.events.push(Event { thread, action, location, state, mutex: None, numbers });
    }

    fn index(&mut self, thread: &Thread) -> usize {
        self.ids.iter().position(|&id| id == thread.id()).unwrap_or_else(|| {
            self.ids.push(thread.id());
            let index = self.ids.len() - 1;
            let default_name = || if index == 0 { "main".to_owned() } else { format!("thread {index}") };
            self.threads.push(thread.name().map_or_else(default_name, str::to_owned));
            index
        })
    }
}

/// Skips panicking threads: the destructors of a failed execution run outside of it, where loom has no current thread.
fn with(f: impl FnOnce(&mut Log)) {
    if !std::thread::panicking() {
        LOG.with_borrow_mut(f);
    }
}
