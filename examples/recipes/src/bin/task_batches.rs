//! Batches into a slow writer, in a task.

use std::time::Duration;

use bounded_buffer::{Consumer, PopError, bounded};
use tokio::time::{Instant, sleep, timeout_at};

/// Takes a batch as the buffer's `pop_batch` does. If it is cancelled, the items that it has taken are in `into`.
async fn pop_batch<T>(from: &Consumer<T>, into: &mut Vec<T>, max: usize, linger: Duration) -> Result<usize, PopError> {
    let mut count = from.pop_many_async(into, max).await?;
    let end = Instant::now() + linger;
    while count < max {
        match timeout_at(end, from.pop_many_async(into, max - count)).await {
            Ok(Ok(more)) => count += more,
            Ok(Err(PopError)) | Err(_) => break, // closed and drained, or the time is up
        }
    }
    Ok(count)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (producer, consumer) = bounded(64);
    let writer = tokio::spawn(async move {
        let mut batch = Vec::new();
        while let Ok(count) = pop_batch(&consumer, &mut batch, 32, Duration::from_secs(5)).await {
            sleep(Duration::from_millis(2)).await; // a transaction: it costs the same for 1 and for 32 items
            println!("wrote {count} items, the last one is {}", batch[count - 1]);
            batch.clear(); // keeps its memory for the next batch
        }
    });
    for item in 0..100 {
        producer.push_async(item).await.expect("the writer is left");
        if item % 10 == 9 {
            sleep(Duration::from_millis(1)).await; // items arrive in bursts
        }
    }
    drop(producer);
    writer.await.expect("the writer does not panic");
}
