//! A push that is kept and not polled, after `select!` has taken another branch, and a second push.
//!
//! The kept push is woken for the slot that becomes free, and covers it. The waker is that of its task. So a second push in the same
//! task is polled and takes the slot. In another task it waits until the first is polled or dropped.

use std::pin::pin;
use std::time::Duration;

use bounded_buffer::{Consumer, Producer, bounded};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::timeout;

use test_support::watched;

/// The clock is paused. While all tasks wait, it advances to the end of the next time-out: so a time-out shows that a task hangs.
fn on_tokio<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime").block_on(future)
}

const HANGS: Duration = Duration::from_secs(1);

/// Returns a buffer without a free slot.
fn full() -> (Producer<u32>, Consumer<u32>) {
    let (producer, consumer) = bounded(1);
    producer.push(0).expect("a slot is free");
    (producer, consumer)
}

/// Polls a future once, as the branch of a `select!` that loses.
macro_rules! loses {
    ($future:expr) => {
        tokio::select! {
            biased;
            _ = &mut $future => panic!("it cannot act yet"),
            () = async {} => {}
        }
    };
}

#[test]
fn a_second_push_of_the_same_task_takes_the_slot_of_a_kept_one() {
    watched(|| {
        on_tokio(async {
            let (producer, consumer) = full();
            let mut first = producer.push_async(1);
            loses!(first);
            let other = consumer.clone();
            tokio::spawn(async move {
                yield_now().await; // after the second push waits
                assert_eq!(other.pop_async().await, Ok(0));
            });
            timeout(HANGS, producer.push_async(2)).await.expect("it does not hang").expect("a consumer is left");
            assert_eq!(producer.stats().push_waits, 1, "the second has waited");
            assert_eq!(consumer.pop_async().await, Ok(2));
            assert_eq!(first.await, Ok(()));
            assert_eq!(consumer.pop_async().await, Ok(1));
        });
    });
}

/// tokio's channel gives the slot to the first send, which is not polled. Here for comparison: the documentation says it.
#[test]
fn a_second_send_on_the_channel_of_tokio_hangs() {
    watched(|| {
        on_tokio(async {
            let (sender, mut receiver) = mpsc::channel(1);
            sender.send(0).await.expect("a receiver is left");
            let mut first = pin!(sender.send(1));
            loses!(first);
            let receiver = tokio::spawn(async move {
                yield_now().await;
                assert_eq!(receiver.recv().await, Some(0));
                receiver
            });
            assert!(timeout(HANGS, sender.send(2)).await.is_err());
            drop(receiver);
        });
    });
}

#[test]
fn a_second_push_of_another_task_waits_until_the_kept_one_is_dropped_or_polled() {
    watched(|| {
        for is_polled in [false, true] {
            on_tokio(async {
                let (producer, consumer) = full();
                let mut first = producer.push_async(1);
                loses!(first);
                let other = producer.clone();
                let mut second = tokio::spawn(async move { other.push_async(2).await });
                while producer.stats().waiting_producers < 2 {
                    yield_now().await;
                }
                assert_eq!(consumer.pop_async().await, Ok(0));
                assert!(timeout(HANGS, &mut second).await.is_err(), "the kept push covers the slot");
                assert_eq!((consumer.len(), producer.stats().waiting_producers), (0, 2));
                if is_polled {
                    assert_eq!(first.await, Ok(()));
                    assert_eq!(consumer.pop_async().await, Ok(1));
                } else {
                    assert_eq!(first.into_item(), Some(1));
                }
                let second = timeout(HANGS, second).await.expect("it is woken");
                assert_eq!(second.expect("the task does not panic"), Ok(()));
                assert_eq!(consumer.pop_async().await, Ok(2));
            });
        }
    });
}
