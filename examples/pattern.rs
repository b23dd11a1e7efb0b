//! The producer-consumer pattern on a bounded buffer: a direct translation of the Go program in `pattern.go`, which prints lines
//! of the same form.
//!
//! Run it with `cargo run --release --example pattern`.

use std::io::{Write, stdout};
use std::ops::Range;
use std::process::exit;
use std::thread;
use std::time::Duration;

use bounded_buffer::bounded;

fn main() {
    let buffer_size = 5;
    let num_producers = 2;
    let num_consumers = 3;
    let num_items = 10;

    let (producer, consumer) = bounded(buffer_size);

    // The scope joins all threads at its end, as the two wait groups do in Go.
    thread::scope(|scope| {
        for id in 1..=num_producers {
            let producer = producer.clone();
            scope.spawn(move || {
                for _ in 0..num_items {
                    let item = fastrand::u32(0..100);
                    producer.push(item).expect("a consumer is left"); // blocks while the buffer is full
                    print(&format!("Producer {id} produced: {item}"));
                    sleep(100..300);
                }
            });
        }
        for id in 1..=num_consumers {
            let consumer = consumer.clone();
            scope.spawn(move || {
                // Blocks while the buffer is empty. Ends when it is closed and drained.
                for item in consumer {
                    print(&format!("Consumer {id} consumed: {item}"));
                    sleep(100..400);
                }
            });
        }

        // The buffer closes when the last handle of a side is dropped, so only the threads may hold one.
        drop((producer, consumer));
    });
}

/// Simulates work of a random number of milliseconds.
fn sleep(millis: Range<u64>) {
    thread::sleep(Duration::from_millis(fastrand::u64(millis)));
}

/// Prints a line. Ends the program if the line cannot be written, for instance because `head` has closed the pipe.
fn print(line: &str) {
    if writeln!(stdout(), "{line}").is_err() {
        exit(1);
    }
}
