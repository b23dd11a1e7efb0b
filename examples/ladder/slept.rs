//! How often threads slept, and how often for nothing.

/// Sleeps, counted under the lock of the step that sleeps.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slept {
    pub(crate) times: u64,
    /// Of these, the ones right after a wake-up that found nothing to do.
    pub(crate) for_nothing: u64,
}

impl Slept {
    /// A thread is about to sleep; `again` if it has slept in the same operation before.
    pub(crate) fn count(&mut self, again: &mut bool) {
        self.times += 1;
        self.for_nothing += u64::from(*again);
        *again = true;
    }
}
