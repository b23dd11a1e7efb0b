//! Ctrl-C closes the buffer: the source stops, the consumer drains the buffer, and the program ends.
//!
//! `ctrl_c 3` ends by itself after three items.

use std::thread;
use std::time::Duration;

use bounded_buffer::bounded;

fn main() {
    let end = std::env::args().nth(1).map_or(u32::MAX, |number| number.parse().expect("a number of items"));
    let (producer, consumer) = bounded(4);

    // An observer does not keep the buffer open, so the program ends without Ctrl-C, too, at the end of its input.
    let observer = producer.observer();
    ctrlc::set_handler(move || _ = observer.close()).expect("no other handler is set");

    let source = thread::spawn(move || {
        for item in 0..end {
            if producer.push(item).is_err() {
                return item; // the buffer is closed and has not accepted this item
            }
            // A sleep that the close ends.
            _ = producer.wait_closed_timeout(Duration::from_millis(20));
        }
        end
    });
    let mut count = 0;
    for item in consumer {
        println!("item {item}");
        count += 1;
    }
    println!("{} items accepted, {count} consumed", source.join().expect("the source does not panic"));
}
