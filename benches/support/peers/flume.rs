//! flume: a mutex, and a queue of waiting threads.

use super::{Channel, Receiver, Sender};

pub(crate) struct Flume;

impl<T: Send + 'static> Channel<T> for Flume {
    type Sender = ::flume::Sender<T>;
    type Receiver = ::flume::Receiver<T>;
    fn open(capacity: usize) -> (Self::Sender, Self::Receiver) {
        ::flume::bounded(capacity)
    }
}

impl<T: Send> Sender<T> for ::flume::Sender<T> {
    #[inline]
    fn push(&self, item: T) {
        assert!(self.send(item).is_ok(), "the receivers outlive the senders");
    }
}

impl<T: Send> Receiver<T> for ::flume::Receiver<T> {
    #[inline]
    fn pop(&self) -> T {
        self.recv().expect("the senders outlive the items")
    }
}
