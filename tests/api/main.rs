//! The tests of the public interface, a module a theme. `support.rs` has what they share.

mod allocations;
mod batch;
mod batch_timeout;
mod close;
mod closed;
mod drop;
mod edges;
mod fifo;
mod go;
mod handles;
mod iter_many;
mod linearizable;
mod lingering;
mod nested_wakers;
mod panic;
mod sequences;
mod sources;
mod stats;
mod streams;
mod stress;
mod task_futures;
mod tasks;
mod timeout;
mod traits;
mod wakers;
mod weak;
