//! Tests of the examples and of the documents: they run the programs, or include parts of them. They are a package of their own,
//! because the tests of the library and the examples need no Markdown parser.

mod docs;
mod ladder;
mod pattern;
mod style;

use test_support::program;
