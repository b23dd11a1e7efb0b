//! A pool of workers. A worker that panics is replaced, at most as often as the argument says.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use bounded_buffer::{Consumer, bounded};

/// Works until the buffer is closed and drained. A new worker would create its connections here.
fn work(jobs: &Consumer<u32>) {
    for job in jobs {
        assert!(job % 8 != 3, "job {job} is broken");
    }
}

fn main() {
    let restarts: usize = std::env::args().nth(1).map_or(10, |number| number.parse().expect("a number of restarts"));
    let (producer, consumer) = bounded(4);
    let observer = producer.observer();
    thread::scope(|scope| {
        for _ in 0..2 {
            // Outside of `catch_unwind`, so the buffer stays open while the worker is replaced.
            let consumer = consumer.clone();
            scope.spawn(move || {
                match (0..=restarts).find(|_| catch_unwind(AssertUnwindSafe(|| work(&consumer))).is_ok()) {
                    Some(restart) => println!("a worker ended after {restart} restarts"),
                    None => println!("a worker panicked too often"),
                }
            });
        }
        drop(consumer);
        if let Err(error) = producer.push_all(0..20) {
            println!("no worker is left: {} jobs were not accepted", error.into_inner().len());
        }
        drop(producer);
    });
    let stats = observer.stats();
    println!("{} jobs accepted: {} taken by a worker, {} dropped", stats.pushed, stats.popped, stats.dropped);
}
