//! Tests of the examples and of the documents: they run the programs, or include parts of them. They are a package of their own,
//! because the tests of the library and the examples need neither a terminal library nor a Markdown parser.

mod cli;
mod docs;
mod live;
mod pattern;
mod recording;
mod sizing;
mod wakeups;

use test_support::program;
