//! The contestants: each peer, and each variant of this crate's buffer, under a name.

use benches::peers::{Counter, Visitor, all};
use benches::workload::{self, Load, Took};
use benches::{Channel, Item, watchdog};
use results::{BOTH_MANY, COUNTER, CROSSBEAM, ITER_MANY, OURS, PARK};

use crate::args::Args;

type Run = Box<dyn FnMut(Load) -> Option<Took>>;

/// A channel under a name.
pub(crate) struct Contestant {
    pub(crate) name: String,
    run: Run,
}

impl Contestant {
    pub(crate) fn new(name: &str, run: impl FnMut(Load) -> Option<Took> + 'static) -> Self {
        Self { name: name.to_owned(), run: Box::new(run) }
    }

    /// The times of a run; `None` if it cannot run with this number of threads.
    pub(crate) fn run(&mut self, load: Load) -> Option<Took> {
        let _alive = watchdog::watch(format!("{} with {load:?}", self.name));
        (self.run)(load)
    }
}

struct Peers(Vec<Contestant>);

impl<T: Item> Visitor<T> for Peers {
    fn shared<C: Channel<T>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        self.0.push(Contestant::new(name, |load| Some(workload::many_consumers::<T, C>(load))));
    }

    fn single<C: Channel<T>>(&mut self, name: &str) {
        let run = |load: Load| (load.shape.consumers == 1).then(|| workload::one_consumer::<T, C>(load));
        self.0.push(Contestant::new(name, run));
    }
}

fn peers<T: Item>() -> Vec<Contestant> {
    let mut peers = Peers(Vec::new());
    all::<T>(&mut peers);
    peers.0
}

/// All contestants of the empty loop that run in this process, this crate's first.
pub(crate) fn of_the_grid<T: Item>(args: &Args) -> Vec<Contestant> {
    let mut all = peers::<T>();
    if let Some(size) = args.batch {
        all.insert(1, batches::<T>(&format!("{OURS}, batches of {size}"), size, size));
    }
    all
}

/// The contestants of the loop with work between the operations.
pub(crate) fn of_work() -> Vec<Contestant> {
    let mut all = peers::<u64>();
    all.retain(|peer| peer.name == OURS || PEERS.contains(&peer.name.as_str()));
    let many = [batches::<u64>(ITER_MANY, 1, BATCH), batches::<u64>(BOTH_MANY, BATCH, BATCH)];
    all.splice(1..1, many);
    all.push(Contestant::new(COUNTER, |load| Some(workload::many_consumers::<u64, Counter>(load))));
    all
}

/// The peers of all parts but the empty loop. The last two have one receiver.
const PEERS: [&str; 7] = [PARK, CROSSBEAM, "kanal", "flume", "async-channel", "std sync_channel", "tokio mpsc"];

/// Whether a peer takes part in the runs that measure latency and fairness.
pub(crate) fn takes_part(args: &Args, name: &str) -> bool {
    name == OURS || PEERS.contains(&name) && args.wants(name)
}

/// Items that a consumer takes at most under one lock acquisition, and that a producer pushes under one.
const BATCH: usize = 16;

/// The contestants that `--peers` selects, and this crate's buffer.
pub(crate) fn wanted(args: &Args, mut all: Vec<Contestant>) -> Vec<Contestant> {
    all.retain(|contestant| contestant.name == OURS || args.wants(&contestant.name));
    all
}

/// This crate's buffer, moving several items per call.
fn batches<T: Item>(name: &str, push: usize, pop: usize) -> Contestant {
    Contestant::new(name, move |load| Some(workload::batches::<T>(load, push, pop)))
}
