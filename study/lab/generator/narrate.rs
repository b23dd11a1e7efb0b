//! What a step does, in sentences: what the facade reported, and how the buffer changed.

use bounded_buffer_model::step::Operation;
use serde::Serialize;

use crate::graph::{Edge, Graph, Node, reads_snapshot};
use crate::value::{self, Counted};
use crate::world::{World, name_of, number};

/// The buffer, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    items: Vec<u32>,
    /// The slot of the first item follows from how many were taken.
    taken: usize,
    closed: bool,
    producers: Counted,
    consumers: Counted,
    /// Shown with the queues.
    #[serde(skip)]
    pub(crate) tasks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<usize>,
}

/// What is in the buffer in a state. Between two notifications under the lock the facade cannot read the value, so this is
/// the value at the next release: only the thread that holds the lock can change it until then.
pub(crate) fn visible(graph: &Graph, at: usize) -> Shown {
    let mut world = &graph.nodes[at].world;
    if let Some(owner) = world.owner {
        let mut node = &graph.nodes[at];
        let notifies = |world: &World| {
            let stop = world.threads[owner].stop.map(|stop| stop.operation);
            matches!(stop, Some(Operation::NotifyOne(_) | Operation::NotifyAll(_)))
        };
        while notifies(&node.world) {
            let edge = node.edges.iter().find(|edge| edge.thread == owner).expect("it can notify");
            node = &graph.nodes[edge.target.expect("explored")];
        }
        if node.world.owner == Some(owner) {
            world = &node.world;
        }
    }
    let value = value::parse(&world.value);
    let atomic = |name: &str| {
        let atomic = world.atomics.iter().find(|atomic| name_of(atomic.origin) == name);
        atomic.and_then(|atomic| atomic.values.last().copied())
    };
    Shown {
        items: world.items.clone(),
        taken: world.taken,
        closed: value.closed || atomic("closed") == Some(1),
        producers: value.producers,
        consumers: value.consumers,
        tasks: value.tasks,
        snapshot: atomic("len_snapshot").filter(|_| graph.reads_snapshot),
    }
}

/// The sentences about a step: what the thread did, what it found, and what it decided.
pub(crate) fn narrate(graph: &Graph, from: usize, edge: &Edge) -> String {
    let to = edge.target.expect("explored");
    let step = Step { graph, thread: edge.thread, from, to, before: visible(graph, from), after: visible(graph, to) };
    let (first, rest) = edge.sentence.split_once(". ").unwrap_or((edge.sentence.trim_end_matches('.'), ""));
    let mut sentences = vec![format!("{first}.")];
    sentences.extend(step.changes());
    sentences.extend(step.found());
    sentences.extend(step.no_notification());
    sentences.extend((!rest.is_empty()).then(|| rest.to_owned()));
    sentences.join(" ")
}

struct Step<'a> {
    graph: &'a Graph,
    thread: usize,
    from: usize,
    to: usize,
    before: Shown,
    after: Shown,
}

impl Step<'_> {
    /// The operation before which the thread stands in a state.
    fn next(&self, at: usize) -> Option<Operation> {
        self.graph.nodes[at].world.threads[self.thread].stop.map(|stop| stop.operation)
    }

    /// The state after the next step of the thread.
    fn later(&self) -> Option<usize> {
        self.graph.nodes[self.to].edges.iter().find(|edge| edge.thread == self.thread)?.target
    }

    /// The call that the thread executes.
    fn call(&self) -> &str {
        self.graph.nodes[self.from].world.threads[self.thread].calls.last().map_or("", |(call, _)| call.as_str())
    }

    fn name(&self) -> &str {
        &self.graph.nodes[self.to].world.threads[self.thread].name
    }

    fn acquires(&self) -> bool {
        matches!(self.next(self.from), Some(Operation::Lock | Operation::Resume { .. }))
            && self.graph.nodes[self.to].world.owner == Some(self.thread)
    }

    /// Whether the thread notifies next, under the lock or immediately after it.
    fn notifies(&self) -> bool {
        let at = [Some(self.to), self.later()];
        at.into_iter().flatten().any(|at| {
            let next = self.next(at);
            matches!(next, Some(Operation::NotifyOne(_) | Operation::NotifyAll(_) | Operation::CallWaker))
        })
    }

    fn changes(&self) -> Vec<String> {
        let (before, after) = (&self.before, &self.after);
        let mut changes = Vec::new();
        let list = |items: Vec<&u32>| items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        let came: Vec<_> = after.items.iter().filter(|item| !before.items.contains(item)).collect();
        let went: Vec<_> = before.items.iter().filter(|item| !after.items.contains(item)).collect();
        if !went.is_empty() {
            changes.push(format!("It takes {} out of the buffer.", list(went)));
        }
        if !came.is_empty() {
            changes.push(format!("It puts {} into the buffer.", list(came)));
        }
        if let Some(len) = after.snapshot.filter(|_| after.snapshot != before.snapshot && self.acquires()) {
            changes.push(format!("It sets len_snapshot to {}.", number(len)));
        }
        if after.closed && !before.closed {
            changes.push("It sets the close flag.".to_owned());
        }
        for (side, before, after) in self.sides() {
            let flag = format!("the flag \u{201c}wake-up pending\u{201d} of the {side}s");
            match (before.1, after.1) {
                (false, true) => changes.push(format!("It sets {flag}.")),
                (true, false) => changes.insert(0, format!("It clears {flag}.")), // before it takes or puts an item
                (true, true) if after.0 < before.0 && self.notifies() => {
                    changes.push(format!("It clears {flag} and sets it again."));
                }
                (true, true) if after.0 < before.0 => changes.push(format!("It leaves {flag} set.")),
                _ => {}
            }
        }
        if let Some(gone) = before.tasks.iter().find(|task| !after.tasks.contains(task))
            && after.tasks.len() < before.tasks.len()
        {
            let waker = match gone.as_str() {
                own if own == self.name() => "its own waker".to_owned(),
                "a waker" => "a waker".to_owned(),
                other => format!("the waker of {other}"),
            };
            changes.push(format!("It takes {waker} out of the list of waiting tasks."));
        }
        changes
    }

    /// The sides, each with its count and its flag before and after the step.
    fn sides(&self) -> [(&'static str, Counted, Counted); 2] {
        [
            ("producer", self.before.producers, self.after.producers),
            ("consumer", self.before.consumers, self.after.consumers),
        ]
    }

    /// What a thread finds that has acquired the lock and moves no item.
    fn found(&self) -> Option<String> {
        let (before, after) = (&self.before, &self.after);
        if matches!(self.next(self.to), Some(Operation::Yield)) && self.next(self.from).is_some_and(reads_snapshot) {
            return Some("So it yields.".to_owned());
        }
        if !self.acquires() || after.items != before.items {
            return None;
        }
        let waits = matches!(self.next(self.to), Some(Operation::Wait(_)));
        let pops = self.call().contains("pop") || self.call() == "await";
        let counts = self.sides().iter().any(|(_, before, after)| after.0 > before.0);
        let has_own = after.tasks.iter().any(|task| task == self.name());
        let found = match self.call() {
            "cancel()" if has_own => "It leaves its waker in the list of waiting tasks.".to_owned(),
            "leave()" if !after.closed => "It counts one producer less.".to_owned(),
            _ if waits || counts => {
                let state = if after.items.is_empty() { "empty" } else { "full" };
                format!("It finds the buffer {state}{}.", if counts { " and counts itself as a waiter" } else { "" })
            }
            _ if pops && after.tasks.len() > before.tasks.len() => {
                "It finds the buffer empty and stores its waker in the list of waiting tasks.".to_owned()
            }
            _ if pops && after.tasks != before.tasks => {
                "It finds the buffer empty and replaces the waker in the list by its own.".to_owned()
            }
            _ if pops && after.items.is_empty() && !after.tasks.is_empty() && !has_own => {
                format!("It finds the buffer empty. The list keeps the waker of {}.", after.tasks.join(" and "))
            }
            _ if pops && self.goes_on() => after.items.is_empty().then(|| "It finds the buffer empty.".to_owned())?,
            _ if pops => match (after.items.is_empty(), after.closed) {
                (true, true) => "It takes no item: the buffer is empty and closed.".to_owned(),
                (true, false) => "It takes no item: the buffer is empty.".to_owned(),
                (false, _) => "It takes no item, although the buffer is not empty.".to_owned(),
            },
            push if push.starts_with("push") && after.closed => "It finds the buffer closed.".to_owned(),
            push if push.starts_with("push") && after.items.len() == self.graph.capacity() => {
                "It finds the buffer full.".to_owned()
            }
            push if push.starts_with("push") => {
                format!("It finds {} consumer counted as waiting.", if after.consumers.0 == 0 { "no" } else { "a" })
            }
            _ => return None,
        };
        Some(found)
    }

    /// Whether the call goes on after the unlock that follows.
    fn goes_on(&self) -> bool {
        let calls = |at: usize| &self.graph.nodes[at].world.threads[self.thread].calls;
        matches!(self.next(self.to), Some(Operation::Unlock))
            && self.later().is_some_and(|later| calls(self.to) == calls(later))
    }

    /// Why a thread does not notify that changes the buffer, or leaves an item or a slot, if its code decides that by the waiters.
    fn no_notification(&self) -> Option<String> {
        let Self { before, after, .. } = self;
        if !self.acquires() || !matches!(self.next(self.to), Some(Operation::Unlock)) || self.notifies() {
            return None;
        }
        let waiters = |world: &World| world.queues.iter().any(|(_, queue)| !queue.is_empty());
        if self.call() == "cancel()" && !after.items.is_empty() && waiters(&self.graph.nodes[self.to].world) {
            return Some("It wakes no other waiter, although there is an item.".to_owned());
        }
        if after.closed || !self.decides_by_waiters() {
            return None;
        }
        let [producers, consumers] = self.sides().map(|(_, _, after)| after);
        let (came, went) = (after.items.len() > before.items.len(), after.items.len() < before.items.len());
        let can_pop = !after.items.is_empty();
        let can_push = after.items.len() < self.graph.capacity();
        let sides = [("consumer", consumers, can_pop, came), ("producer", producers, can_push, went)];
        sides.into_iter().find_map(|(side, (waiting, pending), can_act, changed)| match (waiting, pending) {
            (0, _) if changed && self.is_counted(side) => {
                Some(format!("No {side} is counted as waiting, so it does not notify."))
            }
            (0, _) => None,
            (_, true) if changed => {
                Some(format!("A wake-up of the {side}s is already pending, so it does not notify."))
            }
            (_, false) if can_act => Some(format!("It does not notify, although a {side} is counted as waiting.")),
            _ => None,
        })
    }

    /// Whether a side has a waiter in some state of the scene.
    fn is_counted(&self, side: &str) -> bool {
        let side = format!("{side}s: ");
        self.graph.nodes.iter().any(|node| node.world.value.contains(&side))
    }

    /// Whether the buffer has the pending flag, or notifies with the lock held.
    fn decides_by_waiters(&self) -> bool {
        self.graph.nodes.iter().any(|Node { world, .. }| {
            let stop = world.owner.and_then(|owner| world.threads[owner].stop);
            world.value.contains("wake-up pending")
                || stop.is_some_and(|stop| matches!(stop.operation, Operation::NotifyOne(_)))
        })
    }
}
