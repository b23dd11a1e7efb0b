//! The state of a running execution, kept from what the facade reports: which thread holds the lock, which threads wait,
//! what each thread did, and what each thread can do next.

mod events;

use std::fmt::Write;

use bounded_buffer_model::record::Origin;
use bounded_buffer_model::step::Operation;

/// The longest value history of an atomic that a load can choose from is that of one scene, so it stays short.
#[derive(Clone, Debug)]
pub(crate) struct Atomic {
    pub(crate) origin: Origin,
    pub(crate) values: Vec<usize>,
    /// For each thread, and last for the lock: the oldest value that a load may still return.
    views: Vec<usize>,
}

/// One thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thread {
    pub(crate) name: String,
    /// The operation before which the thread stands; none if it has ended or joins others.
    pub(crate) stop: Option<Stop>,
    /// Each call with its result, as the model notes them.
    pub(crate) calls: Vec<(String, Option<String>)>,
    /// What the thread has read during the current call: the rest of its local state follows from the program.
    observed: Vec<String>,
    /// The last line that used the value behind the mutex: the unlock comes after it.
    used: Option<Origin>,
    /// The waker of the thread was called, and the thread has not polled its future since.
    pub(crate) woken: bool,
    /// The thread returns from a wait, so that it takes the lock in the same step.
    resumes: bool,
    pub(crate) ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) operation: Operation,
    pub(crate) location: Origin,
}

/// What a thread does when it is chosen. Most operations have one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Go,
    TimeOut,
    /// Reads the value of this age; 0 is the newest.
    Read(usize),
    /// Wakes the waiter at this place in the queue.
    Wake(usize),
}

/// Observed by a thread whose wait has timed out.
const TIMED_OUT: &str = "time-out";

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) threads: Vec<Thread>,
    pub(crate) owner: Option<usize>,
    /// The condition variables on which a thread waits or waited, with their waiters in order.
    pub(crate) queues: Vec<(Origin, Vec<usize>)>,
    /// The value behind the mutex, as it describes itself.
    pub(crate) value: String,
    /// The items in the buffer, derived from the calls where the value does not show them.
    pub(crate) items: Vec<u32>,
    pub(crate) atomics: Vec<Atomic>,
    /// Sentences about the current step.
    pub(crate) step: Vec<String>,
    /// Whether loads without the lock may return old values. Elsewhere old values are no part of the key.
    pub(crate) stale_loads: bool,
    /// Whether a thread has loaded without the lock.
    pub(crate) loads: bool,
    /// Whether the model has started its log again, after it has filled the buffer.
    pub(crate) prefilled: bool,
    /// How many items were taken out: the place of the first item in the ring follows from it.
    pub(crate) taken: usize,
    events: usize,
    chosen: usize,
}

impl World {
    pub(crate) fn thread(&mut self, index: usize, name: impl FnOnce() -> String) -> &mut Thread {
        while self.threads.len() <= index {
            for atomic in &mut self.atomics {
                let spawner = atomic.views.first().copied().unwrap_or(0);
                let lock = atomic.views.len() - 1;
                atomic.views.insert(lock, spawner);
            }
            self.threads.push(Thread::default());
        }
        let thread = &mut self.threads[index];
        if thread.name.is_empty() {
            thread.name = name();
        }
        thread
    }

    fn release(&mut self, thread: usize) {
        self.owner = None;
        for atomic in &mut self.atomics {
            atomic.release(thread);
        }
    }

    fn queue(&mut self, condvar: Origin) -> &mut Vec<usize> {
        let at = self.queues.iter().position(|(known, _)| *known == condvar).unwrap_or_else(|| {
            self.queues.push((condvar, Vec::new()));
            self.queues.sort_by_key(|(origin, _)| (origin.line(), origin.column()));
            self.queues.iter().position(|(known, _)| *known == condvar).expect("just added")
        });
        &mut self.queues[at].1
    }

    /// Whether a thread waits until its waker is called.
    pub(crate) fn waits_for_waker(&self, thread: usize) -> bool {
        let of = &self.threads[thread];
        of.stop.is_some_and(|stop| stop.operation == Operation::Poll) && !of.woken
    }

    /// Whether a waker is stored, called or awaited in this state.
    pub(crate) fn has_tasks(&self) -> bool {
        let polls = |thread: &Thread| {
            thread.stop.is_some_and(|stop| matches!(stop.operation, Operation::Poll | Operation::CallWaker))
        };
        !crate::value::parse(&self.value).tasks.is_empty()
            || self.threads.iter().any(|thread| thread.woken || polls(thread))
    }

    /// The condition variable on which a thread waits.
    pub(crate) fn waits_on(&self, thread: usize) -> Option<Origin> {
        self.queues.iter().find(|(_, queue)| queue.contains(&thread)).map(|(condvar, _)| *condvar)
    }

    /// Whether a stop before this operation is a step: accesses to atomics under the lock belong to the step before.
    pub(crate) fn stops_at(&mut self, thread: usize, operation: Operation) -> bool {
        self.loads |= matches!(operation, Operation::Load(_)) && self.owner != Some(thread);
        match operation {
            Operation::Lock => !std::mem::take(&mut self.threads[thread].resumes),
            Operation::Load(_) | Operation::Store(_) | Operation::Modify(_) => self.owner != Some(thread),
            _ => true,
        }
    }

    pub(crate) fn stop(&mut self, thread: usize, operation: Operation, location: Origin) {
        let used = self.threads[thread].used;
        // A waker is called and the lock released in the function that used the value last.
        let follows = matches!(operation, Operation::Unlock | Operation::CallWaker);
        let location = if follows { used.unwrap_or(location) } else { location };
        self.threads[thread].stop = Some(Stop { operation, location });
    }

    pub(crate) fn uses_state(&mut self, thread: usize, location: Origin) {
        self.threads[thread].used = Some(location);
    }

    /// What a thread can do now; empty if it must wait.
    pub(crate) fn choices(&self, thread: usize) -> Vec<Choice> {
        let Some(Stop { operation, .. }) = self.threads[thread].stop else { return Vec::new() };
        let free = self.owner.is_none();
        match operation {
            Operation::Lock if !free => Vec::new(),
            Operation::Resume { timed } => match self.waits_on(thread) {
                Some(_) if timed => vec![Choice::TimeOut],
                None if free => vec![Choice::Go],
                _ => Vec::new(),
            },
            Operation::Load(origin) => {
                (0..self.readable(self.atomic(origin), thread).len()).map(Choice::Read).collect()
            }
            Operation::Poll if !self.threads[thread].woken => Vec::new(),
            Operation::NotifyOne(condvar) => match self.waiters(condvar) {
                0 | 1 => vec![Choice::Go],
                waiters => (0..waiters).map(Choice::Wake).collect(),
            },
            _ => vec![Choice::Go],
        }
    }

    fn waiters(&self, condvar: Origin) -> usize {
        self.queues.iter().find(|(known, _)| *known == condvar).map_or(0, |(_, queue)| queue.len())
    }

    /// Lets a thread execute the operation before which it stands.
    pub(crate) fn go(&mut self, thread: usize, choice: Choice) {
        let stop = self.threads[thread].stop.take().expect("the thread stands before an operation");
        let of = &mut self.threads[thread];
        self.step.clear();
        match (stop.operation, choice) {
            (Operation::Lock, _) => {
                of.used = Some(stop.location);
                let timed_out = of.observed.last().is_some_and(|last| last == TIMED_OUT);
                let how = if timed_out { "reacquires the lock after its time-out" } else { "acquires the lock" };
                self.step.push(format!("{} {how}.", of.name));
            }
            (Operation::Resume { .. }, Choice::Go) => {
                of.resumes = true;
                self.step.push(format!("{} returns from its wait and holds the lock again.", of.name));
            }
            (Operation::Poll, _) => {
                of.woken = false;
                self.step.push(format!("{} polls its future again.", of.name));
            }
            (Operation::Yield, _) => {
                of.observed.clear();
                self.step.push(format!("{} yields.", of.name));
            }
            _ => {}
        }
        self.chosen = match choice {
            Choice::Read(index) | Choice::Wake(index) => index,
            Choice::Go | Choice::TimeOut => 0,
        };
    }

    pub(crate) fn atomic(&self, origin: Origin) -> &Atomic {
        self.atomics.iter().find(|atomic| atomic.origin == origin).expect("it was created")
    }

    /// What a load of this thread can return, the newest first.
    fn readable(&self, atomic: &Atomic, thread: usize) -> Vec<usize> {
        let from = if self.stale_loads { atomic.views[thread] } else { atomic.values.len() - 1 };
        atomic.values[from..].iter().rev().copied().collect()
    }

    /// Two executions with the same key continue in the same way: the shared state is the same, and each thread stands at
    /// the same line with the same results and has read the same during its current call.
    pub(crate) fn key(&self) -> String {
        let mut key = format!("{} {:?} {:?}", self.value, self.items, self.owner);
        for (condvar, queue) in self.queues.iter().filter(|(_, queue)| !queue.is_empty()) {
            _ = write!(key, " {}:{}{queue:?}", condvar.line(), condvar.column()); // a string takes all
        }
        for (index, thread) in self.threads.iter().enumerate() {
            _ = write!(key, "\n{} {} {:?} {:?}", thread.ended, thread.woken, thread.calls, thread.observed);
            if let Some(stop) = thread.stop {
                _ = write!(key, " {:?} {}", stop.operation, stop.location);
            }
            for atomic in &self.atomics {
                _ = write!(key, " {:?}", self.readable(atomic, index));
            }
        }
        key
    }
}

impl Atomic {
    fn acquire(&mut self, thread: usize) {
        let lock = self.views.len() - 1;
        self.views[thread] = self.views[thread].max(self.views[lock]);
    }

    fn release(&mut self, thread: usize) {
        let lock = self.views.len() - 1;
        self.views[lock] = self.views[lock].max(self.views[thread]);
    }
}

/// A value of an atomic. The shipped buffer uses the largest one as the length of a closed buffer.
pub(crate) fn number(value: usize) -> String {
    if value == usize::MAX { "usize::MAX".to_owned() } else { value.to_string() }
}

/// The name of a condition variable or an atomic: the field or variable that is initialized where it is created.
pub(crate) fn name_of(origin: Origin) -> String {
    let line = gallery::source::line(origin.file(), origin.line());
    let before = line.get(..origin.column() as usize - 1).unwrap_or(&line);
    let end = before.rfind(": ").into_iter().chain(before.rfind(" = ")).max().unwrap_or(before.len());
    before[..end].split_whitespace().last().unwrap_or_default().to_owned()
}
