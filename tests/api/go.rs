//! The behaviour of a Go channel, with Go's names: send, receive, range, select.

use std::thread;
use std::time::Duration;

use bounded_buffer::{
    BoundedBuffer, PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError, bounded,
};

use test_support::{full, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

#[test]
fn cap_and_len_are_those_of_the_channel() {
    watched(|| {
        let channel = BoundedBuffer::new(5);
        channel.push('x').unwrap();
        assert_eq!((channel.capacity(), channel.len(), channel.remaining()), (5, 1, 4));
        assert!(!channel.is_empty() && !channel.is_full());
    });
}

#[test]
fn send_does_not_block_while_there_is_room() {
    watched(|| {
        let channel = BoundedBuffer::new(5);
        for item in 0..5 {
            channel.push(item).unwrap();
        }
        assert!(channel.is_full());
        assert_eq!(channel.stats().push_waits, 0);
    });
}

#[test]
fn send_blocks_when_full_until_a_receive() {
    with_each_strategy(|strategy| {
        let channel = full(2, strategy);
        thread::scope(|threads| {
            let send = threads.spawn(|| channel.push(2));
            until_producers_wait(&channel, 1);
            assert!(!send.is_finished());
            assert_eq!(channel.pop(), Ok(0));
            assert_eq!(send.join().unwrap(), Ok(()));
        });
        assert_eq!(channel.drain(), [1, 2]);
    });
}

#[test]
fn receive_blocks_when_empty_until_a_send() {
    with_each_strategy(|strategy| {
        let channel = BoundedBuffer::with_wait_strategy(2, strategy);
        thread::scope(|threads| {
            let receive = threads.spawn(|| channel.pop());
            until_consumers_wait(&channel, 1);
            assert!(!receive.is_finished());
            channel.push(7).unwrap();
            assert_eq!(receive.join().unwrap(), Ok(7));
        });
    });
}

#[test]
fn receive_from_closed_drains_first_and_then_fails_without_blocking() {
    watched(|| {
        let channel = BoundedBuffer::new(3);
        channel.push(1).unwrap();
        channel.push(2).unwrap();
        channel.close();
        assert_eq!(channel.pop(), Ok(1));
        assert_eq!(channel.pop(), Ok(2));
        for _ in 0..3 {
            assert_eq!(channel.pop(), Err(PopError));
        }
    });
}

#[test]
fn receive_that_blocks_fails_when_the_channel_is_closed() {
    with_each_strategy(|strategy| {
        let channel = BoundedBuffer::<u8>::with_wait_strategy(1, strategy);
        thread::scope(|threads| {
            let receive = threads.spawn(|| channel.pop());
            until_consumers_wait(&channel, 1);
            channel.close();
            assert_eq!(receive.join().unwrap(), Err(PopError));
        });
    });
}

#[test]
fn range_ends_once_closed_and_drained() {
    with_each_strategy(|strategy| {
        let channel = BoundedBuffer::with_wait_strategy(2, strategy);
        thread::scope(|threads| {
            let range = threads.spawn(|| {
                let mut received = Vec::new();
                for item in &channel {
                    received.push(item);
                }
                received
            });
            for item in 0..100 {
                channel.push(item).unwrap();
            }
            channel.close();
            assert_eq!(range.join().unwrap(), (0..100).collect::<Vec<_>>());
        });
    });
}

#[test]
fn range_by_several_workers_delivers_each_item_to_one() {
    with_each_strategy(|strategy| {
        let channel = BoundedBuffer::with_wait_strategy(3, strategy);
        thread::scope(|threads| {
            let workers: Vec<_> = (0..3).map(|_| threads.spawn(|| channel.iter().collect::<Vec<_>>())).collect();
            for item in 0..300 {
                channel.push(item).unwrap();
            }
            channel.close();
            let mut received: Vec<i32> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
            received.sort_unstable();
            assert_eq!(received, (0..300).collect::<Vec<_>>());
        });
    });
}

#[test]
fn send_on_closed_returns_the_item_instead_of_a_panic() {
    watched(|| {
        let channel = BoundedBuffer::new(1);
        channel.close();
        assert_eq!(channel.push("tea"), Err(PushError("tea")));
    });
}

#[test]
fn send_that_blocks_when_the_channel_is_closed_returns_the_item_instead_of_a_panic() {
    with_each_strategy(|strategy| {
        let channel = full(1, strategy);
        thread::scope(|threads| {
            let send = threads.spawn(|| channel.push(9));
            until_producers_wait(&channel, 1);
            channel.close();
            assert_eq!(send.join().unwrap(), Err(PushError(9)));
        });
    });
}

#[test]
fn close_of_closed_returns_false_instead_of_a_panic() {
    watched(|| {
        let channel = BoundedBuffer::<u8>::new(1);
        assert!(channel.close());
        assert!(!channel.close());
        assert!(channel.is_closed());
    });
}

#[test]
fn select_with_default_is_try() {
    watched(|| {
        let channel = BoundedBuffer::new(1);
        assert_eq!(channel.try_pop(), Err(TryPopError::Empty));
        assert_eq!(channel.try_push(1), Ok(()));
        assert_eq!(channel.try_push(2), Err(TryPushError::Full(2)));
        assert_eq!(channel.try_pop(), Ok(1));
    });
}

#[test]
fn select_with_time_after_is_timeout() {
    with_each_strategy(|strategy| {
        let moment = Duration::from_millis(2);
        let channel = BoundedBuffer::with_wait_strategy(1, strategy);
        assert_eq!(channel.pop_timeout(moment), Err(PopTimeoutError::Timeout));
        assert_eq!(channel.push_timeout(1, moment), Ok(()));
        assert_eq!(channel.push_timeout(2, moment), Err(PushTimeoutError::Timeout(2)));
        assert_eq!(channel.pop_timeout(moment), Ok(1));
    });
}

/// The drop of the last producer replaces `wg.Wait(); close(ch)` in a goroutine of its own.
#[test]
fn the_wait_group_that_closes_the_channel_is_built_in() {
    watched(|| {
        let (producer, consumer) = bounded(5);
        let senders: Vec<_> = (0..2)
            .map(|_| {
                let producer = producer.clone();
                thread::spawn(move || (0..10).for_each(|item| producer.push(item).unwrap()))
            })
            .collect();
        drop(producer);
        assert_eq!(consumer.iter().count(), 20);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

/// A request that carries the channel for its answer.
#[test]
fn a_channel_can_be_sent_over_a_channel() {
    watched(|| {
        let (requests, server) = bounded(1);
        thread::scope(|threads| {
            threads.spawn(move || {
                for (number, answer) in &server {
                    let answer: bounded_buffer::Producer<i32> = answer;
                    answer.push(number * number).unwrap();
                }
            });
            for number in 0..10 {
                let (reply_to, reply) = bounded(1);
                requests.push((number, reply_to)).unwrap();
                assert_eq!(reply.pop(), Ok(number * number));
                assert_eq!(reply.pop(), Err(PopError), "the server has dropped its handle");
            }
            drop(requests);
        });
    });
}
