//! The tests of the public interface, a module a theme. `support.rs` has what they share.

mod allocations;
mod batch;
mod batch_timeout;
mod close;
mod drop;
mod edges;
mod facade;
mod fifo;
mod go;
mod handles;
mod iter_many;
mod linearizable;
mod lingering;
mod panic;
mod sequences;
mod stats;
mod streams;
mod stress;
mod task_futures;
mod tasks;
mod timeout;
mod traits;
mod wakers;
mod watchdog;
mod weak;
