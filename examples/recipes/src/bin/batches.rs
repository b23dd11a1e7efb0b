//! Batches into a slow writer, in a thread.

use std::thread;
use std::time::Duration;

use bounded_buffer::bounded;

fn main() {
    let (producer, consumer) = bounded(64);
    let writer = thread::spawn(move || {
        let mut batch = Vec::new();
        // Waits for a first item, and then up to 5 s for more.
        while let Ok(count) = consumer.pop_batch(&mut batch, 32, Duration::from_secs(5)) {
            thread::sleep(Duration::from_millis(2)); // a transaction: it costs the same for 1 and for 32 items
            println!("wrote {count} items, the last one is {}", batch[count - 1]);
            batch.clear(); // keeps its memory for the next batch
        }
    });
    for item in 0..100 {
        producer.push(item).expect("the writer is left");
        if item % 10 == 9 {
            thread::sleep(Duration::from_millis(1)); // items arrive in bursts
        }
    }
    drop(producer);
    writer.join().expect("the writer does not panic");
}
