//! A thread that reports the state of a buffer while it is open.

use std::thread;
use std::time::Duration;

use bounded_buffer::{Observer, bounded};

/// Prints a line each `period` until the buffer is closed. The observer does not keep it open.
fn report<T>(buffer: &Observer<T>, period: Duration) {
    let mut before = buffer.stats();
    while !buffer.wait_closed_timeout(period) {
        let now = buffer.stats();
        let waited = now.push_wait_time.saturating_sub(before.push_wait_time);
        println!("{} of {} slots taken; {} items pushed", buffer.len(), buffer.capacity(), now.pushed - before.pushed);
        println!("{} producers wait; ended waits lasted for {waited:?}", now.waiting_producers);
        before = now;
    }
}

fn main() {
    let (producer, consumer) = bounded(4);
    let observer = producer.observer();
    thread::scope(|scope| {
        scope.spawn(|| report(&observer, Duration::from_millis(20)));
        scope.spawn(move || (0..40).try_for_each(|item| producer.push(item)));
        scope.spawn(move || consumer.iter().for_each(|_: u32| thread::sleep(Duration::from_millis(2))));
    });
    let stats = observer.stats();
    println!("{} pushed, {} popped, {} dropped", stats.pushed, stats.popped, stats.dropped);
    println!("at most {} items at the same time", stats.high_water);
    println!("{} pushes and {} pops waited", stats.push_waits, stats.pop_waits);
}
