//! Waits on several buffers: in a task with `tokio::select!` and `futures::select!`, and in a thread. docs/select.md explains it.

use std::thread;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, PopError, PushError, bounded};
use futures::executor::block_on;
use futures::future::{Either, select};
use tokio::task::coop::cooperative;
use tokio::time::{sleep, timeout};

/// Receives from both buffers until both are closed and drained. Each turn creates new futures and drops the one that lost.
async fn with_tokio(numbers: &BoundedBuffer<u32>, words: &BoundedBuffer<&str>) -> usize {
    let mut count = 0;
    loop {
        tokio::select! {
            Ok(number) = numbers.pop_async() => println!("tokio: {number}"),
            Ok(word) = words.pop_async() => println!("tokio: {word}"),
            else => return count, // both have ended
        }
        count += 1;
    }
}

/// The same with futures that are kept: the one that lost is polled again in the next turn.
async fn with_futures(numbers: &BoundedBuffer<u32>, words: &BoundedBuffer<&str>) -> usize {
    let mut count = 0;
    let (mut number, mut word) = (numbers.pop_async(), words.pop_async());
    loop {
        futures::select! {
            popped = number => if let Ok(item) = popped {
                println!("futures: {item}");
                number = numbers.pop_async();
                count += 1;
            },
            popped = word => if let Ok(item) = popped {
                println!("futures: {item}");
                word = words.pop_async();
                count += 1;
            },
            complete => return count,
        }
    }
}

/// Pops from the buffer that has an item first; the thread blocks. Fails if both are closed and drained.
fn pop_either<T>(a: &BoundedBuffer<T>, b: &BoundedBuffer<T>) -> Result<T, PopError> {
    block_on(async {
        match select(a.pop_async(), b.pop_async()).await {
            Either::Left((Ok(item), _)) | Either::Right((Ok(item), _)) => Ok(item),
            Either::Left((Err(PopError), other)) | Either::Right((Err(PopError), other)) => other.await,
        }
    })
}

/// Pushes the item into the buffer that has a free slot first, and returns which. The loser's copy is dropped with its future.
async fn push_either<T: Clone>(
    item: T,
    a: &BoundedBuffer<T>,
    b: &BoundedBuffer<T>,
) -> Result<&'static str, PushError<T>> {
    match select(a.push_async(item.clone()), b.push_async(item)).await {
        Either::Left((result, _)) => result.map(|()| "the first"),
        Either::Right((result, _)) => result.map(|()| "the second"),
    }
}

/// Pushes the item unless `stop` is closed first. Returns the item if it was not pushed.
async fn push_unless_stopped<T>(item: T, buffer: &BoundedBuffer<T>, stop: &BoundedBuffer<()>) -> Result<(), T> {
    let mut push = buffer.push_async(item);
    tokio::select! {
        result = &mut push => result.map_err(PushError::into_inner),
        _ = stop.pop_async() => push.into_item().map_or(Ok(()), Err),
    }
}

/// Pushes the item. If that takes long, pushes a second item while the first push is kept and not polled.
async fn push_and_remind(buffer: &BoundedBuffer<&'static str>) -> Result<(), PushError<&'static str>> {
    let mut first = buffer.push_async("item");
    tokio::select! {
        result = &mut first => return result,
        () = sleep(Duration::from_millis(10)) => buffer.push_async("reminder").await?, // takes the next free slot
    }
    first.await
}

/// Pushes and pops until the time is up. Returns the number of turns.
async fn turns_within(limit: Duration, buffer: &BoundedBuffer<()>) -> usize {
    let mut turns = 0;
    let endless = async {
        while cooperative(buffer.push_async(())).await.is_ok() && cooperative(buffer.pop_async()).await.is_ok() {
            turns += 1;
        }
    };
    _ = timeout(limit, endless).await;
    turns
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let receive = |name, count: &dyn Fn(&BoundedBuffer<u32>, &BoundedBuffer<&str>) -> usize| {
        let ((to_numbers, numbers), (to_words, words)) = (bounded(1), bounded(2));
        thread::scope(|threads| {
            threads.spawn(move || (1..=3).for_each(|number| to_numbers.push(number).expect("the consumer is left")));
            threads.spawn(move || ["a", "b", "c"].map(|word| to_words.push(word).expect("the consumer is left")));
            let received = count(numbers.buffer(), words.buffer());
            assert_eq!(received, 6, "the branches that lose lose no item");
            println!("{name} received {received} items");
        });
    };
    receive("tokio", &|numbers, words| runtime.block_on(with_tokio(numbers, words)));
    receive("futures", &|numbers, words| block_on(with_futures(numbers, words)));

    let (a, b) = (BoundedBuffer::new(1), BoundedBuffer::new(1));
    thread::scope(|threads| {
        let consumer = threads.spawn(|| std::iter::from_fn(|| pop_either(&a, &b).ok()).count());
        for item in 1..=4 {
            let buffer = block_on(push_either(item, &a, &b)).expect("both are open");
            println!("{item} went into {buffer} buffer");
        }
        a.close();
        b.close();
        println!("a thread received {} items", consumer.join().expect("the thread does not panic"));
    });

    let (full, stop) = (BoundedBuffer::new(1), BoundedBuffer::new(1));
    full.push("first").expect("it is open");
    stop.close();
    let returned = block_on(push_unless_stopped("second", &full, &stop));
    println!("the stop returned {returned:?}");
    assert_eq!(returned, Err("second"));

    let slow = BoundedBuffer::new(1);
    slow.push("old").expect("it is open");
    thread::scope(|threads| {
        let consumer = threads.spawn(|| {
            while slow.stats().waiting_producers < 2 {
                thread::sleep(Duration::from_millis(1));
            }
            slow.iter().collect::<Vec<_>>()
        });
        runtime.block_on(push_and_remind(&slow)).expect("it is open");
        slow.close();
        let received = consumer.join().expect("the thread does not panic");
        println!("the consumer received {received:?}");
        assert_eq!(received, ["old", "reminder", "item"], "the second push has taken the slot of the first");
    });

    let turns = runtime.block_on(turns_within(Duration::from_millis(50), &BoundedBuffer::new(1)));
    println!("{turns} turns within 50 ms");
}
