//! Streams and sinks, polled by hand.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};

use bounded_buffer::{PushError, PushSink, TryPopError, bounded};
use futures::sink::{Sink, SinkExt};
use futures::stream::{FusedStream, StreamExt};

use crate::tasks::{task, waiting};
use test_support::watched;

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// A sink on one slot that has pushed 1 and keeps 2.
fn with_an_item<S: Sink<u32> + Unpin>(mut sink: S) -> S {
    assert!(sink.start_send_unpin(1).is_ok() && sink.start_send_unpin(2).is_ok());
    sink
}

#[test]
fn a_stream_yields_the_items_and_ends_at_close() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let mut stream = consumer.stream();
        assert_eq!(stream.poll_next_unpin(&mut context()), Poll::Pending);
        producer.push(1).unwrap();
        assert_eq!(stream.poll_next_unpin(&mut context()), Poll::Ready(Some(1)));
        producer.push(2).unwrap();
        drop(producer);
        assert_eq!(stream.poll_next_unpin(&mut context()), Poll::Ready(Some(2)));
        assert!(!stream.is_terminated());
        assert_eq!(stream.poll_next_unpin(&mut context()), Poll::Ready(None));
        assert!(stream.is_terminated());
        assert_eq!(stream.poll_next_unpin(&mut context()), Poll::Ready(None), "fused");
    });
}

#[test]
fn a_stream_that_owns_its_consumer_drops_it() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut stream = consumer.into_stream();
        assert_eq!(stream.poll_next_unpin(&mut context()), Poll::Pending);
        drop(stream);
        assert_eq!(producer.push(1), Err(PushError(1)), "the last consumer was dropped");
    });
}

/// A wait that went on would cover the next item or slot, and no other task would be woken for it.
#[test]
fn a_stream_or_a_sink_that_has_acted_waits_no_longer() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut stream = consumer.stream();
        assert_eq!(stream.poll_next_unpin(&mut context()), Poll::Pending);
        let mut other = waiting(consumer.pop_async());
        producer.push(1).unwrap();
        assert_eq!(stream.poll_next_unpin(&mut context()), Poll::Ready(Some(1)));
        assert_eq!(consumer.stats().waiting_consumers, 1);
        producer.push(2).unwrap();
        assert_eq!((other.wakes(), other.poll()), (1, Poll::Ready(Ok(2))));

        producer.push(0).unwrap();
        let mut sink = producer.sink();
        assert!(sink.start_send_unpin(1).is_ok());
        assert_eq!(sink.poll_ready_unpin(&mut context()), Poll::Pending);
        let mut other = waiting(producer.push_async(2));
        assert_eq!(consumer.pop(), Ok(0));
        assert_eq!(sink.poll_ready_unpin(&mut context()), Poll::Ready(Ok(())));
        assert_eq!(consumer.stats().waiting_producers, 1);
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!((other.wakes(), other.poll()), (1, Poll::Ready(Ok(()))));
    });
}

#[test]
fn a_stream_or_a_sink_wakes_the_task_that_polled_it() {
    type Poller = fn(&mut PushSink<'_, u32>, &mut Context<'_>) -> Poll<Result<(), PushError<Option<u32>>>>;
    let pollers: [Poller; 3] = [
        |sink, context| sink.poll_ready_unpin(context),
        |sink, context| sink.poll_flush_unpin(context),
        |sink, context| sink.poll_close_unpin(context),
    ];
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut stream = consumer.stream();
        let mut task = waiting(stream.next());
        producer.push(0).unwrap();
        assert_eq!((task.wakes(), task.poll()), (1, Poll::Ready(Some(0))));
        for poll in pollers {
            let mut sink = with_an_item(producer.sink());
            let mut task = waiting(poll_fn(|context| poll(&mut sink, context)));
            assert_eq!(consumer.pop(), Ok(1));
            assert_eq!((task.wakes(), task.poll()), (1, Poll::Ready(Ok(()))));
            assert_eq!(consumer.pop(), Ok(2));
        }
    });
}

#[test]
fn a_sink_that_fails_to_close_drops_its_producer() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut sink = with_an_item(producer.into_sink());
        consumer.close();
        assert!(matches!(sink.poll_close_unpin(&mut context()), Poll::Ready(Err(_))));
        assert_eq!(consumer.producers(), 0);
    });
}

#[test]
fn a_sink_keeps_the_item_that_finds_no_slot() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut sink = producer.sink();
        assert_eq!(sink.poll_ready_unpin(&mut context()), Poll::Ready(Ok(())));
        assert_eq!(sink.start_send_unpin(1), Ok(()));
        assert_eq!(consumer.len(), 1, "pushed immediately");
        assert_eq!(sink.start_send_unpin(2), Ok(()));
        assert_eq!(sink.poll_flush_unpin(&mut context()), Poll::Pending);
        assert_eq!(sink.poll_ready_unpin(&mut context()), Poll::Pending);
        assert!(catch_unwind(AssertUnwindSafe(|| sink.start_send_unpin(3))).is_err(), "it is not ready");
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!(sink.poll_ready_unpin(&mut context()), Poll::Ready(Ok(())));
        assert_eq!(sink.start_send_unpin(3), Ok(()));
        assert_eq!(sink.into_item(), Some(3));
        assert_eq!((consumer.pop(), consumer.try_pop()), (Ok(2), Err(TryPopError::Empty)));
    });
}

#[test]
fn a_sink_returns_its_item_after_close() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut sink = with_an_item(producer.sink());
        producer.close();
        assert_eq!(sink.poll_flush_unpin(&mut context()), Poll::Ready(Err(PushError(Some(2)))));
        assert_eq!(sink.start_send_unpin(3), Err(PushError(Some(3))));
        assert_eq!(consumer.drain(), [1]);
    });
}

#[test]
fn closing_a_sink_pushes_its_item_and_drops_its_producer() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut sink = with_an_item(producer.into_sink());
        assert_eq!(sink.poll_close_unpin(&mut context()), Poll::Pending);
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!(sink.poll_close_unpin(&mut context()), Poll::Ready(Ok(())));
        assert_eq!(consumer.pop(), Ok(2));
        assert!(consumer.is_closed(), "the last producer was dropped");
        assert_eq!(sink.poll_flush_unpin(&mut context()), Poll::Ready(Ok(())), "no error to report");
        assert_eq!(sink.start_send_unpin(3), Err(PushError(Some(3))));
        assert_eq!(sink.poll_close_unpin(&mut context()), Poll::Ready(Ok(())));
    });
}

/// `forward` waits for its stream only, so a close must wake the task of a sink that has nothing to push.
#[test]
fn a_flushed_sink_reports_the_close() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut sink = producer.sink();
        assert_eq!(sink.start_send_unpin(1), Ok(()));
        let mut flush = task(poll_fn(|context| sink.poll_flush_unpin(context)));
        assert_eq!(flush.poll(), Poll::Ready(Ok(())));
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!(flush.wakes(), 0);
        consumer.close();
        assert_eq!(flush.wakes(), 1);
        assert_eq!(flush.poll(), Poll::Ready(Err(PushError(None))));
    });
}

#[test]
fn a_clone_of_a_sink_pushes_and_keeps_no_item_of_the_other() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let sink = with_an_item(producer.into_sink());
        let mut clone = sink.clone();
        assert_eq!(clone.clone().into_item(), None);
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!(clone.start_send_unpin(3), Ok(()));
        assert_eq!((sink.into_item(), consumer.pop()), (Some(2), Ok(3)));
        assert_eq!(clone.poll_close_unpin(&mut context()), Poll::Ready(Ok(())));
        assert!(consumer.is_closed(), "both producers were dropped");
        assert_eq!(clone.clone().start_send_unpin(4), Err(PushError(Some(4))));
    });
}

/// A stream keeps a waker for its next wait. It must not be that of an earlier task.
#[test]
fn a_stream_that_moves_to_another_task_wakes_that_one() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let mut stream = consumer.stream();
        let mut first = waiting(poll_fn(|context| stream.poll_next_unpin(context)));
        producer.push(1).unwrap();
        assert_eq!((first.wakes(), first.poll()), (1, Poll::Ready(Some(1))));
        assert!(first.poll().is_pending());
        producer.push(2).unwrap();
        assert_eq!((first.wakes(), first.poll()), (1, Poll::Ready(Some(2))));
        drop(first);
        let mut second = waiting(poll_fn(|context| stream.poll_next_unpin(context)));
        producer.push(3).unwrap();
        assert_eq!((second.wakes(), second.poll()), (1, Poll::Ready(Some(3))));
    });
}
