//! Workers that find more items while they process one, and end when no item is left.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bounded_buffer::{BoundedBuffer, TryPushError};

/// A tree with 511 nodes: a node is its height, and has two nodes below it.
fn children(height: u32) -> impl Iterator<Item = u32> {
    (0..if height > 0 { 2 } else { 0 }).map(move |_| height - 1)
}

fn work(buffer: &BoundedBuffer<u32>, unfinished: &AtomicUsize, done: &AtomicUsize) {
    let _guard = buffer.close_on_drop(); // a worker that panics would leave its items unfinished, and the others waiting
    while let Ok(item) = buffer.pop() {
        let mut own = vec![item]; // also what does not fit into the buffer: a worker that has an item never waits
        while let Some(item) = own.pop() {
            for child in children(item) {
                unfinished.fetch_add(1, Ordering::Relaxed); // before its parent is finished
                own.extend(buffer.try_push(child).err().map(TryPushError::into_inner));
            }
            done.fetch_add(1, Ordering::Relaxed);
            if unfinished.fetch_sub(1, Ordering::AcqRel) == 1 {
                buffer.close();
            }
        }
    }
}

fn main() {
    let (buffer, unfinished, done) = (BoundedBuffer::new(4), AtomicUsize::new(1), AtomicUsize::new(0));
    buffer.push(8).expect("it is open");
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| work(&buffer, &unfinished, &done));
        }
    });
    println!("{} items done, {} left", done.into_inner(), buffer.len());
}
