//! A future that is ready does not return to the executor. A loop whose operations are always ready lets neither the time-out around
//! it nor another task run, unless it yields. These are the two ways, as the documentation names them.

use std::time::Duration;

use bounded_buffer::bounded;
use tokio::runtime::Builder;
use tokio::task::coop::cooperative;
use tokio::time::timeout;

use test_support::watched;

/// The clock is real: a paused one advances only while all tasks wait.
fn on_tokio<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

/// What tokio lets a task do before it makes the task yield: 128 operations of its own types. `cooperative` counts as one of them.
#[test]
fn a_time_out_ends_a_loop_of_cooperative_operations() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut rounds = 0;
        on_tokio(async {
            let endless = async {
                loop {
                    cooperative(producer.push_async(rounds)).await.expect("a consumer is left");
                    assert_eq!(cooperative(consumer.pop_async()).await, Ok(rounds));
                    rounds += 1;
                }
            };
            timeout(Duration::from_millis(50), endless).await.expect_err("the loop does not end");
        });
        assert!(rounds > 64, "{rounds} rounds: it yields after many operations only");
        assert_eq!((producer.stats().push_waits, producer.stats().pop_waits), (0, 0), "each operation was ready");
    });
}

#[test]
fn a_time_out_ends_a_loop_that_yields() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        on_tokio(async {
            let endless = async {
                loop {
                    producer.push_async(1).await.expect("a consumer is left");
                    assert_eq!(consumer.pop_async().await, Ok(1));
                    tokio::task::yield_now().await;
                }
            };
            timeout(Duration::from_millis(50), endless).await.expect_err("the loop does not end");
        });
        assert!(producer.stats().pushed > 1);
    });
}
