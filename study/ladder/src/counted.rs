//! Counts how often the threads of a step parked.

/// Counted under the lock of the step.
#[derive(Clone, Copy, Default)]
pub struct Waits {
    pub parks: u64,
    /// The parks that followed a wasted wake-up: the woken thread could not act.
    pub wasted: u64,
}

impl Waits {
    /// Counts a park. `again` is true from the second park of an operation on.
    pub fn count(&mut self, again: &mut bool) {
        self.parks += 1;
        self.wasted += u64::from(*again);
        *again = true;
    }
}
