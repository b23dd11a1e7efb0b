//! async-channel, through its blocking side.

use super::{Channel, Receiver, Sender};

pub(crate) struct AsyncChannel;

impl<T: Send + 'static> Channel<T> for AsyncChannel {
    type Sender = ::async_channel::Sender<T>;
    type Receiver = ::async_channel::Receiver<T>;
    fn open(capacity: usize) -> (Self::Sender, Self::Receiver) {
        ::async_channel::bounded(capacity)
    }
}

impl<T: Send> Sender<T> for ::async_channel::Sender<T> {
    #[inline]
    fn push(&self, item: T) {
        assert!(self.send_blocking(item).is_ok(), "the receivers outlive the senders");
    }
}

impl<T: Send> Receiver<T> for ::async_channel::Receiver<T> {
    #[inline]
    fn pop(&self) -> T {
        self.recv_blocking().expect("the senders outlive the items")
    }
}
