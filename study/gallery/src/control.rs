//! The control: the reference, but it notifies after it unlocked. This is correct, and passes each model.

use std::sync::atomic::Ordering::Relaxed;

use bounded_buffer_model::MutexGuard;

use crate::reference::{Buffer, Reference, State};

pub(crate) enum Control {}

impl Reference for Buffer<Control> {
    fn release(&self, mut state: MutexGuard<'_, State>) {
        self.len_snapshot.store(state.items.len(), Relaxed);
        // CONTROL: sets the pending flags with the lock held, and notifies after it unlocked.
        let wake_consumer = !state.items.is_empty() && state.consumers.should_wake();
        let wake_producer = state.items.len() < self.capacity && state.producers.should_wake();
        drop(state);
        if wake_consumer {
            self.not_empty.notify_one();
        }
        if wake_producer {
            self.not_full.notify_one();
        }
    }
}
