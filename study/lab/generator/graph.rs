//! The states of a scene and the steps between them.

use std::collections::VecDeque;

use bounded_buffer_model::step::Operation;

use crate::world::{Choice, World, name_of};

/// A state and the steps that lead out of it.
pub(crate) struct Node {
    pub(crate) world: World,
    pub(crate) edges: Vec<Edge>,
    pub(crate) end: Option<End>,
    /// The state and edge by which it was first reached.
    pub(crate) parent: Option<(usize, usize)>,
}

pub(crate) struct Edge {
    pub(crate) thread: usize,
    pub(crate) choice: Choice,
    pub(crate) target: Option<usize>,
    pub(crate) sentence: String,
}

/// How an execution ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All threads have ended.
    Done,
    /// No thread can go on.
    Deadlock(String),
    /// A check of the program failed.
    Failure(String),
}

impl End {
    pub(crate) fn bad(&self) -> Option<&str> {
        match self {
            Self::Done => None,
            Self::Deadlock(reason) | Self::Failure(reason) => Some(reason),
        }
    }
}

/// All states of a scene. The first is the initial one.
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    /// Whether a thread reads a length snapshot without the lock, so that its value is worth showing.
    pub(crate) reads_snapshot: bool,
}

impl Graph {
    pub(crate) fn new(nodes: Vec<Node>) -> Self {
        let stops = nodes.iter().flat_map(|node| &node.world.threads).filter_map(|thread| thread.stop);
        let reads_snapshot = stops.map(|stop| stop.operation).any(reads_snapshot);
        Self { nodes, reads_snapshot }
    }

    pub(crate) fn edges(&self) -> usize {
        self.nodes.iter().map(|node| node.edges.len()).sum()
    }

    /// The reasons of the bad states, each once.
    pub(crate) fn reasons(&self) -> Vec<&str> {
        let mut reasons: Vec<_> = self.nodes.iter().filter_map(|node| node.end.as_ref()).filter_map(End::bad).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    /// For each state, the number of steps to the nearest one of these, if it can be reached.
    pub(crate) fn distances(&self, to: impl Fn(&Node) -> bool) -> Vec<Option<usize>> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            for edge in &node.edges {
                before[edge.target.expect("explored")].push(at);
            }
        }
        let mut distances: Vec<_> = self.nodes.iter().map(|node| to(node).then_some(0)).collect();
        let mut queue: VecDeque<_> = (0..self.nodes.len()).filter(|&at| distances[at].is_some()).collect();
        while let Some(at) = queue.pop_front() {
            let next = distances[at].map(|distance| distance + 1);
            for &earlier in &before[at] {
                if distances[earlier].is_none() {
                    distances[earlier] = next;
                    queue.push_back(earlier);
                }
            }
        }
        distances
    }

    /// The most items that a state shows: each scene fills its buffer in some execution, or has one slot.
    pub(crate) fn capacity(&self) -> usize {
        self.nodes.iter().map(|node| node.world.items.len()).max().unwrap_or_default().max(1)
    }

    pub(crate) fn shortest_to_bad(&self) -> Option<usize> {
        self.distances(|node| node.end.as_ref().is_some_and(|end| end.bad().is_some()))[0]
    }
}

pub(crate) fn reads_snapshot(operation: Operation) -> bool {
    match operation {
        Operation::Load(origin) | Operation::Modify(origin) => name_of(origin) == "len_snapshot",
        _ => false,
    }
}
