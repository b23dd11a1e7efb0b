//! Litmus programs: small programs that show one behaviour of the primitives. They run on parking_lot (`main.rs`) and, explored by
//! loom, on the model of it (`../litmus.rs`). docs/verification.md has the table.

use std::fmt;
use std::time::Instant;

use super::primitives::{Arc, Condvar, JoinHandle, Mutex, arrived, hold, soon, spawn};

/// The outcome of a program, or `None` if a thread was too slow for it to show something.
pub(crate) type Outcome = Option<&'static str>;

#[derive(Default)]
pub(crate) struct State {
    /// The number of threads that have begun to wait.
    pub(crate) arrived: usize,
    /// The threads that have returned, by their order of arrival.
    returned: Vec<usize>,
    /// No thread begins to wait any more.
    is_over: bool,
}

pub(crate) struct Shared {
    pub(crate) state: Mutex<State>,
    condvar: Condvar,
    /// Notified when a thread has returned.
    has_returned: Condvar,
}

/// How a wait ended.
pub(crate) struct Return {
    timed_out: bool,
    /// Whether the program was over.
    is_over: bool,
}

type Thread = JoinHandle<Return>;

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} have arrived, {} have returned", self.arrived, self.returned.len())
    }
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::default()), condvar: Condvar::new(), has_returned: Condvar::new() })
    }

    /// Waits until notified, or until the deadline.
    fn wait(&self, deadline: Option<Instant>) -> Return {
        let mut state = self.state.lock();
        if state.is_over {
            return Return { timed_out: false, is_over: true };
        }
        let place = state.arrived;
        state.arrived += 1;
        let timed_out = if let Some(deadline) = deadline {
            self.condvar.wait_until(&mut state, deadline).timed_out()
        } else {
            self.condvar.wait(&mut state);
            false
        };
        state.returned.push(place);
        let is_over = state.is_over;
        drop(state);
        self.has_returned.notify_one();
        Return { timed_out, is_over }
    }

    fn end(&self) {
        self.state.lock().is_over = true;
    }
}

fn waiter(shared: &Arc<Shared>) -> Thread {
    let shared = shared.clone();
    spawn(move || shared.wait(None))
}

fn timed_waiter(shared: &Arc<Shared>) -> Thread {
    let shared = shared.clone();
    spawn(move || shared.wait(Some(soon())))
}

/// Runs `body` once as many threads as there are wait, or have waited and timed out.
fn with<const N: usize>(
    waiters: [fn(&Arc<Shared>) -> Thread; N],
    body: impl FnOnce(&Shared, [Thread; N]) -> &'static str,
) -> Option<&'static str> {
    let shared = Shared::new();
    let threads = waiters.map(|waiter| waiter(&shared));
    if arrived(&shared, N) {
        return Some(body(&shared, threads));
    }
    shared.end();
    shared.condvar.notify_all();
    join_all(threads);
    None
}

fn join(thread: Thread) -> Return {
    thread.join().expect("the thread ends")
}

fn join_all<const N: usize>(threads: [Thread; N]) {
    for thread in threads {
        join(thread);
    }
}

pub(crate) fn a_notification_without_a_waiter_is_lost() -> Outcome {
    with([], |shared, []| {
        let results = (shared.condvar.notify_one(), shared.condvar.notify_all());
        let timed_out = shared.wait(Some(Instant::now())).timed_out;
        if results == (false, 0) && timed_out { "lost" } else { "kept" }
    })
}

/// The waiter cannot be seen in between: the lock is released, and the waiter is not in the queue.
pub(crate) fn a_wait_unlocks_and_enqueues_in_one_step() -> Outcome {
    with([waiter], |shared, [thread]| {
        let found = shared.condvar.notify_one();
        join(thread);
        if found { "found" } else { "not found" }
    })
}

pub(crate) fn a_notification_wakes_either_waiter() -> Outcome {
    with([waiter, waiter], |shared, threads| {
        let found = shared.condvar.notify_one();
        let mut state = shared.state.lock();
        while state.returned.is_empty() {
            shared.has_returned.wait(&mut state);
        }
        let first = state.returned[0];
        drop(state);
        let others = shared.condvar.notify_all();
        join_all(threads);
        match (found, others, first) {
            (true, 1, 0) => "the first",
            (true, 1, 1) => "the last",
            _ => "not one",
        }
    })
}

pub(crate) fn each_notification_wakes_one_waiter() -> Outcome {
    with([waiter, waiter], |shared, threads| {
        let found = [(); 3].map(|()| shared.condvar.notify_one());
        join_all(threads);
        if found == [true, true, false] { "one waiter" } else { "another number" }
    })
}

pub(crate) fn a_notification_of_all_wakes_and_counts_all() -> Outcome {
    with([waiter, waiter], |shared, threads| {
        let count = shared.condvar.notify_all();
        join_all(threads);
        if count == 2 { "all" } else { "another number" }
    })
}

/// The thread that notifies holds the lock: parking_lot moves the waiter to the queue of the mutex.
pub(crate) fn a_waiter_notified_under_the_lock_returns_after_the_unlock() -> Outcome {
    with([waiter], |shared, [thread]| {
        let mut state = shared.state.lock();
        let found = shared.condvar.notify_one();
        state.is_over = true;
        drop(state);
        match (found, join(thread).is_over) {
            (true, true) => "after the unlock",
            _ => "before the unlock",
        }
    })
}

/// Uses of the lock and of another condition variable wake no waiter.
pub(crate) fn a_waiter_that_is_not_notified_waits() -> Outcome {
    with([waiter], |shared, [thread]| {
        let others = shared.has_returned.notify_all();
        drop(shared.state.lock());
        shared.end();
        shared.condvar.notify_one();
        match (others, join(thread).is_over) {
            (0, true) => "waits",
            _ => "returns",
        }
    })
}

fn of_race(found: bool, timed_out: bool) -> &'static str {
    match (found, timed_out) {
        (true, false) => "notified",
        (false, true) => "timed out",
        (true, true) => "both",
        (false, false) => "neither",
    }
}

pub(crate) fn a_waiter_is_notified_or_times_out() -> Outcome {
    with([timed_waiter], |shared, [thread]| {
        let found = shared.condvar.notify_one();
        of_race(found, join(thread).timed_out)
    })
}

/// The deadline passes while the waiter is in the queue of the mutex.
pub(crate) fn a_waiter_notified_under_the_lock_does_not_time_out() -> Outcome {
    with([timed_waiter], |shared, [thread]| {
        let state = shared.state.lock();
        let found = shared.condvar.notify_one();
        hold();
        drop(state);
        of_race(found, join(thread).timed_out)
    })
}

/// One notification, and one waiter that can time out at the same moment.
pub(crate) fn a_waiter_that_times_out_leaves_the_notification_to_another() -> Outcome {
    with([timed_waiter, waiter], |shared, [timed, patient]| {
        let found = shared.condvar.notify_one();
        let timed_out = join(timed).timed_out;
        let others = shared.condvar.notify_all();
        join(patient);
        match (found, timed_out, others) {
            (true, true, 0) => "to the other",
            (true, false, 1) => "to the timed one",
            _ => "to none or both",
        }
    })
}

/// Passes to a macro each program, what the model and parking_lot do, and what parking_lot permits, but was not seen to do. The model
/// does no more, and does all of it.
macro_rules! each_program {
    ($each:ident) => {
        $each! {
            a_notification_without_a_waiter_is_lost: ["lost"], [];
            a_wait_unlocks_and_enqueues_in_one_step: ["found"], [];
            a_notification_wakes_either_waiter: ["the first"], ["the last"];
            each_notification_wakes_one_waiter: ["one waiter"], [];
            a_notification_of_all_wakes_and_counts_all: ["all"], [];
            a_waiter_notified_under_the_lock_returns_after_the_unlock: ["after the unlock"], [];
            a_waiter_that_is_not_notified_waits: ["waits"], [];
            a_waiter_is_notified_or_times_out: ["notified", "timed out"], [];
            a_waiter_notified_under_the_lock_does_not_time_out: ["notified", "timed out"], [];
            a_waiter_that_times_out_leaves_the_notification_to_another: ["to the other", "to the timed one"], [];
        }
    };
}
pub(crate) use each_program;
