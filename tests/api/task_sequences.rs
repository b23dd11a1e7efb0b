//! Random sequences of futures that are created, polled and dropped on one thread, compared with `task_model`.

use bounded_buffer::BoundedBuffer;
use proptest::prelude::*;

use crate::task_model::{Operation, Pair};
use test_support::watched;

#[test]
fn futures_that_are_polled_and_dropped_at_random_agree_with_a_model() {
    watched(|| {
        any_sequence();
    });
}

proptest! {
    fn any_sequence(
        capacity in 1..=4_usize,
        operations in prop::collection::vec(any::<[u8; 2]>().prop_map(Operation::decode), 1..120),
    ) {
        let buffer = BoundedBuffer::new(capacity);
        let mut pair = Pair::new(&buffer);
        for operation in operations {
            pair.apply(operation);
            pair.check();
        }
        pair.finish();
    }
}
