//! Two properties of tasks on one thread of tokio.
//!
//! A push that is kept and not polled, after `select!` has taken another branch, and a second push: the kept push is woken for the
//! slot that becomes free, and covers it. The waker is that of its task. So a second push in the same task is polled and takes the
//! slot. In another task it waits until the first is polled or dropped.
//!
//! A future that is ready does not return to the executor: a loop whose operations are always ready lets neither the time-out around
//! it nor another task run, unless it yields. `cooperative` and `yield_now` are the two ways that the documentation names.

use std::pin::pin;
use std::time::Duration;

use bounded_buffer::{Consumer, Producer, bounded};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::coop::cooperative;
use tokio::task::yield_now;
use tokio::time::timeout;

use test_support::watched;

/// While all tasks wait, a paused clock advances to the end of the next time-out: so a time-out shows that a task hangs.
fn on_tokio<F: Future>(is_paused: bool, future: F) -> F::Output {
    let runtime = Builder::new_current_thread().enable_time().start_paused(is_paused).build();
    runtime.expect("a runtime").block_on(future)
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
        on_tokio(true, async {
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
        on_tokio(true, async {
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
            on_tokio(true, async {
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

/// tokio lets a task do 128 operations of its own types before it makes the task yield. `cooperative` counts as one of them.
#[test]
fn a_time_out_ends_a_loop_that_is_cooperative_or_yields() {
    watched(|| {
        for yields in [false, true] {
            let (producer, consumer) = bounded(1);
            let mut rounds = 0;
            on_tokio(false, async {
                let endless = async {
                    loop {
                        if yields {
                            producer.push_async(rounds).await.expect("a consumer is left");
                            assert_eq!(consumer.pop_async().await, Ok(rounds));
                            yield_now().await;
                        } else {
                            cooperative(producer.push_async(rounds)).await.expect("a consumer is left");
                            assert_eq!(cooperative(consumer.pop_async()).await, Ok(rounds));
                        }
                        rounds += 1;
                    }
                };
                timeout(Duration::from_millis(50), endless).await.expect_err("the loop does not end");
            });
            assert!(rounds > if yields { 1 } else { 64 }, "{rounds} rounds: it yields after many operations only");
            assert_eq!((producer.stats().push_waits, producer.stats().pop_waits), (0, 0), "each operation was ready");
        }
    });
}
