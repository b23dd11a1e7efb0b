//! Futures on one thread that are created, polled and dropped, next to operations that do not wait, compared with a model.
//!
//! The first byte of an input is the capacity. Each pair of bytes after it is an operation.
//!
//! ```text
//! cargo +nightly fuzz run tasks fuzz/corpus/tasks fuzz/seeds/tasks
//! ```

#![no_main]

#[path = "../../tests/api/task_model/mod.rs"]
mod task_model;

use bounded_buffer::BoundedBuffer;
use libfuzzer_sys::fuzz_target;

use task_model::{Operation, Pair};

fuzz_target!(|input: &[u8]| {
    let [capacity, operations @ ..] = input else { return };
    let buffer = BoundedBuffer::new(usize::from(capacity % 4) + 1);
    let mut pair = Pair::new(&buffer);
    for &operation in operations.as_chunks().0 {
        pair.apply(Operation::decode(operation));
        pair.check();
    }
    pair.finish();
});
