//! The specification: a sequential bounded queue.

use std::collections::VecDeque;

use crate::call::{Call, Outcome};

/// A bounded queue with a close flag.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Queue {
    capacity: usize,
    items: VecDeque<u32>,
    closed: bool,
}

/// The effect of a call at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The call cannot take effect here.
    Waits,
    /// The call is a batch that is not complete; the items that it has moved so far.
    Moved(Vec<u32>),
    Returns(Outcome),
}

use Step::{Moved, Returns, Waits};

impl Queue {
    pub fn new(capacity: usize, items: impl IntoIterator<Item = u32>) -> Self {
        Self { capacity, items: items.into_iter().collect(), closed: false }
    }

    /// Lets the call take effect. `moved` are the items that an incomplete batch has moved before.
    pub(crate) fn step(&mut self, call: &Call, moved: &[u32]) -> Step {
        match *call {
            Call::Push(item) | Call::PushAsync(item) => self.push(item).unwrap_or_else(or_wait),
            Call::TryPush(item) | Call::PushTimeout(item) | Call::PushCancelled(item) => {
                self.push(item).unwrap_or_else(Returns)
            }
            Call::ForcePush(_) if self.closed => Returns(Outcome::Closed),
            Call::ForcePush(item) => {
                let evicted = if self.free() == 0 { self.items.pop_front() } else { None };
                self.items.push_back(item);
                Returns(Outcome::Forced(evicted))
            }
            Call::PushMany(ref items) | Call::PushManyAsync(ref items) => self.push_many(items, moved.len()),
            Call::TryPushMany(ref items) => {
                self.may_push().map_or_else(Returns, |()| Returns(Outcome::PushedMany(self.append(items))))
            }
            Call::Pop | Call::PopAsync => self.pop().unwrap_or_else(or_wait),
            Call::TryPop | Call::PopTimeout | Call::PopCancelled => self.pop().unwrap_or_else(Returns),
            Call::PopMany(max) | Call::PopManyAsync(max) => self.pop_many(max).unwrap_or_else(or_wait),
            Call::TryPopMany(max) | Call::PopManyTimeout(max) => self.pop_many(max).unwrap_or_else(Returns),
            Call::PopBatch(max) => self.pop_batch(max, moved),
            Call::Drain => Returns(Outcome::PoppedMany(self.take(self.items.len()))),
            Call::Close => Returns(Outcome::WasFirst(!std::mem::replace(&mut self.closed, true))),
            Call::CloseAndDrain => {
                self.closed = true;
                Returns(Outcome::PoppedMany(self.take(self.items.len())))
            }
            Call::Len => Returns(Outcome::Length(self.items.len())),
        }
    }

    fn free(&self) -> usize {
        self.capacity - self.items.len()
    }

    /// `Closed` before `Full`.
    fn may_push(&self) -> Result<(), Outcome> {
        match () {
            () if self.closed => Err(Outcome::Closed),
            () if self.free() == 0 => Err(Outcome::Full),
            () => Ok(()),
        }
    }

    /// Items before `Closed`.
    fn may_pop(&self) -> Result<(), Outcome> {
        match () {
            () if !self.items.is_empty() => Ok(()),
            () if self.closed => Err(Outcome::Closed),
            () => Err(Outcome::Empty),
        }
    }

    /// As many of `items` as fit.
    fn append(&mut self, items: &[u32]) -> usize {
        let count = items.len().min(self.free());
        self.items.extend(&items[..count]);
        count
    }

    fn take(&mut self, count: usize) -> Vec<u32> {
        self.items.drain(..count.min(self.items.len())).collect()
    }

    fn push(&mut self, item: u32) -> Result<Step, Outcome> {
        self.may_push()?;
        self.items.push_back(item);
        Ok(Returns(Outcome::Pushed))
    }

    fn pop(&mut self) -> Result<Step, Outcome> {
        self.may_pop()?;
        Ok(Returns(Outcome::Popped(self.take(1)[0])))
    }

    fn pop_many(&mut self, max: usize) -> Result<Step, Outcome> {
        self.may_pop()?;
        Ok(Returns(Outcome::PoppedMany(self.take(max))))
    }

    /// Pushes all items, in steps of as many as fit.
    fn push_many(&mut self, items: &[u32], sent: usize) -> Step {
        match self.may_push() {
            Err(Outcome::Closed) => Returns(Outcome::ClosedAfter(sent)),
            Err(_) => Waits,
            Ok(()) => match sent + self.append(&items[sent..]) {
                all if all == items.len() => Returns(Outcome::PushedMany(all)),
                sent => Moved(items[..sent].to_vec()),
            },
        }
    }

    /// Waits for the first item; ends with `max` items or when the queue is empty.
    fn pop_batch(&mut self, max: usize, taken: &[u32]) -> Step {
        match self.may_pop() {
            Err(outcome) if taken.is_empty() => or_wait(outcome),
            Err(_) => Returns(Outcome::PoppedMany(taken.to_vec())),
            Ok(()) => {
                let taken = [taken, &self.take(max - taken.len())].concat();
                if taken.len() == max { Returns(Outcome::PoppedMany(taken)) } else { Moved(taken) }
            }
        }
    }
}

/// A call that waits does not return `Full` or `Empty`.
fn or_wait(outcome: Outcome) -> Step {
    if outcome == Outcome::Closed { Returns(outcome) } else { Waits }
}
