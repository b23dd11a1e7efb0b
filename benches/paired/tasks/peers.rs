//! Channels with an interface for tasks and for threads.

use std::future::Future;

use bounded_buffer::{Consumer, Producer};

/// A bounded channel for tasks and threads, named by a type.
pub(crate) trait TaskChannel: 'static {
    type Sender: Clone + Send + Sync + 'static;
    type Receiver: Send + 'static;
    /// `None` if the channel cannot have so many receivers.
    fn open(capacity: usize, receivers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)>;
    /// Waits while the channel is full.
    fn push(sender: &Self::Sender, item: u64) -> impl Future<Output = ()> + Send;
    /// Blocks while the channel is full.
    fn push_blocking(sender: &Self::Sender, item: u64);
    /// Waits while the channel is empty.
    fn pop(receiver: &mut Self::Receiver) -> impl Future<Output = u64> + Send;
    /// Blocks while the channel is empty.
    fn pop_blocking(receiver: &mut Self::Receiver) -> u64;
}

/// Implements the trait. Neither a push nor a pop fails, because both ends stay open.
macro_rules! channel {
    (
        $name:ident, $sender:ty, $receiver:ty, |$capacity:ident, $receivers:ident| $open:expr,
        |$s:ident, $item:ident| $push:expr, $push_blocking:expr, |$r:ident| $pop:expr, $pop_blocking:expr
    ) => {
        pub(crate) struct $name;

        impl TaskChannel for $name {
            type Sender = $sender;
            type Receiver = $receiver;
            fn open($capacity: usize, $receivers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)> {
                $open
            }
            async fn push($s: &Self::Sender, $item: u64) {
                assert!($push.await.is_ok(), "{ALIVE}");
            }
            fn push_blocking($s: &Self::Sender, $item: u64) {
                assert!($push_blocking.is_ok(), "{ALIVE}");
            }
            async fn pop($r: &mut Self::Receiver) -> u64 {
                $pop.expect(ALIVE)
            }
            fn pop_blocking($r: &mut Self::Receiver) -> u64 {
                $pop_blocking.expect(ALIVE)
            }
        }
    };
}

const ALIVE: &str = "both sides live until all items have passed";

/// Both ends, the receiver once for each consumer.
#[allow(clippy::unnecessary_wraps, reason = "the other channel cannot clone its receiver")]
fn cloned<S, R: Clone>((sender, receiver): (S, R), receivers: usize) -> Option<(S, Vec<R>)> {
    Some((sender, vec![receiver; receivers]))
}

channel!(
    Ours,
    Producer<u64>,
    Consumer<u64>,
    |capacity, receivers| cloned(bounded_buffer::bounded(capacity), receivers),
    |s, item| s.push_async(item),
    s.push(item),
    |r| r.pop_async().await,
    r.pop()
);
channel!(
    AsyncChannel,
    async_channel::Sender<u64>,
    async_channel::Receiver<u64>,
    |capacity, receivers| cloned(async_channel::bounded(capacity), receivers),
    |s, item| s.send(item),
    s.send_blocking(item),
    |r| r.recv().await,
    r.recv_blocking()
);
channel!(
    Flume,
    flume::Sender<u64>,
    flume::Receiver<u64>,
    |capacity, receivers| cloned(flume::bounded(capacity), receivers),
    |s, item| s.send_async(item),
    s.send(item),
    |r| r.recv_async().await,
    r.recv()
);
channel!(
    Kanal,
    kanal::AsyncSender<u64>,
    kanal::AsyncReceiver<u64>,
    |capacity, receivers| cloned(kanal::bounded_async(capacity), receivers),
    |s, item| s.send(item),
    s.as_sync().send(item),
    |r| r.recv().await,
    r.as_sync().recv()
);
// It has one receiver.
channel!(
    Tokio,
    tokio::sync::mpsc::Sender<u64>,
    tokio::sync::mpsc::Receiver<u64>,
    |capacity, receivers| {
        let (sender, receiver) = tokio::sync::mpsc::channel(capacity);
        (receivers == 1).then(|| (sender, vec![receiver]))
    },
    |s, item| s.send(item),
    s.blocking_send(item),
    |r| r.recv().await,
    r.blocking_recv()
);
