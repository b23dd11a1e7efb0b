//! Who takes part.

use std::time::Duration;

use crate::args::Args;
use crate::support::peers::{
    Adaptive, ArrayQueue, AsyncChannel, Blocking, Crossbeam, Flume, Kanal, LockFree, OnParkingLot, OnStd, Park, Shared,
    StdMpsc,
};
use crate::support::workload::{self, Shape};
use crate::support::{Channel, Item, sanity};
use crate::watchdog;

type Run = Box<dyn FnMut(Shape, u64) -> Option<Duration>>;

/// A channel under a name, as the grid sees it.
pub(crate) struct Contestant {
    pub(crate) name: String,
    run: Run,
    prove: fn(&str),
    /// Takes part whoever is asked for.
    always: bool,
}

/// How this crate's buffer is called in the tables.
pub(crate) const OURS: &str = "bounded-buffer";

impl Contestant {
    pub(crate) fn new(name: &str, run: impl FnMut(Shape, u64) -> Option<Duration> + 'static) -> Self {
        Self { name: name.to_owned(), run: Box::new(run), prove: |_| (), always: name == OURS }
    }

    /// How long it takes for so many items; `None` if it cannot be run in this shape.
    pub(crate) fn run(&mut self, shape: Shape, items: u64) -> Option<Duration> {
        let _alive = watchdog::watch(format!("{} in {shape:?} with {items} items", self.name));
        (self.run)(shape, items)
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
    let run = |shape, items| Some(workload::many_consumers::<T, C>(shape, items));
    Contestant { prove: sanity::many_consumers::<C>, ..Contestant::new(name, run) }
}

/// Only the shapes with one consumer: the type knows no more.
fn one_consumer<T: Item, C: Channel<T> + Channel<u64>>(name: &str) -> Contestant {
    let run = |shape: Shape, items| (shape.consumers == 1).then(|| workload::one_consumer::<T, C>(shape, items));
    Contestant { prove: sanity::one_consumer::<C>, ..Contestant::new(name, run) }
}

/// A queue: a different type for each item type.
macro_rules! queue {
    ($name:expr, $queue:ident) => {
        Contestant {
            prove: sanity::many_consumers::<Shared<$queue<u64>>>,
            ..Contestant::new($name, |shape, items| {
                Some(workload::many_consumers::<T, Shared<$queue<T>>>(shape, items))
            })
        }
    };
}

/// All that run in this process, this crate's first.
pub(crate) fn in_process<T: Item>(args: &Args) -> Vec<Contestant> {
    let mut all = vec![
        queue!(OURS, Adaptive),
        queue!("bounded-buffer (Park)", Park),
        shared::<T, Crossbeam>("crossbeam-channel"),
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
        all.insert(1, batches::<T>(size));
    }
    all
}

/// Those that `--peers` asks for; this crate's own always take part.
pub(crate) fn wanted<T: Item>(args: &Args) -> Vec<Contestant> {
    let mut all = in_process::<T>(args);
    all.retain(|contestant| contestant.always || args.wants(&contestant.name));
    all
}

/// This crate's buffer, moving `size` items a call.
fn batches<T: Item>(size: usize) -> Contestant {
    let run = move |shape, items| Some(workload::batches::<T>(shape, items, size));
    Contestant { always: true, ..Contestant::new(&format!("{OURS}, batches of {size}"), run) }
}
