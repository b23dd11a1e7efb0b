//! Tasks on the executors of tokio, smol and futures. A package of its own, because these are large.
//!
//! `tests/api/tasks.rs` polls the futures by hand, in fixed schedules. Here an executor polls them, and each operation is cancelled
//! thousands of times. The duration of a time-out only decides how often it fires, or when a test ends.

mod cancel;
mod count;
mod executor;
mod runtimes;
mod sides;
