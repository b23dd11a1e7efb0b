//! The peers: an adapter for each, and the list of all.

use std::cell::RefCell;
use std::sync::Arc;
use std::thread::yield_now;

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use ladder::{step1_textbook, step2_parking_lot};
use parking_lot::Mutex;

use crate::Channel;

/// Receives each peer: those whose receiver can be shared, and those with one consumer only.
pub trait Visitor<T> {
    fn shared<C: Channel<T>>(&mut self, name: &str)
    where
        C::Receiver: Clone;
    /// Leaves it out, unless a visitor measures one consumer.
    fn single<C: Channel<T>>(&mut self, _name: &str) {}
}

/// Passes every peer to the visitor, this crate's buffer first.
pub fn all<T: Send + 'static>(visitor: &mut impl Visitor<T>) {
    visitor.shared::<Adaptive>("bounded-buffer");
    visitor.shared::<Park>("bounded-buffer (Park)");
    visitor.shared::<Crossbeam>("crossbeam-channel");
    visitor.shared::<Kanal>("kanal");
    visitor.shared::<Flume>("flume");
    visitor.shared::<AsyncChannel>("async-channel");
    visitor.single::<StdMpsc>("std sync_channel");
    visitor.single::<TokioMpsc>("tokio mpsc");
    visitor.shared::<ArrayQueue>("crossbeam ArrayQueue (spins)");
    visitor.shared::<Blocking>("parkring BlockingQueue");
    visitor.shared::<LockFree>("parkring LockFreeQueue");
    visitor.shared::<OnStd>("textbook on std");
    visitor.shared::<OnParkingLot>("textbook on parking_lot");
}

/// Implements [`Channel`]. The push returns a `Result` and the pop an `Option`; neither fails, because both ends stay open.
macro_rules! channel {
    (
        $(#[$doc:meta])* $name:ident, $sender:ty, $receiver:ty, $open:expr,
        |$s:ident, $item:ident| $push:expr, |$r:ident| $pop:expr
    ) => {
        $(#[$doc])*
        pub struct $name;

        impl<T: Send + 'static> Channel<T> for $name {
            type Sender = $sender;
            type Receiver = $receiver;
            fn open(capacity: usize) -> (Self::Sender, Self::Receiver) {
                $open(capacity)
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

/// A queue that all threads share: each end is the queue.
pub fn shared<Q>(queue: Q) -> (Arc<Q>, Arc<Q>) {
    let queue = Arc::new(queue);
    (queue.clone(), queue)
}

/// The same for a queue.
macro_rules! queue {
    ($(#[$doc:meta])* $name:ident, $queue:ty, $new:expr, |$s:ident, $item:ident| $push:expr, |$r:ident| $pop:expr) => {
        channel!(
            $(#[$doc])* $name, Arc<$queue>, Arc<$queue>, |capacity| shared($new(capacity)), |$s, $item| $push, |$r| $pop
        );
    };
}

queue!(
    /// This crate's buffer with its default: it spins and yields for a bounded time before it parks.
    Adaptive, BoundedBuffer<T>, BoundedBuffer::new, |buffer, item| buffer.push(item), |buffer| buffer.pop().ok()
);
queue!(
    /// This crate's buffer, which parks immediately.
    Park,
    BoundedBuffer<T>,
    |capacity| BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Park),
    |buffer, item| buffer.push(item),
    |buffer| buffer.pop().ok()
);
channel!(
    /// The lock-free channel most programs use.
    Crossbeam,
    crossbeam_channel::Sender<T>,
    crossbeam_channel::Receiver<T>,
    crossbeam_channel::bounded,
    |sender, item| sender.send(item),
    |receiver| receiver.recv().ok()
);
channel!(
    /// A mutex, and a direct handoff to waiting threads.
    Kanal,
    kanal::Sender<T>,
    kanal::Receiver<T>,
    kanal::bounded,
    |sender, item| sender.send(item),
    |receiver| receiver.recv().ok()
);
channel!(
    /// A mutex, and a queue of waiting threads.
    Flume,
    flume::Sender<T>,
    flume::Receiver<T>,
    flume::bounded,
    |sender, item| sender.send(item),
    |receiver| receiver.recv().ok()
);
channel!(
    /// async-channel, through its blocking side.
    AsyncChannel,
    async_channel::Sender<T>,
    async_channel::Receiver<T>,
    async_channel::bounded,
    |sender, item| sender.send_blocking(item),
    |receiver| receiver.recv_blocking().ok()
);
channel!(
    /// std's channel. Its receiver is not `Clone`: one consumer.
    StdMpsc,
    std::sync::mpsc::SyncSender<T>,
    std::sync::mpsc::Receiver<T>,
    std::sync::mpsc::sync_channel,
    |sender, item| sender.send(item),
    |receiver| receiver.recv().ok()
);
channel!(
    /// tokio's channel, through its blocking side. Its receiver is not `Clone`, and a pop needs it exclusively.
    TokioMpsc,
    tokio::sync::mpsc::Sender<T>,
    RefCell<tokio::sync::mpsc::Receiver<T>>,
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
    fn open(_capacity: usize) -> (Self::Sender, Self::Receiver) {
        shared(Mutex::new(0))
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
