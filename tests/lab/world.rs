//! The state of a running execution, kept from what the facade reports: which thread holds the lock, which threads wait,
//! what each thread did, and what each thread can do next.

use std::fmt::Write;

use bounded_buffer::sync::model::record::{self, Action, Origin};
use bounded_buffer::sync::model::step::Operation;

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

    /// Takes in the events that the facade has recorded since the last call.
    pub(crate) fn catch_up(&mut self) {
        self.prefilled |= record::read(|log| log.events.len()) < self.events;
        let (events, names, value) = record::read(|log| {
            let events: Vec<_> = log.events[self.events.min(log.events.len())..]
                .iter()
                .map(|event| (event.thread, event.action.clone()))
                .collect();
            let names: Vec<_> = log.threads.iter().map(|name| display_name(name)).collect();
            (events, names, log.state.clone())
        });
        self.events += events.len();
        for (thread, action) in events {
            let Some(thread) = self.threads.iter().position(|known| known.name == names[thread]) else { continue };
            self.apply(thread, &action, &names);
        }
        self.value = value;
    }

    fn apply(&mut self, thread: usize, action: &Action, names: &[String]) {
        let name = self.threads[thread].name.clone();
        match action {
            Action::Lock => {
                self.owner = Some(thread);
                for atomic in &mut self.atomics {
                    atomic.acquire(thread);
                }
                let value = format!("lock {} {:?}", self.value, self.items);
                self.threads[thread].observed.push(value);
            }
            Action::Unlock => {
                self.release(thread);
                self.step.push(format!("{name} releases the lock."));
            }
            Action::Wait(condvar) => {
                self.release(thread);
                self.queue(condvar).push(thread);
                let condvar = name_of(condvar);
                self.step.push(format!("{name} joins the queue of {condvar} and releases the lock, in one step."));
            }
            Action::TimeOut => {
                self.queues.iter_mut().for_each(|(_, queue)| queue.retain(|&waiter| waiter != thread));
                self.threads[thread].observed.push("time-out".into());
                self.threads[thread].resumes = false;
                self.step
                    .push(format!("{name} times out: no notification has reached it. It must reacquire the lock."));
            }
            Action::Notify(condvar, woken) => {
                let woken: Vec<_> = woken
                    .iter()
                    .filter_map(|&woken| self.threads.iter().position(|known| known.name == names[woken]))
                    .collect();
                self.queue(condvar).retain(|waiter| !woken.contains(waiter));
                let woken: Vec<_> = woken.iter().map(|&woken| self.threads[woken].name.as_str()).collect();
                let condvar = name_of(condvar);
                let sentence = match woken.as_slice() {
                    [] => {
                        format!("{name} notifies {condvar}. No thread waits there, so the notification has no effect.")
                    }
                    [one] => format!("{name} notifies {condvar}: {one} leaves the queue and must reacquire the lock."),
                    more => format!(
                        "{name} notifies {condvar}: {} leave the queue and must reacquire the lock.",
                        more.join(" and ")
                    ),
                };
                self.step.push(sentence);
            }
            Action::Note(text) => self.note(thread, text),
            Action::RequestLock | Action::Wake | Action::Change | Action::ReadSnapshot(_) => {}
        }
    }

    fn note(&mut self, thread: usize, text: &str) {
        let of = &mut self.threads[thread];
        if let Some(call) = text.strip_prefix("calls ") {
            of.calls.push((call.to_owned(), None));
            of.observed.clear();
        } else if let Some((call, result)) =
            of.calls.iter_mut().rev().find(|(call, result)| result.is_none() && text.starts_with(call.as_str()))
        {
            let rest = text[call.len()..].trim();
            *result = Some(rest.to_owned());
            of.observed.clear();
            self.step.push(format!("{}'s {call} {rest}.", of.name));
        } else {
            of.observed.push(text.to_owned());
            self.step.push(format!("{}: {text}.", of.name));
        }
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
            self.queues.sort_by_key(|(origin, _)| origin.line());
            self.queues.iter().position(|(known, _)| *known == condvar).expect("just added")
        });
        &mut self.queues[at].1
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
        let location = if operation == Operation::Unlock { used.unwrap_or(location) } else { location };
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
                self.step.push(format!("{} acquires the lock.", of.name));
            }
            (Operation::Resume { .. }, Choice::Go) => {
                of.resumes = true;
                self.step.push(format!("{} returns from its wait and holds the lock again.", of.name));
            }
            (Operation::Yield, _) => {
                of.observed.clear();
                self.step.push(format!("{} yields and will try again.", of.name));
            }
            _ => {}
        }
        self.chosen = match choice {
            Choice::Read(index) | Choice::Wake(index) => index,
            Choice::Go | Choice::TimeOut => 0,
        };
    }

    pub(crate) fn writes(&mut self, thread: usize, origin: Origin, value: usize) {
        let count = self.threads.len();
        let of = self.atomics.iter_mut().find(|atomic| atomic.origin == origin);
        if let Some(atomic) = of {
            atomic.values.push(value);
            atomic.views[thread] = atomic.values.len() - 1;
        } else {
            self.atomics.push(Atomic { origin, values: vec![value], views: vec![0; count + 1] });
            return;
        }
        if self.owner != Some(thread) {
            let (name, atomic) = (&self.threads[thread].name, name_of(origin));
            self.step.push(format!("{name} sets {atomic} to {value} without the lock."));
        }
    }

    pub(crate) fn reads(&mut self, thread: usize, origin: Origin, newest: usize) -> usize {
        let age = std::mem::take(&mut self.chosen);
        let Some(atomic) = self.atomics.iter_mut().find(|atomic| atomic.origin == origin) else { return newest };
        let at = atomic.values.len() - 1 - age;
        atomic.views[thread] = atomic.views[thread].max(at);
        let value = atomic.values[at];
        if age == 0 {
            assert_eq!(value, newest, "each write is reported");
        }
        let of = &mut self.threads[thread];
        if of.calls.last().is_none_or(|(_, result)| result.is_some()) {
            // Between calls, the program itself keeps what it read.
            of.calls.push((format!("reads {}", name_of(origin)), Some(value.to_string())));
        } else {
            of.observed.push(format!("{} {value}", name_of(origin)));
        }
        if self.owner != Some(thread) {
            let old = if age > 0 { ", an old value," } else { "" };
            let sentence = format!("{} reads {value}{old} from {} without the lock.", of.name, name_of(origin));
            self.step.push(sentence);
        }
        value
    }

    pub(crate) fn chooses_waiter(&mut self) -> usize {
        std::mem::take(&mut self.chosen)
    }

    pub(crate) fn atomic(&self, origin: Origin) -> &Atomic {
        self.atomics.iter().find(|atomic| atomic.origin == origin).expect("it was created")
    }

    /// What a load of this thread can return, the newest first.
    fn readable(&self, atomic: &Atomic, thread: usize) -> Vec<usize> {
        let from = if self.stale_loads { atomic.views[thread] } else { atomic.values.len() - 1 };
        atomic.values[from..].iter().rev().copied().collect()
    }

    /// Takes in what `thread`, which holds the lock, has changed.
    pub(crate) fn update_items(&mut self, thread: usize) {
        let value = crate::value::parse(&self.value);
        let before = self.items.clone();
        match value.items {
            Some(items) => self.items = items,
            None => self.derive_items(thread, value.len),
        }
        self.taken += before.iter().filter(|item| !self.items.contains(item)).count();
    }

    /// Derives the items of a buffer whose value shows their number only.
    fn derive_items(&mut self, thread: usize, len: usize) {
        let Some((call, _)) = self.threads[thread].calls.iter().rev().find(|(_, result)| result.is_none()) else {
            return;
        };
        let pushed: Vec<u32> = call
            .strip_prefix("push")
            .map(|rest| rest.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect())
            .unwrap_or_default();
        let all: Vec<u32> = match pushed.as_slice() {
            [first, last] => (*first..=*last).collect(),
            one => one.to_vec(),
        };
        let done = self.threads[thread].observed.iter().filter(|text| text.starts_with("pushed ")).count();
        let more = all.into_iter().skip(done).take(len.saturating_sub(self.items.len()));
        for item in more {
            self.items.push(item);
            self.threads[thread].observed.push(format!("pushed {item}"));
        }
        let gone = self.items.len().saturating_sub(len);
        self.items.drain(..gone);
    }

    /// Two executions with the same key continue in the same way: the shared state is the same, and each thread stands at
    /// the same line with the same results and has read the same during its current call.
    pub(crate) fn key(&self) -> String {
        let mut key = format!("{} {:?} {:?}", self.value, self.items, self.owner);
        for (condvar, queue) in self.queues.iter().filter(|(_, queue)| !queue.is_empty()) {
            _ = write!(key, " {}{queue:?}", condvar.line()); // a string takes all
        }
        for (index, thread) in self.threads.iter().enumerate() {
            _ = write!(key, "\n{} {:?} {:?}", thread.ended, thread.calls, thread.observed);
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

/// shuttle calls the main thread by another name than loom.
pub(crate) fn display_name(name: &str) -> String {
    name.replace("main-thread", "main")
}

/// The name of a condition variable or an atomic: the field or variable in the line that creates it.
pub(crate) fn name_of(origin: Origin) -> String {
    let line = crate::source::line(origin.file(), origin.line());
    let name = line.split([':', '=']).next().unwrap_or_default().split_whitespace().last().unwrap_or_default();
    name.to_owned()
}
