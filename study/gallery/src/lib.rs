//! The gallery: classic bugs of a lock-based bounded buffer, each a few lines that override one function of a reference, and the
//! programs that expose them. `docs/gallery.md` shows them.
//!
//! Read `textbook.rs` and `reference.rs` first, then a bug (`bugs/`), then its program ([`models`]). The lessons are smaller
//! buffers, with one idea each.
//!
//! The crate is empty in a normal build: the buffers are on the primitives of a checker. `cargo loom` explores each program in
//! loom, and the lab (`study/lab`) in shuttle.

#![cfg(any(loom, shuttle))]

mod bugs;
mod control;
pub mod lessons;
pub mod models;
mod queue;
mod reference;
mod reference_tasks;
mod shared;
pub mod source;
mod textbook;

pub use bugs::{BUGS, Base, Bug, CONTROL, Case, REFERENCE, REFERENCE_TASKS, TEXTBOOK, TWO_AND_TWO};
pub use queue::{Fail, Item, New, PopFuture, Queue, SHIPPED, SPINNING};
pub use shared::{Shared, join};
