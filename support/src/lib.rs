//! What the programs of this repository share: command lines, output, pictures, statistics.

#[cfg(feature = "cli")]
pub mod cli;
pub mod output;
#[cfg(feature = "picture")]
pub mod picture;
#[cfg(feature = "statistics")]
pub mod statistics;
pub mod stdout;
