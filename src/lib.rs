//! A bounded buffer to be read, checked and compared: one mutex, two condition variables, a close flag, in safe Rust.

mod buffer;
mod error;
mod handle;
mod iter;
mod ops;
mod ring;
mod state;
mod stats;
mod wait;

// The only `cfg(loom)` outside the door: the models in `tests/loom` are built on the primitives that the buffer sees.
#[cfg(not(loom))]
mod sync;
#[cfg(loom)]
#[doc(hidden)]
pub mod sync;

pub use buffer::BoundedBuffer;
pub use error::{PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
pub use handle::{Consumer, Producer, bounded};
pub use iter::{Iter, TryIter};
pub use stats::Stats;
pub use wait::WaitStrategy;
