//! The tests of the public interface, a module a theme. `support.rs` has what they share.

mod batch;
#[cfg(feature = "runner")]
mod cli;
mod close;
#[cfg(feature = "runner")]
mod docs;
mod drop;
mod edges;
mod facade;
mod fifo;
mod go;
mod handles;
mod ladder;
mod linearizable;
#[cfg(feature = "runner")]
mod live;
mod model;
mod panic;
#[cfg(feature = "runner")]
mod program;
#[cfg(feature = "runner")]
mod recording;
#[cfg(feature = "runner")]
mod report;
#[cfg(feature = "runner")]
mod scenario;
#[cfg(feature = "runner")]
mod sizing;
#[cfg(feature = "runner")]
mod soak;
mod stats;
mod stress;
mod support;
mod timeout;
mod traits;
#[cfg(feature = "runner")]
mod wakeups;
