//! Tests of the tools: `report` on results whose summary is known, and a short soak.

mod report;
mod soak;
