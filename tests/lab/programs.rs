//! Programs beyond those of the gallery. `tests/loom/shipped/waking.rs` and `spinning.rs` explore the same programs.

use crate::gallery::Case;
use crate::gallery::queue::New;
use crate::gallery::shared::{Shared, join};

/// Two threads on each side.
pub(crate) const TWO_AND_TWO: Case =
    Case { name: "two_producers_and_two_consumers_on_one_slot()", model: two_producers_and_two_consumers_on_one_slot };

/// One slot. Two producers push one item each. `main` and another consumer pop one item each.
fn two_producers_and_two_consumers_on_one_slot(new: New) {
    let queue = Shared::new(new, 1);
    let producers = queue.spawn_each("producer", 2, Shared::push);
    let consumer = queue.spawn("consumer 1", Shared::pop);
    let first = queue.pop();
    let second = join([consumer])[0];
    assert!(first + second == 3, "each item is popped once");
    join(producers);
}
