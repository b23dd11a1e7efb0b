//! Tests of the tools: `report` on results whose summary is known, and a short soak.

mod report;
mod soak;
#[path = "../../../tests/api/support.rs"]
#[allow(dead_code, reason = "the library's tests use the rest")]
mod support;
