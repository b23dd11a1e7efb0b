//! The calls of a history, and their outcomes.

use std::collections::VecDeque;
use std::task::Poll;
use std::time::Duration;

use bounded_buffer::{
    BoundedBuffer, PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError,
};

use crate::task::{block_on, poll};

/// A call of an operation. The number of a batch pop is its `max`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    Push(u32),
    /// A task pushes.
    PushAsync(u32),
    /// A task polls a push once and cancels it: [`Outcome::Full`] if it was not ready. It must then have had no effect.
    PushCancelled(u32),
    TryPush(u32),
    PushTimeout(u32),
    ForcePush(u32),
    PushMany(Vec<u32>),
    PushManyAsync(Vec<u32>),
    TryPushMany(Vec<u32>),
    Pop,
    PopAsync,
    /// As [`PushCancelled`](Self::PushCancelled): [`Outcome::Empty`] if it was not ready.
    PopCancelled,
    TryPop,
    PopTimeout,
    PopMany(usize),
    PopManyAsync(usize),
    TryPopMany(usize),
    PopManyTimeout(usize),
    PopBatch(usize),
    Drain,
    Close,
    CloseAndDrain,
    Len,
}

/// The outcome of a call. A time-out is recorded as `Full` or `Empty`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Pushed,
    /// The number of accepted items of a batch.
    PushedMany(usize),
    /// The number of accepted items of a batch whose remaining items were refused.
    ClosedAfter(usize),
    /// Accepted, and this item was evicted.
    Forced(Option<u32>),
    Popped(u32),
    PoppedMany(Vec<u32>),
    Full,
    Empty,
    Closed,
    /// Whether it was the first close.
    WasFirst(bool),
    Length(usize),
}

use Outcome::{Closed, ClosedAfter, Empty, Forced, Full, Length, Popped, PoppedMany, Pushed, PushedMany, WasFirst};

/// Long enough to wait sometimes, short enough for a test. A model ignores it.
const A_MOMENT: Duration = Duration::from_micros(50);

impl Call {
    pub fn make(&self, buffer: &BoundedBuffer<u32>) -> Outcome {
        match *self {
            Self::Push(item) => buffer.push(item).map_or_else(|PushError(_)| Closed, |()| Pushed),
            Self::PushAsync(item) => block_on(buffer.push_async(item)).map_or_else(|PushError(_)| Closed, |()| Pushed),
            Self::PushCancelled(item) => {
                let mut push = buffer.push_async(item);
                match poll(&mut push) {
                    Poll::Ready(result) => result.map_or_else(|PushError(_)| Closed, |()| Pushed),
                    Poll::Pending => {
                        assert_eq!(push.into_item(), Some(item));
                        Full
                    }
                }
            }
            Self::TryPush(item) => buffer.try_push(item).map_or_else(|error| refused(&error), |()| Pushed),
            Self::PushTimeout(item) => match buffer.push_timeout(item, A_MOMENT) {
                Ok(()) => Pushed,
                Err(PushTimeoutError::Timeout(_)) => Full,
                Err(PushTimeoutError::Closed(_)) => Closed,
            },
            Self::ForcePush(item) => buffer.force_push(item).map_or_else(|PushError(_)| Closed, Forced),
            Self::PushMany(ref items) => all(items, |left| buffer.push_many(left)),
            Self::PushManyAsync(ref items) => all(items, |left| block_on(buffer.push_many_async(left))),
            Self::TryPushMany(ref items) => {
                let sent = buffer.try_push_many(&mut items.clone().into());
                sent.map_or_else(|error| refused(&error), PushedMany)
            }
            Self::Pop => buffer.pop().map_or_else(|PopError| Closed, Popped),
            Self::PopAsync => block_on(buffer.pop_async()).map_or_else(|PopError| Closed, Popped),
            Self::PopCancelled => match poll(&mut buffer.pop_async()) {
                Poll::Ready(result) => result.map_or_else(|PopError| Closed, Popped),
                Poll::Pending => Empty,
            },
            Self::TryPop => buffer.try_pop().map_or_else(nothing, Popped),
            Self::PopTimeout => buffer.pop_timeout(A_MOMENT).map_or_else(nothing_before_the_deadline, Popped),
            Self::PopMany(max) => many(|into| buffer.pop_many(into, max).map_err(|PopError| Closed)),
            Self::PopManyAsync(max) => {
                many(|into| block_on(buffer.pop_many_async(into, max)).map_err(|PopError| Closed))
            }
            Self::TryPopMany(max) => many(|into| buffer.try_pop_many(into, max).map_err(nothing)),
            Self::PopManyTimeout(max) => {
                many(|into| buffer.pop_many_timeout(into, max, A_MOMENT).map_err(nothing_before_the_deadline))
            }
            Self::PopBatch(max) => many(|into| buffer.pop_batch(into, max, A_MOMENT).map_err(|PopError| Closed)),
            Self::Drain => PoppedMany(buffer.drain()),
            Self::Close => WasFirst(buffer.close()),
            Self::CloseAndDrain => PoppedMany(buffer.close_and_drain()),
            Self::Len => Length(buffer.len()),
        }
    }
}

fn all(items: &[u32], push: impl FnOnce(&mut VecDeque<u32>) -> Result<usize, PushError<()>>) -> Outcome {
    let mut left = items.to_vec().into();
    match push(&mut left) {
        Ok(count) => PushedMany(count),
        Err(PushError(())) => ClosedAfter(items.len() - left.len()),
    }
}

fn many(pop: impl FnOnce(&mut Vec<u32>) -> Result<usize, Outcome>) -> Outcome {
    let mut items = Vec::new();
    match pop(&mut items) {
        Ok(count) => {
            assert_eq!(count, items.len(), "the pop returns the number of items");
            PoppedMany(items)
        }
        Err(outcome) => outcome,
    }
}

fn refused<T>(error: &TryPushError<T>) -> Outcome {
    if error.is_full() { Full } else { Closed }
}

fn nothing(error: TryPopError) -> Outcome {
    if error.is_empty() { Empty } else { Closed }
}

fn nothing_before_the_deadline(error: PopTimeoutError) -> Outcome {
    if error.is_timeout() { Empty } else { Closed }
}
