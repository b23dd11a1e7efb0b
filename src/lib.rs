//! A bounded queue for threads and async tasks: **one mutex, two condition variables, a close flag**, in safe Rust.
//!
//! [`BoundedBuffer`] is a ring with a fixed number of slots. Several producers and several consumers share it. A push
//! blocks while the buffer is full, a pop blocks while it is empty. After a close, pushes fail and pops drain the
//! remaining items. Tasks of any executor wait on the same buffer with `push_async` and `pop_async`. It can replace
//! Go's buffered channel. The source is written to be read, and model-checked with loom.
//!
//! ```
//! use bounded_buffer::bounded;
//! use std::thread;
//!
//! let (producer, consumer) = bounded(5);
//! thread::scope(|scope| {
//!     for id in 1..=2 {
//!         let producer = producer.clone();
//!         scope.spawn(move || {
//!             for item in 0..10 {
//!                 // Blocks while the buffer is full.
//!                 producer.push((id, item)).expect("a consumer is left");
//!             }
//!         });
//!     }
//!     for id in 1..=3 {
//!         let consumer = consumer.clone();
//!         scope.spawn(move || {
//!             // Blocks while the buffer is empty. Ends when it is closed and drained.
//!             for (producer, item) in consumer {
//!                 println!("consumer {id}: item {item} of producer {producer}");
//!             }
//!         });
//!     }
//!     // The threads hold clones. The buffer closes when the last one of a side is dropped.
//!     drop((producer, consumer));
//! });
//! ```
//!
//! # Contract
//!
//! | operation | buffer full | buffer empty | buffer closed |
//! |---|---|---|---|
//! | [`push`], [`push_many`], [`push_all`] | blocks | | returns the item |
//! | [`push_async`], [`push_many_async`] | the task waits | | returns the item |
//! | [`try_push`], [`try_push_many`] | `Full` | | `Closed` |
//! | [`push_timeout`], [`push_deadline`], [`push_many_timeout`], … | blocks, then `Timeout` | | `Closed` |
//! | [`force_push`] | removes and returns the oldest item | | returns the item |
//! | [`pop`], [`pop_many`], [`pop_batch`] | | blocks | drains, then [`PopError`] |
//! | [`pop_async`], [`pop_many_async`] | | the task waits | drains, then [`PopError`] |
//! | [`try_pop`], [`try_pop_many`] | | `Empty` | drains, then `Closed` |
//! | [`pop_timeout`], [`pop_deadline`], [`pop_many_timeout`], … | | blocks, then `Timeout` | drains, then `Closed` |
//! | [`iter`], [`iter_many`], [`IntoIter`] | | blocks | drains, then ends |
//! | `Consumer::stream`, `Consumer::into_stream` (feature `futures`) | | the task waits | drains, then ends |
//! | `Producer::sink`, `Producer::into_sink` (feature `futures`) | the task waits | | returns the item |
//! | [`drain`], [`close_and_drain`] | takes all | takes nothing | takes all |
//! | [`wait_closed`], [`wait_closed_timeout`] | blocks | blocks | returns |
//! | [`closed`] | the task waits | the task waits | returns |
//!
//! The operations of the rows that end with `_async`, [`closed`], streams and sinks are for tasks. The others block the
//! thread, also a batch with linger: [`pop_batch`] has no counterpart for tasks, because it would need the timer of an
//! executor. `docs/recipes.md` shows one for tokio, and what else a program needs around a buffer.
//!
//! * **First in, first out** over the whole buffer. A batch keeps its order. Once the buffer was full, items of other
//!   producers may come between the items of a batch.
//! * **Linearizable.** Each operation takes effect at one moment between its call and its return, in one critical
//!   section. A batch that waits more than once consists of several such steps: `push_many`, `push_all`, `pop_batch`
//!   and their variants.
//! * **Accepted items are delivered.** A failed push returns the item. After [`close`](BoundedBuffer::close), no item
//!   is accepted, and pops report `Closed` only when the buffer is drained.
//! * **Time-outs.** An operation is attempted at least once. `Closed` beats `Timeout`, and for pops, success beats
//!   `Closed`.
//! * **User code never runs while the lock is held.** The destructor of an item may use the buffer. A panicking thread
//!   does not poison it.
//! * **Futures are cancel-safe.** A future that is dropped before it is ready has pushed or popped nothing, and a
//!   wake-up that it received goes to another waiter. Only `push_many_async` may have pushed some items; the others are
//!   still in the deque.
//! * **Futures have no budget.** One that can act returns `Ready` in its first poll. A loop of pushes and pops that never
//!   wait does not return to its executor, and a time-out around it does not end. On tokio, wrap the futures in
//!   `tokio::task::coop::cooperative`, or yield after a number of items.
//! * **The last handle closes.** When the last [`Producer`] is dropped, the buffer closes and consumers drain it. When
//!   the last [`Consumer`] is dropped, it closes and drops the remaining items. A [`WeakProducer`], [`WeakConsumer`] or
//!   [`Observer`] keeps no side open, and can close the buffer. A buffer that is shared by reference has no handles:
//!   [`close_on_drop`] returns a guard that closes it, also after a panic.
//! * **Waiting threads are not served in order.** A running thread may take an item before a thread that is being woken
//!   (*barging*). A waiting thread can be overtaken only while other threads keep taking items.
//! * **Not for a global allocator.** parking_lot may allocate memory when a thread parks, while the lock is held. An
//!   allocator that uses a buffer could wait for the lock that its own thread holds.
//!
//! # Names in other libraries
//!
//! | here | crossbeam-channel | flume | async-channel | tokio `mpsc` | Go |
//! |---|---|---|---|---|---|
//! | [`bounded`] | `bounded` | `bounded` | `bounded` | `channel` | `make(chan T, n)` |
//! | [`push`] | `send` | `send` | `send_blocking` | `blocking_send` | `ch <- item` |
//! | [`try_push`] | `try_send` | `try_send` | `try_send` | `try_send` | `select` with `default` |
//! | [`force_push`] | | | `force_send` | | |
//! | [`push_timeout`] | `send_timeout` | `send_timeout` | | `send_timeout` (async) | `select` with `time.After` |
//! | [`push_async`] | | `send_async` | `send` | `send` | |
//! | [`pop`] | `recv` | `recv` | `recv_blocking` | `blocking_recv` | `item, ok := <-ch` |
//! | [`try_pop`] | `try_recv` | `try_recv` | `try_recv` | `try_recv` | `select` with `default` |
//! | [`pop_async`] | | `recv_async` | `recv` | `recv` | |
//! | [`pop_many`] | | | | `blocking_recv_many` | |
//! | [`pop_many_async`] | | | | `recv_many` | |
//! | [`iter`] | `iter` | `iter` | | | `for item := range ch` |
//! | [`try_iter`] | `try_iter` | `try_iter` | | | |
//! | [`drain`] | | `drain` | | | |
//! | `stream`, `sink` | | `stream`, `sink` | `Receiver` is a `Stream` | | |
//! | [`close`] | dropping all senders | dropping all senders | `close` | `Receiver::close` | `close(ch)` |
//! | [`closed`] | | | `closed` (senders) | `closed` (senders) | |
//! | [`downgrade`] | | `downgrade` (senders) | `downgrade` | `downgrade` (senders) | |
//! | [`producers`] | | `sender_count` | `sender_count` | `strong_count` | |
//! | [`consumers`] | | `receiver_count` | `receiver_count` | | |
//! | [`same_buffer`] | `same_channel` | `same_channel` | `same_channel` | `same_channel` | `ch1 == ch2` |
//! | [`len`] | `len` | `len` | `len` | `len` | `len(ch)` |
//! | [`capacity`] | `capacity` | `capacity` | `capacity` | `max_capacity` | `cap(ch)` |
//!
//! # What is left out, and why
//!
//! * **`reserve`**, a permit for one slot, as in tokio: it does not fit the protocol. A reserved slot is neither free
//!   nor filled, so each push and pop would count it in the cache line that all threads share. `force_push` could find
//!   nothing to evict, because the slots may all be reserved. A permit that a stalled task holds takes its slot away
//!   for an unbounded time. Instead, wait with `try_push` or `push_timeout` and keep the item that the error returns,
//!   or limit the expensive work itself with a semaphore.
//! * **`Extend`** for producers: `extend` returns nothing, so it could neither report a close nor return the items that
//!   were not pushed. [`push_all`](Producer::push_all) takes any iterator and does both.
//! * **A batching producer**, which collects items and flushes them: `len`, `close` and `stats` would not know the
//!   items that it holds, and its drop would have to block or lose them. With a `VecDeque` of its own,
//!   [`push_many`](Producer::push_many) gives a caller the same batches, and the caller decides when to flush.
//! * **`select!`**: tasks use the macros of their executor, and the losing futures lose no item. A thread runs
//!   `block_on` on a race of futures.
//! * **Capacity 0** (rendezvous) and **no capacity** (unbounded): another protocol, and no protection against a slow
//!   consumer.
//!
//! # How it works
//!
//! ```text
//!   producers                     guarded by one mutex                         consumers
//!             ┌───────────────────────────────────────────────────────────┐
//!   push ───▶ │  ring   ┌───┬───┬───┬───┬───┐      closed?                │ ───▶ pop
//!             │         │   │ c │ b │ a │   │      for each side:         │
//!             │         └───┴───┴───┴───┴───┘      waiters, and whether   │
//!             │             tail ◀─── head         a wake-up is pending   │
//!             └───────────────────────────────────────────────────────────┘
//!     not_full: producers wait here              not_empty: consumers wait here
//! ```
//!
//! Each operation has the same steps: **lock, wait until it can act, change the state, release**. A task that waits
//! stores its waker in a list of its side instead of blocking on the condition variable. `release` is the only function
//! that notifies. The numbered argument why no wake-up is lost stands at the head of
//! [`buffer.rs`](../src/bounded_buffer/buffer.rs.html), and the code cites its steps.
//!
//! To read the source, take the files in this order:
//!
//! 1. `ring.rs`: the slots; single-threaded.
//! 2. `state.rs`: the state behind the mutex and the changes to it; single-threaded.
//! 3. `buffer.rs`: the argument and the protocol: lock, wait, release.
//! 4. `ops.rs`: the operations, each one line of the protocol.
//! 5. `tasks.rs`, `wakers.rs`, `wake.rs`: how a task waits, the list of wakers, and how they are called.
//! 6. `future.rs`, `stream.rs`: the operations for tasks.
//! 7. `spin.rs`: how long a thread spins and yields before it parks. It affects speed only.
//! 8. `sync.rs`: the facade over parking_lot, loom and shuttle.
//! 9. `handle.rs`: handles, and when they close the buffer. `delegate.rs`: their operations. `weak.rs`: handles that
//!    keep no side open.
//! 10. `iter.rs`, `error.rs`, `stats.rs`: iterators, errors, counters.
//!
//! Then change a line of `buffer.rs`, run `cargo loom`, and see which model fails.
//!
//! # Features
//!
//! * `futures`: `Stream` for consumers, `Sink` for producers, and `FusedFuture`, which `futures::select!` needs. The
//!   futures themselves need no feature.
//! * `loom`: with `--cfg loom`, the buffer runs inside the loom models of other crates (`docs/loom.md`). Without the
//!   cfg it changes nothing.
//! * `shuttle`: the same for shuttle. Only the tests of this crate use it.
//!
//! No feature is on by default. Without features, the crate depends on parking_lot only.
//!
//! [`capacity`]: BoundedBuffer::capacity
//! [`close`]: Producer::close
//! [`close_and_drain`]: BoundedBuffer::close_and_drain
//! [`close_on_drop`]: BoundedBuffer::close_on_drop
//! [`closed`]: BoundedBuffer::closed
//! [`consumers`]: Observer::consumers
//! [`downgrade`]: Producer::downgrade
//! [`drain`]: BoundedBuffer::drain
//! [`force_push`]: BoundedBuffer::force_push
//! [`iter`]: BoundedBuffer::iter
//! [`iter_many`]: BoundedBuffer::iter_many
//! [`len`]: BoundedBuffer::len
//! [`pop`]: BoundedBuffer::pop
//! [`pop_async`]: BoundedBuffer::pop_async
//! [`pop_batch`]: BoundedBuffer::pop_batch
//! [`pop_deadline`]: BoundedBuffer::pop_deadline
//! [`pop_many`]: BoundedBuffer::pop_many
//! [`pop_many_async`]: BoundedBuffer::pop_many_async
//! [`pop_many_timeout`]: BoundedBuffer::pop_many_timeout
//! [`pop_timeout`]: BoundedBuffer::pop_timeout
//! [`producers`]: Observer::producers
//! [`push`]: BoundedBuffer::push
//! [`push_all`]: BoundedBuffer::push_all
//! [`push_async`]: BoundedBuffer::push_async
//! [`push_deadline`]: BoundedBuffer::push_deadline
//! [`push_many`]: BoundedBuffer::push_many
//! [`push_many_async`]: BoundedBuffer::push_many_async
//! [`push_many_timeout`]: BoundedBuffer::push_many_timeout
//! [`push_timeout`]: BoundedBuffer::push_timeout
//! [`same_buffer`]: Producer::same_buffer
//! [`try_iter`]: Consumer::try_iter
//! [`try_pop`]: BoundedBuffer::try_pop
//! [`try_pop_many`]: BoundedBuffer::try_pop_many
//! [`try_push`]: BoundedBuffer::try_push
//! [`try_push_many`]: BoundedBuffer::try_push_many
//! [`wait_closed`]: BoundedBuffer::wait_closed
//! [`wait_closed_timeout`]: BoundedBuffer::wait_closed_timeout

#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc, clippy::must_use_candidate)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod buffer;
mod delegate;
mod error;
mod future;
mod handle;
mod iter;
mod ops;
mod ring;
mod spin;
mod state;
mod stats;
#[cfg(feature = "futures")]
#[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
mod stream;
mod sync;
mod tasks;
mod wake;
mod wakers;
mod weak;

pub use buffer::BoundedBuffer;
pub use error::{CapacityError, PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
pub use future::{ClosedFuture, PopFuture, PopManyFuture, PushFuture, PushManyFuture};
pub use handle::{CloseOnDrop, Consumer, Producer, bounded, bounded_with, try_bounded, try_bounded_with};
pub use iter::{IntoIter, IntoIterMany, Iter, IterMany, TryIter};
pub use spin::WaitStrategy;
pub use stats::Stats;
#[cfg(feature = "futures")]
#[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
pub use stream::{ConsumerStream, PopStream, ProducerSink, PushSink};
pub use weak::{Handle, Observer, WeakConsumer, WeakProducer};

/// Tests the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
