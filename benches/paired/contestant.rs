//! The contestants: each peer, and each variant of this crate's buffer, under a name.

use crate::args::Args;
use crate::support::peers::{
    Adaptive, ArrayQueue, AsyncChannel, Blocking, Counter, Crossbeam, Flume, Kanal, LockFree, OnParkingLot, OnStd,
    Park, Shared, StdMpsc,
};
use crate::support::workload::{self, Load, Took};
use crate::support::{Channel, Item, sanity};
use crate::watchdog;

type Run = Box<dyn FnMut(Load) -> Option<Took>>;

/// A channel under a name.
pub(crate) struct Contestant {
    pub(crate) name: String,
    run: Run,
    prove: fn(&str),
    /// Takes part even if `--peers` does not select it.
    always: bool,
}

/// The name of this crate's buffer in the results.
pub(crate) const OURS: &str = "bounded-buffer";
/// The peer that the tables of `work` are relative to.
pub(crate) const CROSSBEAM: &str = "crossbeam-channel";

impl Contestant {
    pub(crate) fn new(name: &str, run: impl FnMut(Load) -> Option<Took> + 'static) -> Self {
        Self { name: name.to_owned(), run: Box::new(run), prove: |_| (), always: name == OURS }
    }

    /// The times of a run; `None` if it cannot run with this number of threads.
    pub(crate) fn run(&mut self, load: Load) -> Option<Took> {
        let _alive = watchdog::watch(format!("{} with {load:?}", self.name));
        (self.run)(load)
    }

    /// Runs its sanity check.
    pub(crate) fn prove(&self) {
        let _alive = watchdog::watch(format!("the sanity check of {}", self.name));
        (self.prove)(&self.name);
    }
}

fn shared<T: Item, C: Channel<T> + Channel<u64>>(name: &str) -> Contestant
where
    <C as Channel<T>>::Receiver: Clone,
    <C as Channel<u64>>::Receiver: Clone,
{
    let run = |load| Some(workload::many_consumers::<T, C>(load));
    Contestant { prove: sanity::many_consumers::<C>, ..Contestant::new(name, run) }
}

/// Runs with one consumer only, because the type does not allow more.
fn one_consumer<T: Item, C: Channel<T> + Channel<u64>>(name: &str) -> Contestant {
    let run = |load: Load| (load.shape.consumers == 1).then(|| workload::one_consumer::<T, C>(load));
    Contestant { prove: sanity::one_consumer::<C>, ..Contestant::new(name, run) }
}

/// A queue, which has a different type for each item type.
macro_rules! queue {
    ($name:expr, $queue:ident) => {
        Contestant {
            prove: sanity::many_consumers::<Shared<$queue<u64>>>,
            ..Contestant::new($name, |load| Some(workload::many_consumers::<T, Shared<$queue<T>>>(load)))
        }
    };
}

/// All contestants of the empty loop that run in this process, this crate's first.
pub(crate) fn of_the_grid<T: Item>(args: &Args) -> Vec<Contestant> {
    let mut all = vec![
        queue!(OURS, Adaptive),
        queue!("bounded-buffer (Park)", Park),
        shared::<T, Crossbeam>(CROSSBEAM),
        shared::<T, Kanal>("kanal"),
        shared::<T, Flume>("flume"),
        shared::<T, AsyncChannel>("async-channel"),
        one_consumer::<T, StdMpsc>("std sync_channel"),
        queue!("crossbeam ArrayQueue (spins)", ArrayQueue),
        queue!("parkring BlockingQueue", Blocking),
        queue!("parkring LockFreeQueue", LockFree),
        queue!("textbook on std", OnStd),
        queue!("textbook on parking_lot", OnParkingLot),
    ];
    if let Some(size) = args.batch {
        all.insert(1, batches::<T>(&format!("{OURS}, batches of {size}"), size, size));
    }
    all
}

/// The contestants of the loop with work between the operations.
pub(crate) fn of_work() -> Vec<Contestant> {
    type T = u64;
    vec![
        queue!(OURS, Adaptive),
        batches::<T>(&format!("{OURS}, iter_many({BATCH})"), 1, BATCH),
        batches::<T>(&format!("{OURS}, push_many + iter_many({BATCH})"), BATCH, BATCH),
        queue!("bounded-buffer (Park)", Park),
        shared::<T, Crossbeam>(CROSSBEAM),
        shared::<T, Kanal>("kanal"),
        shared::<T, Flume>("flume"),
        shared::<T, AsyncChannel>("async-channel"),
        queue!("parkring BlockingQueue", Blocking),
        Contestant::new("a mutex around a counter", |load| {
            Some(workload::many_consumers::<u64, Shared<Counter>>(load))
        }),
    ]
}

/// Whether a peer takes part in the open loop and in the run that measures fairness.
pub(crate) fn takes_part(args: &Args, name: &str) -> bool {
    const PEERS: [&str; 6] =
        ["bounded-buffer (Park)", CROSSBEAM, "kanal", "flume", "async-channel", "parkring BlockingQueue"];
    name == OURS || PEERS.contains(&name) && args.wants(name)
}

/// Items that a consumer takes at most under one lock acquisition, and that a producer pushes under one.
const BATCH: usize = 16;

/// The contestants that `--peers` selects, and this crate's buffer.
pub(crate) fn wanted(args: &Args, mut all: Vec<Contestant>) -> Vec<Contestant> {
    all.retain(|contestant| contestant.always || args.wants(&contestant.name));
    all
}

/// This crate's buffer, moving several items per call.
fn batches<T: Item>(name: &str, push: usize, pop: usize) -> Contestant {
    Contestant::new(name, move |load| Some(workload::batches::<T>(load, push, pop)))
}
