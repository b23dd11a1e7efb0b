//! Channels with an interface for tasks and for threads.

use std::future::Future;

use bounded_buffer::{Consumer, Producer};

/// A bounded channel, named by a type.
pub(crate) trait TaskChannel: 'static {
    type Sender: TaskSender;
    type Receiver: TaskReceiver;
    /// `None` if the channel cannot have so many receivers.
    fn open(capacity: usize, receivers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)>;
}

pub(crate) trait TaskSender: Clone + Send + Sync + 'static {
    /// Waits while the channel is full.
    fn push(&self, item: u64) -> impl Future<Output = ()> + Send;
    /// Blocks while the channel is full.
    fn push_blocking(&self, item: u64);
}

pub(crate) trait TaskReceiver: Send + 'static {
    /// Waits while the channel is empty.
    fn pop(&mut self) -> impl Future<Output = u64> + Send;
    /// Blocks while the channel is empty.
    fn pop_blocking(&mut self) -> u64;
}

const ALIVE: &str = "both sides live until all items have passed";

/// Implements the traits for a channel whose receiver can be cloned.
macro_rules! channel {
    (
        $name:ident, $sender:ty, $receiver:ty, $open:expr,
        |$s:ident, $item:ident| $push:expr, $push_blocking:expr, |$r:ident| $pop:expr, $pop_blocking:expr
    ) => {
        pub(crate) struct $name;

        impl TaskChannel for $name {
            type Sender = $sender;
            type Receiver = $receiver;
            fn open(capacity: usize, receivers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)> {
                let (sender, receiver) = $open(capacity);
                Some((sender, vec![receiver; receivers]))
            }
        }

        impl TaskSender for $sender {
            async fn push(&self, $item: u64) {
                let $s = self;
                assert!($push.await.is_ok(), "{ALIVE}");
            }
            fn push_blocking(&self, $item: u64) {
                let $s = self;
                assert!($push_blocking.is_ok(), "{ALIVE}");
            }
        }

        impl TaskReceiver for $receiver {
            async fn pop(&mut self) -> u64 {
                let $r = self;
                $pop.await.expect(ALIVE)
            }
            fn pop_blocking(&mut self) -> u64 {
                let $r = self;
                $pop_blocking.expect(ALIVE)
            }
        }
    };
}

channel!(
    Ours,
    Producer<u64>,
    Consumer<u64>,
    bounded_buffer::bounded,
    |s, item| s.push_async(item),
    Producer::push(s, item),
    |r| r.pop_async(),
    Consumer::pop(r)
);
channel!(
    AsyncChannel,
    async_channel::Sender<u64>,
    async_channel::Receiver<u64>,
    async_channel::bounded,
    |s, item| s.send(item),
    s.send_blocking(item),
    |r| r.recv(),
    r.recv_blocking()
);
channel!(
    Flume,
    flume::Sender<u64>,
    flume::Receiver<u64>,
    flume::bounded,
    |s, item| s.send_async(item),
    s.send(item),
    |r| r.recv_async(),
    r.recv()
);
channel!(
    Kanal,
    kanal::AsyncSender<u64>,
    kanal::AsyncReceiver<u64>,
    kanal::bounded_async,
    |s, item| s.send(item),
    s.as_sync().send(item),
    |r| r.recv(),
    r.as_sync().recv()
);

/// tokio's channel, which has one receiver.
pub(crate) struct Tokio;

impl TaskChannel for Tokio {
    type Sender = tokio::sync::mpsc::Sender<u64>;
    type Receiver = tokio::sync::mpsc::Receiver<u64>;
    fn open(capacity: usize, receivers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)> {
        let (sender, receiver) = tokio::sync::mpsc::channel(capacity);
        (receivers == 1).then(|| (sender, vec![receiver]))
    }
}

impl TaskSender for tokio::sync::mpsc::Sender<u64> {
    async fn push(&self, item: u64) {
        self.send(item).await.expect(ALIVE);
    }
    fn push_blocking(&self, item: u64) {
        self.blocking_send(item).expect(ALIVE);
    }
}

impl TaskReceiver for tokio::sync::mpsc::Receiver<u64> {
    async fn pop(&mut self) -> u64 {
        self.recv().await.expect(ALIVE)
    }
    fn pop_blocking(&mut self) -> u64 {
        self.blocking_recv().expect(ALIVE)
    }
}
