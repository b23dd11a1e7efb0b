//! kanal: a mutex, and a direct handoff to waiting threads.

use super::{Channel, Receiver, Sender};

pub(crate) struct Kanal;

impl<T: Send + 'static> Channel<T> for Kanal {
    type Sender = ::kanal::Sender<T>;
    type Receiver = ::kanal::Receiver<T>;
    fn open(capacity: usize) -> (Self::Sender, Self::Receiver) {
        ::kanal::bounded(capacity)
    }
}

impl<T: Send> Sender<T> for ::kanal::Sender<T> {
    #[inline]
    fn push(&self, item: T) {
        assert!(self.send(item).is_ok(), "the receivers outlive the senders");
    }
}

impl<T: Send> Receiver<T> for ::kanal::Receiver<T> {
    #[inline]
    fn pop(&self) -> T {
        self.recv().expect("the senders outlive the items")
    }
}
