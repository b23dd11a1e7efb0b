//! The tests of the public interface, a module a theme. `support.rs` has what they share.

mod close;
mod go;
mod support;
mod timeout;
