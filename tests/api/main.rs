//! The tests of the public interface, a module a theme. The package `test-support` has what they share.

mod allocations;
mod batches;
mod close;
mod drop;
mod linearizable;
mod lingering;
mod nested_wakers;
mod sequences;
mod sources;
mod stats;
mod streams;
mod stress;
mod tasks;
mod timeout;
mod traits;
mod waits;
mod wakers;
