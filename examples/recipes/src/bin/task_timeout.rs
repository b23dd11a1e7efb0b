//! A push in a task with a time-out, which returns the item.

use std::time::Duration;

use bounded_buffer::{BoundedBuffer, PushTimeoutError};
use tokio::time::timeout;

/// Appends an item; the task waits while the buffer is full, for at most `limit`.
async fn push_timeout<T>(buffer: &BoundedBuffer<T>, item: T, limit: Duration) -> Result<(), PushTimeoutError<T>> {
    let mut push = buffer.push_async(item);
    if let Ok(result) = timeout(limit, &mut push).await {
        return Ok(result?); // pushed, or closed
    }
    // The time is up, so the push has not completed and has its item.
    push.into_item().map_or(Ok(()), |item| Err(PushTimeoutError::Timeout(item)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let buffer = BoundedBuffer::new(1);
    for item in ["first", "second"] {
        match push_timeout(&buffer, item, Duration::from_millis(20)).await {
            Ok(()) => println!("pushed"),
            Err(error) => println!("{error}: {}", error.into_inner()),
        }
    }
    buffer.close();
    let error = push_timeout(&buffer, "third", Duration::from_millis(20)).await.expect_err("it is closed");
    println!("{error}: {}", error.into_inner());
}
