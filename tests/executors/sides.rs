//! Producers and consumers that cancel their operations and repeat them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use bounded_buffer::{Consumer, Producer};
use futures::{SinkExt, StreamExt};

use crate::cancel::Cancel;
use test_support::{Counted, Ledger};

/// How a producer pushes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Push {
    One,
    Many,
    Sink,
}

/// How a consumer pops.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pop {
    One,
    Many,
    Stream,
}

pub(crate) const PUSHES: [Push; 3] = [Push::One, Push::Many, Push::Sink];
pub(crate) const POPS: [Pop; 3] = [Pop::One, Pop::Many, Pop::Stream];

/// Cancels operations, and counts them.
pub(crate) struct Impatience {
    pub(crate) cancel: Cancel,
    pub(crate) cancelled: AtomicUsize,
}

impl Impatience {
    async fn run<F: Future + Unpin>(&self, future: F) -> Option<F::Output> {
        let output = self.cancel.run(future).await;
        if output.is_none() {
            self.cancelled.fetch_add(1, Ordering::SeqCst);
        }
        output
    }
}

impl Push {
    /// Pushes items with these ids.
    pub(crate) async fn all(self, ids: Vec<u32>, to: &Producer<Counted>, ledger: &Ledger, impatience: &Impatience) {
        match self {
            Self::One => {
                for id in ids {
                    push_one(id, to, ledger, impatience).await;
                }
            }
            Self::Many => {
                for ids in ids.chunks(5) {
                    let mut items: VecDeque<_> = ids.iter().map(|&id| ledger.item(id)).collect();
                    let pushed = loop {
                        if let Some(result) = impatience.run(to.push_many_async(&mut items)).await {
                            break result;
                        }
                    };
                    pushed.expect("a consumer is left");
                    assert!(items.is_empty());
                }
            }
            Self::Sink => {
                for id in ids {
                    send_one(id, to, ledger, impatience).await;
                }
            }
        }
    }
}

async fn push_one(id: u32, to: &Producer<Counted>, ledger: &Ledger, impatience: &Impatience) {
    let mut item = ledger.item(id);
    loop {
        let mut push = to.push_async(item);
        match impatience.run(&mut push).await {
            Some(result) => return result.expect("a consumer is left"),
            None if fastrand::bool() => item = push.into_item().expect("it was not pushed"),
            None => {
                drop(push); // with its item
                item = ledger.item(id);
            }
        }
    }
}

async fn send_one(id: u32, to: &Producer<Counted>, ledger: &Ledger, impatience: &Impatience) {
    let mut item = ledger.item(id);
    loop {
        let mut sink = to.sink();
        match impatience.run(sink.send(item)).await {
            Some(result) => return result.expect("a consumer is left"),
            None if fastrand::bool() => item = sink.into_item().expect("it was not pushed"),
            None => {
                // The sink has the item and pushes it later.
                let flushed = loop {
                    if let Some(result) = impatience.run(sink.flush()).await {
                        break result;
                    }
                };
                return flushed.expect("a consumer is left");
            }
        }
    }
}

impl Pop {
    /// Pops until the buffer is closed and drained. Returns the ids.
    pub(crate) async fn all(self, from: &Consumer<Counted>, impatience: &Impatience) -> Vec<u32> {
        let mut ids = Vec::new();
        match self {
            Self::One => loop {
                match impatience.run(from.pop_async()).await {
                    Some(Ok(item)) => ids.push(item.id),
                    Some(Err(_)) => return ids,
                    None => {}
                }
            },
            Self::Many => {
                let mut items = Vec::new();
                loop {
                    match impatience.run(from.pop_many_async(&mut items, 3)).await {
                        Some(Ok(count)) => assert_eq!(count, items.len()),
                        Some(Err(_)) => return ids,
                        None => assert!(items.is_empty()),
                    }
                    ids.extend(items.drain(..).map(|item| item.id));
                }
            }
            Self::Stream => {
                let mut stream = from.stream();
                loop {
                    match impatience.run(stream.next()).await {
                        Some(Some(item)) => ids.push(item.id),
                        Some(None) => return ids,
                        None if fastrand::bool() => stream = from.stream(),
                        None => {} // the stream goes on to wait with the next `next`
                    }
                }
            }
        }
    }
}
