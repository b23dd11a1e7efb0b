//! Explores all executions of a scene, one step of one thread at a time.
//!
//! shuttle runs the threads. At each stop that the facade reports, the scheduler here chooses the next thread. An execution
//! ends when it reaches a state that is known and has no unexplored choice. The next one repeats the choices that lead to a
//! state with an unexplored choice.

mod drive;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Once};

use bounded_buffer_model::{record, step};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use self::drive::{Chooser, Reports};
use crate::graph::{Edge, End, Graph, Node};
use crate::world::{Choice, Thread, World, name_of};

#[derive(Default)]
struct Lab {
    nodes: Vec<Node>,
    known: BTreeMap<String, usize>,
    /// States with an unexplored choice, and perhaps others.
    open: Vec<usize>,
    world: World,
    /// Edges to follow before the execution explores.
    replay: VecDeque<usize>,
    last: Option<(usize, usize)>,
    over: bool,
    panic: Option<String>,
}

std::thread_local! {
    static LAB: RefCell<Lab> = RefCell::default();
}

/// The largest scene that is explored. A scene with more states is too large for a reader, too.
const MAX_STATES: usize = 100_000;

/// What must be known about a program before it is explored; found by exploring it.
#[derive(Clone, Copy, Default)]
struct Needs {
    stale_loads: bool,
    prefilled: bool,
}

/// Explores a program.
///
/// # Panics
///
/// If an execution cannot be repeated, or if two executions with the same key continue differently.
pub(crate) fn explore(program: impl Fn() + Send + Sync + 'static) -> Graph {
    let program = Arc::new(program);
    report_panics();
    let mut needs = Needs::default();
    loop {
        LAB.set(Lab::default());
        step::set_observer(Some(Rc::new(Reports)));
        let more = run(needs, &program);
        step::set_observer(None);
        match more {
            Some(more) => needs = more,
            None => break,
        }
    }
    let graph = Graph::new(LAB.take().nodes);
    assert!(graph.nodes.iter().all(|node| node.edges.iter().all(|edge| edge.target.is_some())), "all is explored");
    graph
}

/// Runs execution after execution; ends early if the program needs more than assumed.
fn run(needs: Needs, program: &Arc<impl Fn() + Send + Sync + 'static>) -> Option<Needs> {
    while LAB.with_borrow_mut(|lab| lab.start(needs.stale_loads)) {
        let program = program.clone();
        let mut config = Config::default();
        config.silence_warnings = true; // about atomics: the world models them
        config.failure_persistence = FailurePersistence::None;
        config.max_steps = MaxSteps::FailAfter(10_000);
        let run = || {
            Runner::new(Chooser::default(), config).run(move || {
                if !needs.prefilled {
                    record::begin();
                }
                program();
            })
        };
        let failed = catch_unwind(AssertUnwindSafe(run)).is_err();
        let found = LAB.with_borrow_mut(|lab| {
            lab.finish(failed);
            Needs {
                stale_loads: needs.stale_loads || lab.world.loads,
                prefilled: needs.prefilled || lab.world.prefilled,
            }
        });
        drop(record::end());
        if (found.stale_loads, found.prefilled) != (needs.stale_loads, needs.prefilled) {
            return Some(found);
        }
    }
    None
}

fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let message = info.payload_as_str().unwrap_or("a panic without a message").to_owned();
            let in_a_model = LAB.try_with(|lab| {
                lab.try_borrow_mut().is_ok_and(|mut lab| {
                    let runs = !lab.over && !lab.world.threads.is_empty();
                    if runs {
                        lab.panic.get_or_insert(message);
                    }
                    runs
                })
            });
            if in_a_model != Ok(true) {
                before(info);
            }
        }));
    });
}

impl Lab {
    /// Begins the next execution; there is none if all is explored.
    fn start(&mut self, stale_loads: bool) -> bool {
        self.world = World::default();
        self.world.stale_loads = stale_loads;
        self.last = None;
        self.over = false;
        self.panic = None;
        if self.nodes.is_empty() {
            return true;
        }
        while let Some(&at) = self.open.last() {
            if self.nodes[at].edges.iter().any(|edge| edge.target.is_none()) {
                self.replay = self.path_to(at);
                return true;
            }
            self.open.pop();
        }
        false
    }

    fn path_to(&self, mut at: usize) -> VecDeque<usize> {
        let mut path = VecDeque::new();
        while let Some((from, edge)) = self.nodes[at].parent {
            path.push_front(edge);
            at = from;
        }
        path
    }

    /// Ends an execution that was not cut off.
    fn finish(&mut self, failed: bool) {
        if self.over && !failed {
            return;
        }
        self.over = true;
        self.world.catch_up();
        let end = if failed {
            let message = self.panic.take().unwrap_or_default();
            End::Failure(message.lines().collect::<Vec<_>>().join(" "))
        } else {
            for thread in &mut self.world.threads {
                thread.ended = true;
            }
            End::Done
        };
        self.reach(Vec::new(), Some(end));
    }

    /// The execution is in this state now: finds or adds its node.
    fn reach(&mut self, choices: Vec<(usize, Choice)>, end: Option<End>) -> usize {
        let key = format!("{}\n{end:?}", self.world.key());
        let at = if let Some(&at) = self.known.get(&key) {
            let same = self.nodes[at].edges.iter().map(|edge| (edge.thread, edge.choice)).eq(choices);
            assert!(same, "two executions reach the same state and can continue differently:\n{key}");
            at
        } else {
            let at = self.nodes.len();
            assert!(at < MAX_STATES, "too many states: choose fewer operations");
            let edges: Vec<_> = choices
                .into_iter()
                .map(|(thread, choice)| Edge { thread, choice, target: None, sentence: String::new() })
                .collect();
            self.nodes.push(Node { world: self.world.clone(), edges, end, parent: self.last });
            self.known.insert(key.clone(), at);
            self.open.push(at);
            at
        };
        let sentence = self.world.step.join(" ");
        if let Some((from, edge)) = self.last {
            let edge = &mut self.nodes[from].edges[edge];
            match edge.target {
                None => (edge.target, edge.sentence) = (Some(at), sentence),
                Some(before) => assert_eq!(before, at, "the same step leads to the same state: {sentence}\n{key}"),
            }
        } else {
            assert_eq!(at, 0, "each execution begins in the same state");
        }
        at
    }

    /// Chooses the next thread; none ends the execution.
    fn choose(&mut self) -> Option<usize> {
        let choices: Vec<_> = (0..self.world.threads.len())
            .flat_map(|thread| self.world.choices(thread).into_iter().map(move |choice| (thread, choice)))
            .collect();
        let end = choices.is_empty().then(|| End::Deadlock(self.stuck()));
        let at = self.reach(choices, end);
        let next = match self.replay.pop_front() {
            Some(next) => Some(next),
            None => self.nodes[at].edges.iter().position(|edge| edge.target.is_none()),
        };
        let Some(next) = next else {
            self.over = true;
            return None;
        };
        self.last = Some((at, next));
        let (thread, choice) = (self.nodes[at].edges[next].thread, self.nodes[at].edges[next].choice);
        self.world.go(thread, choice);
        Some(thread)
    }

    /// Which threads are blocked, in the words of the gallery.
    fn stuck(&self) -> String {
        let blocked = |(index, thread): (usize, &Thread)| {
            thread.stop?;
            if self.world.waits_for_waker(index) {
                return Some(format!("{} waits for a call of its waker", thread.name));
            }
            let on = match self.world.waits_on(index) {
                Some(condvar) => name_of(condvar),
                None if self.world.owner == Some(index) => "the lock, held by itself".to_owned(),
                None => "the lock".to_owned(),
            };
            Some(format!("{} is blocked on {on}", thread.name))
        };
        let blocked: Vec<_> = self.world.threads.iter().enumerate().filter_map(blocked).collect();
        format!("Deadlock: {}.", blocked.join("; "))
    }
}
