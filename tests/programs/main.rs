//! Tests of the examples and of the documents: the programs are run, and parts of them are included. A package of its own,
//! because the library's tests need neither a terminal library nor a Markdown parser, and neither do the examples.

mod cli;
mod docs;
mod ladder;
mod live;
mod pattern;
mod program;
mod recording;
mod sizing;
mod style;
#[path = "../api/support.rs"]
#[allow(dead_code, reason = "the library's tests use the rest")]
mod support;
mod wakeups;
