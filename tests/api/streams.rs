//! Streams and sinks, polled by hand.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bounded_buffer::{PushError, TryPopError, bounded};
use futures::sink::Sink;
use futures::stream::{FusedStream, Stream};

use test_support::watched;

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

fn next<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut context())
}

#[test]
fn a_stream_yields_the_items_and_ends_at_close() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let mut stream = consumer.stream();
        assert_eq!(next(&mut stream), Poll::Pending);
        producer.push(1).unwrap();
        assert_eq!(next(&mut stream), Poll::Ready(Some(1)));
        producer.push(2).unwrap();
        drop(producer);
        assert_eq!(next(&mut stream), Poll::Ready(Some(2)));
        assert!(!stream.is_terminated());
        assert_eq!(next(&mut stream), Poll::Ready(None));
        assert!(stream.is_terminated());
        assert_eq!(next(&mut stream), Poll::Ready(None), "fused");
    });
}

#[test]
fn a_stream_that_owns_its_consumer_drops_it() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut stream = consumer.into_stream();
        assert_eq!(next(&mut stream), Poll::Pending);
        drop(stream);
        assert_eq!(producer.push(1), Err(PushError(1)), "the last consumer was dropped");
    });
}

#[test]
fn a_sink_keeps_the_item_that_finds_no_slot() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut sink = producer.sink();
        assert_eq!(Pin::new(&mut sink).poll_ready(&mut context()), Poll::Ready(Ok(())));
        assert_eq!(Pin::new(&mut sink).start_send(1), Ok(()));
        assert_eq!(consumer.len(), 1, "pushed immediately");
        assert_eq!(Pin::new(&mut sink).start_send(2), Ok(()));
        assert_eq!(Pin::new(&mut sink).poll_flush(&mut context()), Poll::Pending);
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!(Pin::new(&mut sink).poll_ready(&mut context()), Poll::Ready(Ok(())));
        assert_eq!(Pin::new(&mut sink).start_send(3), Ok(()));
        assert_eq!(sink.into_item(), Some(3));
        assert_eq!((consumer.pop(), consumer.try_pop()), (Ok(2), Err(TryPopError::Empty)));
    });
}

#[test]
fn a_sink_returns_its_item_after_close() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut sink = producer.sink();
        assert_eq!(Pin::new(&mut sink).start_send(1), Ok(()));
        assert_eq!(Pin::new(&mut sink).start_send(2), Ok(()));
        producer.close();
        assert_eq!(Pin::new(&mut sink).poll_flush(&mut context()), Poll::Ready(Err(PushError(Some(2)))));
        assert_eq!(Pin::new(&mut sink).start_send(3), Err(PushError(Some(3))));
        assert_eq!(consumer.drain(), [1]);
    });
}

#[test]
fn closing_a_sink_pushes_its_item_and_drops_its_producer() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut sink = producer.into_sink();
        assert_eq!(Pin::new(&mut sink).start_send(1), Ok(()));
        assert_eq!(Pin::new(&mut sink).start_send(2), Ok(()));
        assert_eq!(Pin::new(&mut sink).poll_close(&mut context()), Poll::Pending);
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!(Pin::new(&mut sink).poll_close(&mut context()), Poll::Ready(Ok(())));
        assert_eq!(consumer.pop(), Ok(2));
        assert!(consumer.is_closed(), "the last producer was dropped");
        assert_eq!(Pin::new(&mut sink).start_send(3), Err(PushError(Some(3))));
        assert_eq!(Pin::new(&mut sink).poll_close(&mut context()), Poll::Ready(Ok(())));
    });
}
