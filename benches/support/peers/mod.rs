//! The peers, one file per peer or per family.

mod all;
mod array_queue;
mod async_channel;
mod bounded_buffer;
mod counter;
mod crossbeam;
mod flume;
mod kanal;
mod parkring;
mod std_mpsc;
mod textbook;

use std::marker::PhantomData;
use std::sync::Arc;

pub(crate) use self::all::{Visitor, all};
pub(crate) use self::array_queue::ArrayQueue;
pub(crate) use self::async_channel::AsyncChannel;
pub(crate) use self::bounded_buffer::{Adaptive, Park};
pub(crate) use self::counter::Counter;
pub(crate) use self::crossbeam::Crossbeam;
pub(crate) use self::flume::Flume;
pub(crate) use self::kanal::Kanal;
pub(crate) use self::parkring::{Blocking, LockFree};
pub(crate) use self::std_mpsc::StdMpsc;
pub(crate) use self::textbook::{OnParkingLot, OnStd};

use super::{Channel, Receiver, Sender};

/// A queue that all threads share by reference. [`Shared`] makes a channel of it.
pub(crate) trait Queue<T>: Send + Sync + 'static {
    fn new(capacity: usize) -> Self;
    fn push(&self, item: T);
    fn pop(&self) -> T;
}

/// A [`Queue`] as a channel: each end is the queue.
pub(crate) struct Shared<Q>(PhantomData<Q>);

impl<T, Q: Queue<T>> Channel<T> for Shared<Q> {
    type Sender = Arc<Q>;
    type Receiver = Arc<Q>;
    fn open(capacity: usize) -> (Arc<Q>, Arc<Q>) {
        let queue = Arc::new(Q::new(capacity));
        (queue.clone(), queue)
    }
}

impl<T, Q: Queue<T>> Sender<T> for Arc<Q> {
    #[inline]
    fn push(&self, item: T) {
        Q::push(self, item);
    }
}

impl<T, Q: Queue<T>> Receiver<T> for Arc<Q> {
    #[inline]
    fn pop(&self) -> T {
        Q::pop(self)
    }
}
