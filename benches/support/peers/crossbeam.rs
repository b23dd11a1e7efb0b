//! crossbeam-channel: the lock-free channel most programs use.

use super::{Channel, Receiver, Sender};

pub(crate) struct Crossbeam;

impl<T: Send + 'static> Channel<T> for Crossbeam {
    type Sender = crossbeam_channel::Sender<T>;
    type Receiver = crossbeam_channel::Receiver<T>;
    fn open(capacity: usize) -> (Self::Sender, Self::Receiver) {
        crossbeam_channel::bounded(capacity)
    }
}

impl<T: Send> Sender<T> for crossbeam_channel::Sender<T> {
    #[inline]
    fn push(&self, item: T) {
        assert!(self.send(item).is_ok(), "the receivers outlive the senders");
    }
}

impl<T: Send> Receiver<T> for crossbeam_channel::Receiver<T> {
    #[inline]
    fn pop(&self) -> T {
        self.recv().expect("the senders outlive the items")
    }
}
