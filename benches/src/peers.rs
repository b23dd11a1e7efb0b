//! The peers: an adapter for each, and the list of all.

use std::cell::RefCell;
use std::sync::Arc;
use std::thread::yield_now;

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use ladder::{step1_textbook, step2_parking_lot};
use parking_lot::Mutex;

use crate::Channel;

/// Receives each peer.
pub trait Visitor<T> {
    fn visit<C: Channel<T>>(&mut self, name: &str);
}

/// Passes every peer to the visitor, this crate's buffer first.
pub fn all<T: Send + 'static>(visitor: &mut impl Visitor<T>) {
    visitor.visit::<Adaptive>("bounded-buffer");
    #[cfg(feature = "compare")]
    {
        visitor.visit::<Before>("before");
        visitor.visit::<Again>("before again");
    }
    visitor.visit::<Park>("bounded-buffer (Park)");
    visitor.visit::<Crossbeam>("crossbeam-channel");
    visitor.visit::<Kanal>("kanal");
    visitor.visit::<Flume>("flume");
    visitor.visit::<AsyncChannel>("async-channel");
    visitor.visit::<StdMpsc>("std sync_channel");
    visitor.visit::<TokioMpsc>("tokio mpsc");
    visitor.visit::<ArrayQueue>("crossbeam ArrayQueue (spins)");
    visitor.visit::<Blocking>("parkring BlockingQueue");
    visitor.visit::<LockFree>("parkring LockFreeQueue");
    visitor.visit::<OnStd>("textbook on std");
    visitor.visit::<OnParkingLot>("textbook on parking_lot");
}

/// Implements [`Channel`]. The push returns a `Result` and the pop an `Option`; neither fails, because both ends stay open.
macro_rules! channel {
    (
        $(#[$doc:meta])* $name:ident, $sender:ty, $receiver:ty, $share:ident, $open:expr,
        |$s:ident, $item:ident| $push:expr, |$r:ident| $pop:expr
    ) => {
        $(#[$doc])*
        pub struct $name;

        impl<T: Send + 'static> Channel<T> for $name {
            type Sender = $sender;
            type Receiver = $receiver;
            fn open(capacity: usize, consumers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)> {
                $share($open(capacity), consumers)
            }
            #[inline]
            fn push($s: &Self::Sender, $item: T) {
                assert!($push.is_ok(), "the receivers outlive the senders");
            }
            #[inline]
            fn pop($r: &Self::Receiver) -> T {
                $pop.expect("the senders outlive the items")
            }
        }
    };
}

/// Both ends, and the receiver once for each consumer.
#[allow(clippy::unnecessary_wraps, reason = "the other kind of receiver cannot be cloned")]
fn cloned<S, R: Clone>((sender, receiver): (S, R), consumers: usize) -> Option<(S, Vec<R>)> {
    Some((sender, vec![receiver; consumers]))
}

/// Both ends of a channel that has one receiver.
fn single<S, R>((sender, receiver): (S, R), consumers: usize) -> Option<(S, Vec<R>)> {
    (consumers == 1).then(|| (sender, vec![receiver]))
}

/// A queue that all threads share: each end is the queue.
#[allow(clippy::unnecessary_wraps, reason = "as other channels are opened")]
pub fn shared<Q>(queue: Q, consumers: usize) -> Option<(Arc<Q>, Vec<Arc<Q>>)> {
    let queue = Arc::new(queue);
    Some((queue.clone(), vec![queue; consumers]))
}

/// Implements it for a crate that has the names of crossbeam-channel.
macro_rules! channel_of {
    ($(#[$doc:meta])* $name:ident, $crate_name:ident) => {
        channel!(
            $(#[$doc])* $name, $crate_name::Sender<T>, $crate_name::Receiver<T>, cloned, $crate_name::bounded,
            |sender, item| sender.send(item), |receiver| receiver.recv().ok()
        );
    };
}

/// Implements it for a queue.
macro_rules! queue {
    ($(#[$doc:meta])* $name:ident, $queue:ty, $new:expr, |$s:ident, $item:ident| $push:expr, |$r:ident| $pop:expr) => {
        channel!(
            $(#[$doc])* $name, Arc<$queue>, Arc<$queue>, shared, $new, |$s, $item| $push, |$r| $pop
        );
    };
}

queue!(
    /// This crate's buffer with its default: it spins and yields for a bounded time before it parks.
    Adaptive, BoundedBuffer<T>, BoundedBuffer::new, |buffer, item| buffer.push(item), |buffer| buffer.pop().ok()
);
#[cfg(feature = "compare")]
queue!(
    /// The buffer of another revision, in `scripts/compare`.
    Before,
    before::BoundedBuffer<T>,
    before::BoundedBuffer::new,
    |buffer, item| buffer.push(item),
    |buffer| buffer.pop().ok()
);
#[cfg(feature = "compare")]
queue!(
    /// The same build once more.
    Again,
    again::BoundedBuffer<T>,
    again::BoundedBuffer::new,
    |buffer, item| buffer.push(item),
    |buffer| buffer.pop().ok()
);
queue!(
    /// This crate's buffer, which parks immediately.
    Park,
    BoundedBuffer<T>,
    |capacity| BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Park),
    |buffer, item| buffer.push(item),
    |buffer| buffer.pop().ok()
);
channel_of!(
    /// The lock-free channel most programs use.
    Crossbeam, crossbeam_channel
);
channel_of!(
    /// A mutex, and a direct handoff to waiting threads.
    Kanal, kanal
);
channel_of!(
    /// A mutex, and a queue of waiting threads.
    Flume, flume
);
channel!(
    /// async-channel, through its blocking side.
    AsyncChannel,
    async_channel::Sender<T>,
    async_channel::Receiver<T>,
    cloned,
    async_channel::bounded,
    |sender, item| sender.send_blocking(item),
    |receiver| receiver.recv_blocking().ok()
);
channel!(
    /// std's channel. Its receiver is not `Clone`: one consumer.
    StdMpsc,
    std::sync::mpsc::SyncSender<T>,
    std::sync::mpsc::Receiver<T>,
    single,
    std::sync::mpsc::sync_channel,
    |sender, item| sender.send(item),
    |receiver| receiver.recv().ok()
);
channel!(
    /// tokio's channel, through its blocking side. Its receiver is not `Clone`, and a pop needs it exclusively.
    TokioMpsc,
    tokio::sync::mpsc::Sender<T>,
    RefCell<tokio::sync::mpsc::Receiver<T>>,
    single,
    |capacity| {
        let (sender, receiver) = tokio::sync::mpsc::channel(capacity);
        (sender, RefCell::new(receiver))
    },
    |sender, item| sender.blocking_send(item),
    |receiver| receiver.borrow_mut().blocking_recv()
);
queue!(
    /// Lock-free, without blocking operations. Here it **spins** with `yield_now`, so it uses a core where the others park. It
    /// shows the cost of a queue without a way to wait.
    ArrayQueue,
    crossbeam_queue::ArrayQueue<T>,
    crossbeam_queue::ArrayQueue::new,
    |queue, item| {
        let mut item = item;
        while let Err(refused) = queue.push(item) {
            item = refused;
            yield_now();
        }
        Ok::<(), T>(())
    },
    |queue| loop {
        if let Some(item) = queue.pop() {
            break Some(item);
        }
        yield_now();
    }
);
queue!(
    /// parkring's queue of a mutex and two condition variables, as here.
    Blocking,
    parkring::BlockingQueue<T>,
    parkring::BlockingQueue::new,
    |queue, item| queue.push(item),
    |queue| queue.pop()
);
queue!(
    /// parkring's lock-free queue.
    LockFree,
    parkring::LockFreeQueue<T>,
    parkring::LockFreeQueue::new,
    |queue, item| queue.push(item),
    |queue| queue.pop()
);
queue!(
    /// The textbook on std's primitives, the first step of the ladder.
    OnStd,
    step1_textbook::Buffer<T>,
    step1_textbook::Buffer::new,
    |buffer, item| buffer.push(item),
    |buffer| buffer.pop()
);
queue!(
    /// The textbook on parking_lot's, to separate the gain of this crate's protocol from the gain of the lock.
    OnParkingLot,
    step2_parking_lot::Buffer<T>,
    step2_parking_lot::Buffer::new,
    |buffer, item| buffer.push(item),
    |buffer| buffer.pop()
);

/// A mutex around a counter: the cost of one lock acquisition per operation. It moves no items and does not wait for any.
pub struct Counter;

impl Channel<u64> for Counter {
    type Sender = Arc<Mutex<u64>>;
    type Receiver = Arc<Mutex<u64>>;
    fn open(_capacity: usize, consumers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)> {
        shared(Mutex::new(0), consumers)
    }
    #[inline]
    fn push(sender: &Self::Sender, _item: u64) {
        let mut count = sender.lock();
        *count = count.wrapping_add(1);
    }
    #[inline]
    fn pop(receiver: &Self::Receiver) -> u64 {
        let mut count = receiver.lock();
        *count = count.wrapping_sub(1);
        *count
    }
}
