//! What the facade reports, taken into the [`World`]: events of the recorder, accesses to atomics, and the items: as the value behind
//! the mutex shows them, or as the calls imply.

use bounded_buffer_model::record::{self, Action, Origin};

use super::{Atomic, TIMED_OUT, World, name_of, number};
use crate::value::display_name;

impl World {
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
                self.threads[thread].observed.push(TIMED_OUT.into());
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
            Action::Suspend => {
                self.threads[thread].observed.push("pending".into());
                self.step.push(format!("{name}'s future is pending: the task waits until its waker is called."));
            }
            Action::CallWaker(woken) => {
                let Some(woken) = self.threads.iter().position(|known| known.name == names[*woken]) else { return };
                self.threads[woken].woken = true;
                let whose = if woken == thread { "its own waker" } else { "the waker of" };
                let of = if woken == thread { String::new() } else { format!(" {}", self.threads[woken].name) };
                self.step.push(format!("{name} calls {whose}{of}."));
            }
            Action::Note(text) => self.note(thread, text),
            Action::RequestLock | Action::Wake | Action::Change | Action::ReadSnapshot(_) => {}
        }
    }

    fn note(&mut self, thread: usize, text: &str) {
        if let Some(items) = text.strip_prefix("starts with ") {
            self.items = crate::value::parse(items).items.expect("a list");
            return;
        }
        let of = &mut self.threads[thread];
        if let Some(call) = text.strip_prefix("calls ") {
            of.calls.push((call.to_owned(), None));
            of.observed.clear();
        } else if let Some((call, result)) =
            of.calls.iter_mut().rev().find(|(call, result)| result.is_none() && text.starts_with(call.as_str()))
        {
            let rest = text[call.len()..].trim();
            of.woken &= call != "cancel()"; // no future is left that the task could poll
            *result = Some(rest.to_owned());
            of.observed.clear();
            self.step.push(format!("{}'s {call} {rest}.", of.name));
        } else {
            of.observed.push(text.to_owned());
            self.step.push(format!("{text}."));
        }
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
        let (name, atomic) = (&self.threads[thread].name, name_of(origin));
        // A program reads its clock by a read-modify-write. For the other ones, the value that they write says more.
        if self.owner != Some(thread) && atomic != "clock" {
            self.step.retain(|sentence| !sentence.starts_with(&format!("{name} reads ")));
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
            let value = number(value);
            let sentence = format!("{} reads {value}{old} from {} without the lock.", of.name, name_of(origin));
            self.step.push(sentence);
        }
        value
    }

    pub(crate) fn chooses_waiter(&mut self) -> usize {
        std::mem::take(&mut self.chosen)
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
}
