//! The contestants: each peer, and each variant of this crate's buffer, under a name.

use std::fmt::Debug;
use std::num::NonZeroUsize;

use benches::peers::{Counter, Visitor, all};
use benches::workload::{self, Load, Took};
use benches::{Channel, Item, watch};
use results::{BOTH_MANY, COUNTER, CROSSBEAM, ITER_MANY, OURS, PARK};

use crate::args::Args;

/// A channel under a name: what it measures under a load.
pub(crate) struct Contestant<L, T> {
    pub(crate) name: String,
    run: Box<dyn FnMut(L) -> T>,
}

/// Measures the times of a run; `None` if it cannot run with this number of threads.
pub(crate) type Timed = Contestant<Load, Option<Took>>;

impl<L: Debug, T> Contestant<L, T> {
    pub(crate) fn new(name: &str, run: impl FnMut(L) -> T + 'static) -> Self {
        Self { name: name.to_owned(), run: Box::new(run) }
    }

    pub(crate) fn run(&mut self, load: L) -> T {
        let _alive = watch(format!("{} with {load:?}", self.name));
        (self.run)(load)
    }
}

struct Peers(Vec<Timed>);

impl<T: Item> Visitor<T> for Peers {
    fn visit<C: Channel<T>>(&mut self, name: &str) {
        self.0.push(Contestant::new(name, workload::single_items::<T, C>));
    }
}

fn peers<T: Item>() -> Vec<Timed> {
    let mut peers = Peers(Vec::new());
    all::<T>(&mut peers);
    peers.0
}

/// All contestants of the empty loop that run in this process, this crate's first.
pub(crate) fn of_the_grid<T: Item>(args: &Args) -> Vec<Timed> {
    let mut all = peers::<T>();
    if let Some(size) = args.batch.map(NonZeroUsize::get) {
        all.insert(1, batches::<T>(&format!("{OURS}, batches of {size}"), size, size));
    }
    all
}

/// The contestants of the loop with work between the operations.
pub(crate) fn of_work() -> Vec<Timed> {
    let mut all = peers::<u64>();
    all.retain(|peer| is_usual(&peer.name) || ONE_RECEIVER.contains(&peer.name.as_str()));
    let many = [batches::<u64>(ITER_MANY, 1, BATCH), batches::<u64>(BOTH_MANY, BATCH, BATCH)];
    all.splice(1..1, many);
    all.push(Contestant::new(COUNTER, workload::single_items::<u64, Counter>));
    all
}

const ONE_RECEIVER: [&str; 2] = ["std sync_channel", "tokio mpsc"];

/// Whether it is in all parts, and not in the empty loop only.
fn is_usual(name: &str) -> bool {
    [OURS, "before", "before again", PARK, CROSSBEAM, "kanal", "flume", "async-channel"].contains(&name)
}

/// Whether a peer takes part in the runs that measure latency and fairness.
pub(crate) fn takes_part(args: &Args, name: &str) -> bool {
    is_usual(name) && args.wants(name)
}

/// Items that a consumer takes at most under one lock acquisition, and that a producer pushes under one.
const BATCH: usize = 16;

/// This crate's buffer, moving several items per call.
fn batches<T: Item>(name: &str, push: usize, pop: usize) -> Timed {
    Contestant::new(name, move |load| Some(workload::batches::<T>(load, push, pop)))
}
