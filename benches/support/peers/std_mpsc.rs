//! std's `sync_channel`. Its receiver is not `Clone`: one consumer.

use super::{Channel, Receiver, Sender};

pub(crate) struct StdMpsc;

impl<T: Send + 'static> Channel<T> for StdMpsc {
    type Sender = std::sync::mpsc::SyncSender<T>;
    type Receiver = std::sync::mpsc::Receiver<T>;
    fn open(capacity: usize) -> (Self::Sender, Self::Receiver) {
        std::sync::mpsc::sync_channel(capacity)
    }
}

impl<T: Send> Sender<T> for std::sync::mpsc::SyncSender<T> {
    #[inline]
    fn push(&self, item: T) {
        assert!(self.send(item).is_ok(), "the receivers outlive the senders");
    }
}

impl<T: Send> Receiver<T> for std::sync::mpsc::Receiver<T> {
    #[inline]
    fn pop(&self) -> T {
        self.recv().expect("the senders outlive the items")
    }
}
