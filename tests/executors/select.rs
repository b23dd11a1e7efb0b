//! A wait on several buffers loses no item of the branches that are dropped or kept.

use std::thread;

use bounded_buffer::{Consumer, PopError, bounded};
use futures::future::{BoxFuture, Either, select};

use crate::executor::{EXECUTORS, Executor, Task};
use test_support::watched;

/// Items of each buffer.
const ITEMS: u32 = 2000;

/// Receives from both buffers until both are closed and drained.
type Receive = fn(Consumer<u32>, Consumer<u32>) -> BoxFuture<'static, Vec<u32>>;

/// `tokio::select!` with new futures in each turn: the losing branch is dropped.
fn tokio_select(a: Consumer<u32>, b: Consumer<u32>) -> BoxFuture<'static, Vec<u32>> {
    Box::pin(async move {
        let mut items = Vec::new();
        loop {
            tokio::select! {
                Ok(item) = a.pop_async() => items.push(item),
                Ok(item) = b.pop_async() => items.push(item),
                else => return items,
            }
        }
    })
}

/// `futures::select!` with futures that are kept: the losing branch is polled again in the next turn.
fn futures_select(a: Consumer<u32>, b: Consumer<u32>) -> BoxFuture<'static, Vec<u32>> {
    Box::pin(async move {
        let mut items = Vec::new();
        let (mut from_a, mut from_b) = (a.pop_async(), b.pop_async());
        loop {
            futures::select! {
                item = from_a => if let Ok(item) = item { items.push(item); from_a = a.pop_async(); },
                item = from_b => if let Ok(item) = item { items.push(item); from_b = b.pop_async(); },
                complete => return items,
            }
        }
    })
}

/// Pops from the buffer that has an item first, in a thread.
fn pop_either(a: &Consumer<u32>, b: &Consumer<u32>) -> Result<u32, PopError> {
    futures::executor::block_on(async {
        match select(a.pop_async(), b.pop_async()).await {
            Either::Left((Ok(item), _)) | Either::Right((Ok(item), _)) => Ok(item),
            Either::Left((Err(PopError), other)) | Either::Right((Err(PopError), other)) => other.await,
        }
    })
}

/// Three receivers, each on both buffers: two tasks and a thread. A producer for each buffer, a task and a thread.
fn check(executor: Executor, receive: Receive) {
    println!("{executor:?}");
    let ((to_a, a), (to_b, b)) = (bounded(1), bounded(2));
    let (results, received) = bounded(3);
    let mut tasks: Vec<Task> = Vec::new();
    for _ in 0..2 {
        let (items, results) = (receive(a.clone(), b.clone()), results.clone());
        tasks.push(Box::pin(async move {
            results.push(items.await).expect("it has a slot for each receiver");
        }));
    }
    tasks.push(Box::pin(async move {
        for item in 0..ITEMS {
            to_a.push_async(item).await.expect("consumers are left");
        }
    }));
    thread::scope(|threads| {
        threads.spawn(move || (ITEMS..2 * ITEMS).for_each(|item| to_b.push(item).expect("consumers are left")));
        threads.spawn(|| {
            let items = std::iter::from_fn(|| pop_either(&a, &b).ok()).collect();
            results.push(items).expect("it has a slot for each receiver");
        });
        executor.run(tasks);
    });
    let mut items = received.drain().concat();
    items.sort_unstable();
    assert!(items.iter().copied().eq(0..2 * ITEMS), "lost or duplicated: {items:?}");
    for stats in [a.buffer().stats(), b.buffer().stats()] {
        assert_eq!((stats.waiting_consumers, stats.waiting_producers), (0, 0));
        assert_eq!((stats.pushed, stats.popped), (ITEMS.into(), ITEMS.into()));
    }
}

#[test]
fn tokio_select_with_new_futures_loses_nothing() {
    watched(|| EXECUTORS.map(|executor| check(executor, tokio_select)));
}

#[test]
fn futures_select_with_kept_futures_loses_nothing() {
    watched(|| EXECUTORS.map(|executor| check(executor, futures_select)));
}
