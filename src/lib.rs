//! A bounded buffer to be read, checked and compared: **one mutex, two condition variables, a close flag**, in safe Rust.
//!
//! Threads share a ring of a fixed number of slots. A push waits while it is full, a pop waits while it is empty, and a close
//! ends the whole thing without losing an item. It is what Go calls a buffered channel, written out by hand with nothing
//! but locks, and as fast as the lock-free ones.
//!
//! ```
//! use bounded_buffer::bounded;
//!
//! let (producer, consumer) = bounded(5);
//! std::thread::scope(|threads| {
//!     for id in 1..=2 {
//!         let producer = producer.clone();
//!         threads.spawn(move || (0..10).try_for_each(|item| producer.push((id, item))));
//!     }
//!     drop(producer); // the threads have theirs; the last one dropped closes the buffer
//!
//!     let consumers = [consumer.clone(), consumer].map(|consumer| threads.spawn(move || consumer.iter().count()));
//!     let taken: usize = consumers.into_iter().map(|consumer| consumer.join().unwrap()).sum();
//!     assert_eq!(taken, 20);
//! });
//! ```
//!
//! # The contract
//!
//! | operation | while full | while empty | once closed |
//! |---|---|---|---|
//! | [`push`](BoundedBuffer::push), [`push_many`](BoundedBuffer::push_many) | waits | | gives the item back |
//! | [`try_push`](BoundedBuffer::try_push), [`try_push_many`](BoundedBuffer::try_push_many) | `Full` | | `Closed` |
//! | [`push_timeout`](BoundedBuffer::push_timeout), [`push_deadline`](BoundedBuffer::push_deadline) | waits, then `Timeout` | | `Closed` |
//! | [`force_push`](BoundedBuffer::force_push) | hands the oldest item back | | gives the item back |
//! | [`pop`](BoundedBuffer::pop), [`pop_many`](BoundedBuffer::pop_many), [`pop_batch`](BoundedBuffer::pop_batch) | | waits | drains, then [`PopError`] |
//! | [`try_pop`](BoundedBuffer::try_pop), [`try_pop_many`](BoundedBuffer::try_pop_many) | | `Empty` | drains, then `Closed` |
//! | [`pop_timeout`](BoundedBuffer::pop_timeout), [`pop_deadline`](BoundedBuffer::pop_deadline), and for [many](BoundedBuffer::pop_many_timeout) | | waits, then `Timeout` | drains, then `Closed` |
//! | [`iter`](BoundedBuffer::iter) | | waits | drains, then ends |
//! | [`drain`](BoundedBuffer::drain), [`close_and_drain`](BoundedBuffer::close_and_drain) | takes all | takes nothing | takes all |
//!
//! * **First in, first out** over the whole buffer. A batch keeps its order; other producers' items may come in between once
//!   the buffer was full.
//! * **Linearizable.** Each operation takes effect at one moment between its call and its return, under one hold of the lock;
//!   `push_many` and `pop_batch` at several such moments.
//! * **Nothing accepted is lost.** A push that fails gives its item back. After [`close`](BoundedBuffer::close) returns, no
//!   item is accepted, and all that were are delivered before anybody is told `Closed`.
//! * **Time-outs are fair to the caller.** One attempt is always made; success beats `Closed`, `Closed` beats `Timeout`.
//! * **No user code runs under the lock**, so an item's `Drop` may use the buffer it came from, and a panic leaves it usable.
//! * **Not first come, first served** among the waiting threads: a thread that arrives may be faster than one that is being
//!   woken (*barging*). That is what makes it fast; an item can be late for one thread only as long as others take items.
//!
//! # How it works
//!
//! ```text
//!   producers                     one mutex around it all                      consumers
//!             ┌───────────────────────────────────────────────────────────┐
//!   push ───▶ │  ring   ┌───┬───┬───┬───┬───┐      closed?                │ ───▶ pop
//!             │         │   │ c │ b │ a │   │      waiting, on their way   │
//!             │         └───┴───┴───┴───┴───┘      (for each side)        │
//!             │             tail ◀─── head                                │
//!             └───────────────────────────────────────────────────────────┘
//!     not_full: producers sleep here             not_empty: consumers sleep here
//! ```
//!
//! Every operation has one shape: **lock, wait until it can act, change, release**. Release is the only place that wakes
//! anybody. The argument why no wake-up is lost stands, step by step, on [`BoundedBuffer`]; the code cites its steps.
//!
//! To read the source, take the files in this order, each in one sitting:
//!
//! 1. `ring.rs`: the slots; single-threaded.
//! 2. `state.rs`: all that the mutex guards, and what each operation changes in it; single-threaded, too.
//! 3. `buffer.rs`: the protocol: lock, wait, release.
//! 4. `ops.rs`: the operations, each a line of the protocol.
//! 5. `wait.rs`: how long to look before sleeping; all that has to do with speed alone.
//! 6. `sync.rs`: the one door to the primitives, parking_lot's or loom's.
//! 7. `handle.rs`, `iter.rs`, `error.rs`, `stats.rs`: what makes it pleasant.
//!
//! Then break it, and watch `cargo loom` catch you.
//!
//! # Features
//!
//! * `runner` (default): the documented producer-consumer scenario as data and what runs it. Without it the crate depends on
//!   parking_lot alone.

mod buffer;
mod error;
mod handle;
mod iter;
mod ops;
mod ring;
#[cfg(feature = "runner")]
pub mod runner;
mod state;
mod stats;
mod wait;

// The only such `cfg` outside the door: models are built on the primitives that the buffer sees.
#[cfg(not(any(loom, shuttle)))]
mod sync;
#[cfg(any(loom, shuttle))]
#[doc(hidden)]
pub mod sync;

pub use buffer::BoundedBuffer;
pub use error::{PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
pub use handle::{Consumer, Producer, bounded};
pub use iter::{Iter, TryIter};
pub use stats::Stats;
pub use wait::WaitStrategy;

/// The examples of the README are tests, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
