//! `Stream` and `Sink` for the handles: the traits of the `futures` crate.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};
use futures_sink::Sink;

use crate::buffer::BoundedBuffer;
use crate::error::{PushError, TryPushError};
use crate::handle::{Consumer, Producer};
use crate::state::{CONSUMERS, OBSERVERS, PRODUCERS, State};
use crate::tasks::{HasBuffer, TaskWait};
use crate::weak::Observer;

impl<T> HasBuffer for Observer<T> {
    type Item = T;
    fn buffer(&self) -> &BoundedBuffer<T> {
        self.buffer()
    }
}

/// The items of a buffer as a stream; ends when the buffer is closed and drained. Created by [`Consumer::stream`].
///
/// Cancel-safe: an item leaves the buffer only when `poll_next` returns it. The stream waits until it is polled again
/// or dropped, also if the future of `next()` is dropped meanwhile; see step 7 of the argument on [`BoundedBuffer`].
/// Dropping the stream loses nothing.
#[must_use = "streams do nothing unless polled"]
pub struct PopStream<'a, T>(Items<&'a BoundedBuffer<T>>);

/// A [`PopStream`] that owns its consumer. Created by [`Consumer::into_stream`].
///
/// The consumer is dropped with the stream, or when the stream has ended.
#[must_use = "streams do nothing unless polled"]
pub struct ConsumerStream<T>(Items<Consumer<T>>);

/// A sink that pushes into a buffer. Created by [`Producer::sink`].
///
/// **It keeps one item of its own** if the buffer is full: `start_send` pushes immediately if a slot is free, otherwise
/// the sink stores the item, and `poll_ready`, `poll_flush` and `poll_close` push it when a slot is free. So 100 sinks
/// can hold 100 items more than the buffer has slots, and an item whose `send` was cancelled may still be pushed.
/// Dropping the sink drops such an item; [`into_item`](Self::into_item) returns it. A clone has its own place for an
/// item.
///
/// On a closed buffer, `start_send` returns the item in its error, `poll_ready` is ready, and `poll_flush` fails. A
/// task that has flushed its sink is woken when the buffer closes, so an idle `forward` ends. `poll_close` pushes the
/// item and leaves the buffer open, because others may use it.
#[must_use = "sinks do nothing unless polled"]
pub struct PushSink<'a, T>(Pushes<&'a BoundedBuffer<T>>);

/// A [`PushSink`] that owns its producer. Created by [`Producer::into_sink`].
///
/// `poll_close` also drops the producer, so the buffer closes if it was the last one.
#[must_use = "sinks do nothing unless polled"]
pub struct ProducerSink<T>(Pushes<Producer<T>>);

/// Why a sink failed: the buffer is closed. Contains the item that was not pushed, if the sink had one.
type SinkError<T> = PushError<Option<T>>;

/// `None` after the end.
type Items<B> = Option<TaskWait<B, CONSUMERS>>;

struct Pushes<B: Pushing> {
    /// `None` after `poll_close`.
    wait: Option<TaskWait<B, PRODUCERS>>,
    /// The item that found no free slot.
    item: Option<B::Item>,
    /// Wakes a task whose sink is idle when the buffer closes. `None` after `poll_close`.
    closed: Option<TaskWait<B::Watch, OBSERVERS>>,
}

/// What pushes, and what watches the same buffer without keeping it open.
trait Pushing: HasBuffer + Clone {
    type Watch: HasBuffer<Item = Self::Item>;
    fn watch(&self) -> Self::Watch;
}

impl<T> Pushing for &BoundedBuffer<T> {
    type Watch = Self;
    fn watch(&self) -> Self {
        self
    }
}

impl<T> Pushing for Producer<T> {
    type Watch = Observer<T>;
    fn watch(&self) -> Observer<T> {
        self.observer()
    }
}

impl<T> Consumer<T> {
    /// Returns the items as a stream, which ends when the buffer is closed and drained.
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// let (producer, consumer) = bounded_buffer::bounded(4);
    /// producer.push_many(&mut (1..=3).collect())?;
    /// drop(producer);
    /// let items: Vec<u32> = futures::executor::block_on(consumer.stream().collect());
    /// assert_eq!(items, [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream(&self) -> PopStream<'_, T> {
        PopStream(Some(TaskWait::repeated(self.buffer())))
    }

    /// Converts the consumer into a stream.
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// let (producer, consumer) = bounded_buffer::bounded(4);
    /// producer.push_all([1, 2])?;
    /// drop(producer);
    /// let items: Vec<u32> = futures::executor::block_on(consumer.into_stream().collect());
    /// assert_eq!(items, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_stream(self) -> ConsumerStream<T> {
        ConsumerStream(Some(TaskWait::repeated(self)))
    }
}

impl<T> Producer<T> {
    /// Returns a sink that pushes into the buffer.
    ///
    /// ```
    /// use futures::{SinkExt, StreamExt, stream};
    ///
    /// let (producer, consumer) = bounded_buffer::bounded(4);
    /// let mut numbers = stream::iter(1..=3).map(Ok);
    /// futures::executor::block_on(producer.sink().send_all(&mut numbers))?;
    /// assert_eq!(consumer.drain(), [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sink(&self) -> PushSink<'_, T> {
        PushSink(Pushes::new(self.buffer()))
    }

    /// Converts the producer into a sink.
    ///
    /// ```
    /// use futures::SinkExt;
    ///
    /// let (producer, consumer) = bounded_buffer::bounded(4);
    /// futures::executor::block_on(producer.into_sink().send(1))?;
    /// assert_eq!(consumer.pop(), Ok(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_sink(self) -> ProducerSink<T> {
        ProducerSink(Pushes::new(self))
    }
}

fn poll_next<B: HasBuffer>(items: &mut Items<B>, context: &Context<'_>) -> Poll<Option<B::Item>> {
    let Some(wait) = items else { return Poll::Ready(None) };
    let item = ready!(wait.poll(context, State::take)).ok();
    if item.is_none() {
        *items = None;
    }
    Poll::Ready(item)
}

impl<B: Pushing> Pushes<B> {
    fn new(owner: B) -> Self {
        let closed = Some(TaskWait::repeated(owner.watch()));
        Self { wait: Some(TaskWait::repeated(owner)), item: None, closed }
    }

    fn start_send(&mut self, item: B::Item) -> Result<(), SinkError<B::Item>> {
        assert!(self.item.is_none(), "`start_send` was called before `poll_ready` returned `Ready`");
        let Some(wait) = &self.wait else { return Err(PushError(Some(item))) };
        match wait.buffer().try_push(item) {
            Ok(()) => Ok(()),
            Err(TryPushError::Full(item)) => {
                self.item = Some(item);
                Ok(())
            }
            Err(TryPushError::Closed(item)) => Err(PushError(Some(item))),
        }
    }

    /// Pushes the item that the sink keeps.
    fn poll_empty(&mut self, context: &Context<'_>) -> Poll<Result<(), SinkError<B::Item>>> {
        let Self { wait: Some(wait), item: item @ Some(_), .. } = self else { return Poll::Ready(Ok(())) };
        let result = ready!(wait.poll(context, |state| item.take().map(|item| state.offer(item))));
        // The only possible error is `Closed`: the wait ends with a free slot or a close.
        Poll::Ready(result.expect("there is an item").map_err(|error| PushError(Some(error.into_inner()))))
    }

    /// An idle sink is polled again when the buffer closes, because `forward` waits for its stream only.
    fn poll_flush(&mut self, context: &Context<'_>) -> Poll<Result<(), SinkError<B::Item>>> {
        ready!(self.poll_empty(context))?;
        let is_closed = self.closed.as_mut().is_some_and(|closed| closed.poll(context, |_| ()).is_ready());
        Poll::Ready(if is_closed { Err(PushError(None)) } else { Ok(()) })
    }
}

macro_rules! stream {
    ($($stream:ty),+) => {$(
        impl<T> Stream for $stream {
            type Item = T;

            fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
                poll_next(&mut self.get_mut().0, context)
            }
        }

        impl<T> FusedStream for $stream {
            fn is_terminated(&self) -> bool {
                self.0.is_none()
            }
        }

        // Written by hand, because a derive would require `T: Debug`.
        impl<T> fmt::Debug for $stream {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let buffer = self.0.as_ref().map(TaskWait::buffer);
                f.debug_struct(stringify!($stream)).field("buffer", &buffer).finish_non_exhaustive()
            }
        }
    )+};
}

stream!(PopStream<'_, T>, ConsumerStream<T>);

macro_rules! sink {
    ($($sink:ty),+) => {$(
        impl<T> Sink<T> for $sink {
            type Error = SinkError<T>;

            fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
                self.get_mut().0.poll_empty(context)
            }

            fn start_send(self: Pin<&mut Self>, item: T) -> Result<(), SinkError<T>> {
                self.get_mut().0.start_send(item)
            }

            fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
                self.get_mut().0.poll_flush(context)
            }

            fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
                let pushes = &mut self.get_mut().0;
                let result = ready!(pushes.poll_empty(context));
                (pushes.wait, pushes.closed) = (None, None); // drops the producer of a `ProducerSink`
                Poll::Ready(result)
            }
        }

        impl<T> $sink {
            /// Returns the item that found no free slot, if there is one.
            #[must_use]
            pub fn into_item(mut self) -> Option<T> {
                self.0.item.take()
            }
        }

        /// The clone keeps no item.
        impl<T> Clone for $sink {
            fn clone(&self) -> Self {
                let closed = Pushes { wait: None, item: None, closed: None };
                Self(self.0.wait.as_ref().map_or(closed, |wait| Pushes::new(wait.owner().clone())))
            }
        }

        // No field is pinned: the item is only stored.
        impl<T> Unpin for $sink {}

        // Written by hand, because a derive would require `T: Debug`.
        impl<T> fmt::Debug for $sink {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let buffer = self.0.wait.as_ref().map(TaskWait::buffer);
                f.debug_struct(stringify!($sink)).field("buffer", &buffer).finish_non_exhaustive()
            }
        }
    )+};
}

sink!(PushSink<'_, T>, ProducerSink<T>);
