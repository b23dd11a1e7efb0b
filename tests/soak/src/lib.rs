//! A long stress of random scenarios with faults: threads that panic, leave, time out, or close the buffer during the run, and
//! tasks whose futures are dropped before they are ready.
//!
//! The seed draws the capacity, threads, operations and faults of each round. After a round the logs of its threads are
//! checked: each accepted item was taken exactly once, each consumer received each producer's items in order, and the
//! buffer's counters agree with the logs.

pub mod plan;
pub mod round;
mod tasks;
mod threads;
