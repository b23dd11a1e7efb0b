//! The tests of the public interface, a module a theme. `support.rs` has what they share.

mod batch;
mod close;
mod fifo;
mod go;
mod support;
mod timeout;
