//! The command lines of the example programs, tested by running them.

mod producer_consumer;
mod sizing;
