//! Properties that the compiler checks, such as auto traits without bounds on `T`; `Debug`; and the error types.

use std::cell::Cell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::iter::FusedIterator;
use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::MutexGuard;

use bounded_buffer::{
    BoundedBuffer, Consumer, Handle, IntoIter, Iter, Observer, PopError, PopFuture, PopManyFuture, PopTimeoutError,
    Producer, PushError, PushFuture, PushManyFuture, PushTimeoutError, Stats, TryIter, TryPopError, TryPushError,
    WaitStrategy, WeakConsumer, WeakProducer, bounded,
};
#[cfg(feature = "futures")]
use bounded_buffer::{ConsumerStream, PopStream, ProducerSink, PushSink};
#[cfg(feature = "futures")]
use futures::{Sink, Stream, future::FusedFuture, stream::FusedStream};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use test_support::watched;

/// Implements no trait.
struct Plain;

type LocalOnly = Rc<u8>;
/// Can be sent to another thread, but not shared.
type SendOnly = Cell<u8>;
/// Can be shared, but not sent.
type SyncOnly = MutexGuard<'static, u8>;
type NoUnwind = &'static mut Cell<u8>;

/// What a type must be for each kind of item. Items move between threads, and no thread borrows one from the buffer: `Send` is
/// sufficient and necessary.
macro_rules! assert_shared {
    ($($type:ident<$($life:lifetime,)? T>: $($trait:path),*;)*) => {$(
        assert_impl_all!($type<$($life,)? SendOnly>: Send, Sync);
        assert_not_impl_any!($type<$($life,)? LocalOnly>: Send, Sync);
        assert_impl_all!($type<$($life,)? NoUnwind>: UnwindSafe, RefUnwindSafe);
        assert_impl_all!($type<$($life,)? Plain>: Debug $(, $trait)*);
    )*};
}

assert_not_impl_any!(NoUnwind: UnwindSafe);
assert_shared! {
    BoundedBuffer<T>: Unpin;
    Producer<T>: Clone, Handle<Item = Plain>;
    Consumer<T>: Clone, Handle<Item = Plain>;
    WeakProducer<T>: Clone, Handle<Item = Plain>;
    WeakConsumer<T>: Clone, Handle<Item = Plain>;
    Observer<T>: Clone, Handle<Item = Plain>;
    IntoIter<T>: FusedIterator<Item = Plain>;
    Iter<'static, T>: Clone, FusedIterator<Item = Plain>;
    TryIter<'static, T>: Iterator<Item = Plain>;
}
assert_not_impl_any!(BoundedBuffer<SyncOnly>: Send, Sync);
assert_not_impl_any!(TryIter<'static, Plain>: FusedIterator);

// A task that waits may move to another thread if its item may. A future can be polled without pinning it.
assert_impl_all!(PushFuture<'static, SendOnly>: Send, Unpin, Debug, Future<Output = Result<(), PushError<SendOnly>>>);
assert_impl_all!(PopFuture<'static, SendOnly>: Send, Unpin, Debug, Future<Output = Result<SendOnly, PopError>>);
assert_impl_all!(PushManyFuture<'static, SendOnly>: Send, Unpin, Debug, Future<Output = Result<usize, PushError<()>>>);
assert_impl_all!(PopManyFuture<'static, SendOnly>: Send, Unpin, Debug, Future<Output = Result<usize, PopError>>);
assert_impl_all!(PushFuture<'static, PhantomPinned>: Unpin);
assert_not_impl_any!(PushFuture<'static, LocalOnly>: Send, Sync);
assert_not_impl_any!(PopFuture<'static, LocalOnly>: Send, Sync);
assert_not_impl_any!(PushManyFuture<'static, LocalOnly>: Send, Sync);
assert_not_impl_any!(PopManyFuture<'static, LocalOnly>: Send, Sync);
#[cfg(feature = "futures")]
const _: () = {
    assert_impl_all!(PushFuture<'static, Plain>: FusedFuture);
    assert_impl_all!(PopFuture<'static, Plain>: FusedFuture);
    assert_impl_all!(PushManyFuture<'static, Plain>: FusedFuture);
    assert_impl_all!(PopManyFuture<'static, Plain>: FusedFuture);
    assert_impl_all!(PopStream<'static, SendOnly>: Send, Unpin, Debug, FusedStream, Stream<Item = SendOnly>);
    assert_impl_all!(ConsumerStream<SendOnly>: Send, Unpin, Debug, FusedStream, Stream<Item = SendOnly>);
    assert_impl_all!(PushSink<'static, SendOnly>: Send, Unpin, Debug, Sink<SendOnly, Error = PushError<Option<SendOnly>>>);
    assert_impl_all!(ProducerSink<SendOnly>: Send, Unpin, Debug, Sink<SendOnly, Error = PushError<Option<SendOnly>>>);
    assert_not_impl_any!(ConsumerStream<LocalOnly>: Send, Sync);
    assert_not_impl_any!(ProducerSink<LocalOnly>: Send, Sync);
};

assert_impl_all!(Stats: Debug, Copy, Default, Eq, Send, Sync);
assert_impl_all!(WaitStrategy: Debug, Copy, Default, Eq, Send, Sync);

// The item of an error needs neither `Debug` nor `Clone`, so that `?` can box it.
assert_impl_all!(PushError<Plain>: Error, Debug, Display, Send, Sync);
assert_impl_all!(TryPushError<Plain>: Error, Debug, Display, Send, Sync, From<PushError<Plain>>);
assert_impl_all!(PushTimeoutError<Plain>: Error, Debug, Display, Send, Sync, From<PushError<Plain>>);
assert_not_impl_any!(PushError<Plain>: Clone, PartialEq);
assert_impl_all!(PushError<u8>: Copy, Eq);
assert_impl_all!(TryPushError<u8>: Copy, Eq);
assert_impl_all!(PushTimeoutError<u8>: Copy, Eq);
assert_impl_all!(PopError: Error, Copy, Eq, Send, Sync);
assert_impl_all!(TryPopError: Error, Copy, Eq, Send, Sync, From<PopError>);
assert_impl_all!(PopTimeoutError: Error, Copy, Eq, Send, Sync, From<PopError>);

#[test]
fn debug_shows_the_buffer_without_its_items() {
    watched(|| {
        let (producer, consumer) = bounded(3);
        producer.push_all([Plain, Plain]).unwrap();
        let buffer = producer.buffer();
        assert_eq!(format!("{buffer:?}"), "BoundedBuffer { len: 2, capacity: 3, closed: false, .. }");
        buffer.close();
        let shown = format!("{buffer:?}");
        assert_eq!(shown, "BoundedBuffer { len: 2, capacity: 3, closed: true, .. }");
        assert_eq!(format!("{:?}", buffer.iter()), format!("Iter({shown})"));
        assert_eq!(format!("{:?}", buffer.try_iter()), format!("TryIter({shown})"));
        assert_eq!(format!("{producer:?}"), format!("Producer({shown})"));
        assert_eq!(format!("{consumer:?}"), format!("Consumer({shown})"));
        assert_eq!(format!("{:?}", producer.downgrade()), format!("WeakProducer({shown})"));
        assert_eq!(format!("{:?}", consumer.downgrade()), format!("WeakConsumer({shown})"));
        assert_eq!(format!("{:?}", producer.observer()), format!("Observer({shown})"));
        assert_eq!(format!("{:?}", consumer.clone().into_iter()), format!("IntoIter({shown})"));
        let mut items = consumer.iter_many(2);
        assert!(items.next().is_some());
        assert_eq!(format!("{items:?}"), format!("IterMany {{ buffer: {buffer:?}, taken: 1, .. }}"));
    });
}

#[test]
fn handles_of_all_kinds_recognise_their_buffer() {
    watched(|| {
        let (producer, consumer) = bounded::<u8>(1);
        let (other_producer, other_consumer) = bounded::<u8>(1);
        let (weak_producer, weak_consumer) = (producer.downgrade(), consumer.downgrade());
        let observer = producer.observer();
        assert!(producer.same_buffer(&producer.clone()));
        assert!(producer.same_buffer(&consumer));
        assert!(consumer.same_buffer(&weak_producer));
        assert!(weak_producer.same_buffer(&weak_consumer));
        assert!(weak_consumer.same_buffer(&observer));
        assert!(observer.same_buffer(&producer));
        assert!(!producer.same_buffer(&other_producer));
        assert!(!producer.same_buffer(&other_consumer));
        assert!(!consumer.same_buffer(&other_consumer.downgrade()));
        assert!(!observer.same_buffer(&other_producer.observer()));
    });
}

#[test]
fn errors_name_their_cause_and_return_the_item() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        buffer.push(Box::new(0)).unwrap();
        let full = buffer.try_push(Box::new(1)).unwrap_err();
        assert!(full.is_full() && !full.is_closed());
        assert_eq!((format!("{full}"), format!("{full:?}")), ("the buffer is full".into(), "Full(..)".into()));
        assert_eq!(*full.into_inner(), 1);
        let late = buffer.push_timeout(Box::new(2), std::time::Duration::ZERO).unwrap_err();
        assert!(late.is_timeout() && !late.is_closed());
        assert_eq!(format!("{late}"), "timed out waiting for a free slot");
        assert_eq!(*late.into_inner(), 2);

        buffer.close_and_drain();
        let closed = buffer.push(Box::new(3)).unwrap_err();
        assert_eq!(
            (format!("{closed}"), format!("{closed:?}")),
            ("the buffer is closed".into(), "PushError(..)".into())
        );
        let wider = TryPushError::from(closed.clone());
        assert!(wider.is_closed() && !wider.is_full() && wider == TryPushError::Closed(Box::new(3)));
        let wider = PushTimeoutError::from(closed);
        assert!(wider.is_closed() && !wider.is_timeout());
        assert_eq!(*wider.into_inner(), 3);

        let drained = "the buffer is closed and drained";
        assert_eq!(buffer.pop().unwrap_err().to_string(), drained);
        assert_eq!(TryPopError::from(PopError).to_string(), drained);
        assert_eq!(PopTimeoutError::from(PopError).to_string(), drained);
        assert!(TryPopError::Closed.is_closed() && !TryPopError::Closed.is_empty());
        assert!(TryPopError::Empty.is_empty() && !TryPopError::Empty.is_closed());
        assert!(PopTimeoutError::Closed.is_closed() && !PopTimeoutError::Closed.is_timeout());
        assert!(PopTimeoutError::Timeout.is_timeout() && !PopTimeoutError::Timeout.is_closed());
        assert_eq!(TryPopError::Empty.to_string(), "the buffer is empty");
        assert_eq!(PopTimeoutError::Timeout.to_string(), "timed out waiting for an item");
    });
}

/// Items need not be `'static`.
#[test]
fn items_may_borrow() {
    watched(|| {
        let words = String::from("to be");
        let buffer = BoundedBuffer::new(2);
        buffer.push_all(words.split(' ')).unwrap();
        assert_eq!(buffer.drain(), ["to", "be"]);
    });
}
