//! What a step does, in sentences: what the facade reported, and how the buffer changed.

use bounded_buffer::sync::model::step::Operation;
use serde::Serialize;

use crate::graph::{Edge, Graph};
use crate::value::{self, Side};
use crate::world::{World, name_of};

/// The buffer, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    items: Vec<u32>,
    /// The slot of the first item follows from how many were taken.
    taken: usize,
    closed: bool,
    producers: (usize, bool),
    consumers: (usize, bool),
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
    let side = |side: Side| (side.waiting, side.pending);
    let atomic = |name: &str| {
        let atomic = world.atomics.iter().find(|atomic| name_of(atomic.origin) == name);
        atomic.and_then(|atomic| atomic.values.last().copied())
    };
    Shown {
        items: world.items.clone(),
        taken: world.taken,
        closed: value.closed || atomic("closed") == Some(1),
        producers: side(value.producers),
        consumers: side(value.consumers),
        tasks: value.tasks,
        snapshot: atomic("len_snapshot").filter(|_| graph.reads_snapshot()),
    }
}

/// The sentences about a step.
pub(crate) fn narrate(graph: &Graph, from: usize, edge: &Edge) -> String {
    let to = edge.target.expect("explored");
    let (before, after) = (visible(graph, from), visible(graph, to));
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
    if after.closed && !before.closed {
        changes.push("It sets the close flag.".to_owned());
    }
    let sides = [("producers", before.producers, after.producers), ("consumers", before.consumers, after.consumers)];
    for (side, before, after) in sides {
        if after.0 > before.0 {
            let why = if side == "producers" { "full" } else { "empty" };
            changes.push(format!("It finds the buffer {why} and counts itself as a waiter."));
        }
        match (before.1, after.1) {
            (false, true) => changes.push(format!("It sets the flag \u{201c}wake-up pending\u{201d} of the {side}.")),
            (true, false) => changes.push(format!("It clears the flag \u{201c}wake-up pending\u{201d} of the {side}.")),
            _ => {}
        }
    }
    if after.tasks.len() > before.tasks.len() {
        changes.push("It finds the buffer empty and stores its waker in the list of waiting tasks.".to_owned());
    } else if after.tasks.len() < before.tasks.len() {
        changes.push("It takes a waker out of the list of waiting tasks.".to_owned());
    }
    changes.extend(unchanged(graph, from, edge).filter(|_| changes.is_empty()));
    let (first, rest) =
        edge.sentence.split_once(". ").map_or((edge.sentence.as_str(), ""), |(first, rest)| (first, rest));
    let first = first.trim_end_matches('.');
    let mut sentences = vec![format!("{first}.")];
    sentences.extend(changes);
    if !rest.is_empty() {
        sentences.push(rest.to_owned());
    }
    sentences.join(" ")
}

/// What a thread finds that acquires the lock, changes nothing, and does not return from its call in this critical section.
fn unchanged(graph: &Graph, from: usize, edge: &Edge) -> Option<String> {
    let at = |node: usize| &graph.nodes[node].world.threads[edge.thread];
    let next = |node: usize| at(node).stop.map(|stop| stop.operation);
    let locked = edge.target.expect("explored");
    let acquired = matches!(next(from), Some(Operation::Lock | Operation::Resume { .. }))
        && graph.nodes[locked].world.owner == Some(edge.thread);
    let unlock = graph.nodes[locked].edges.iter().find(|edge_after| edge_after.thread == edge.thread)?;
    let goes_on = match next(locked)? {
        Operation::Wait(_) => true,
        Operation::Unlock => at(locked).calls == at(unlock.target.expect("explored")).calls,
        _ => false,
    };
    let state = match graph.nodes[locked].world.items.len() {
        0 => "empty",
        items if items == graph.capacity() => "full",
        _ => return None,
    };
    (acquired && goes_on).then(|| format!("It finds the buffer {state}."))
}
