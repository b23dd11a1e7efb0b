//! Tests of the documents, and of the pattern by running it. They are a package of their own, because the tests of the library need no
//! Markdown parser.

mod docs;
mod pattern;

use test_support::program;
