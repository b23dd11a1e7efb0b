//! The documented producer-consumer scenario as data, and what runs it on any channel.
//!
//! Producers push items into a bounded channel and pause; consumers pop them and pause; when all producers are done, the
//! channel is closed, and consumers drain it. A [`Scenario`] says how many, how large, how long; a [`Run`] is its threads; a
//! [`Report`] says what became of it, and its [`Verdict`] whether every item arrived once and in order.
//!
//! ```
//! use bounded_buffer::runner::Scenario;
//!
//! let scenario = Scenario { time_scale: 0.0, seed: Some(7), ..Scenario::default() }; // the documented one, without pauses
//! let report = scenario.run()?;
//! assert!(report.verdict.holds());
//! assert_eq!(report.popped, 20);
//! println!("{report}");
//! # Ok::<(), bounded_buffer::runner::StartError>(())
//! ```
//!
//! What happens on the way, an [`Observer`] is told: to print it, or, as a [`Recorder`], to draw it later. Another channel than
//! this crate's is run by an adapter of a few lines, see [`Channel`].
//!
//! Reading order: `scenario.rs`, `channel.rs`, `run.rs` (the handle), `worker.rs` (the two loops), `report.rs`.

mod channel;
mod error;
mod event;
mod item;
mod record;
mod report;
mod run;
mod scenario;
mod verdict;
mod worker;

pub use channel::{Channel, PopEnd, PushEnd};
pub use error::{ScenarioError, StartError};
pub use event::{Action, Event, Observer, Worker};
pub use item::Item;
pub use record::Recorder;
pub use report::{Counters, Report, ThreadReport, TimeInBuffer};
pub use run::Run;
pub use scenario::{Failure, Scenario};
pub use verdict::Verdict;
