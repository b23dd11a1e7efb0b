//! The documented producer-consumer scenario as data, and a runner for it on any bounded channel.
//!
//! Producers push items into a bounded channel, with a delay after each; consumers pop them, with a delay after each. When
//! all producers are done, the runner closes the channel and the consumers drain it. A [`Scenario`] contains the parameters, a
//! [`Run`] the threads, and a [`Report`] the result. Its [`Verdict`] says whether each item arrived exactly once and in order.
//!
//! ```
//! use bounded_buffer::runner::Scenario;
//!
//! let scenario = Scenario { time_scale: 0.0, seed: Some(7), ..Scenario::default() }; // the documented one, without delays
//! let report = scenario.run()?;
//! assert!(report.verdict.holds());
//! assert_eq!(report.popped, 20);
//! println!("{report}");
//! # Ok::<(), bounded_buffer::runner::StartError>(())
//! ```
//!
//! An [`Observer`] receives each event of a run, for example to print it; a [`Recorder`] stores them. To run the scenario on
//! another channel, implement [`Channel`] and its two ends; an adapter takes about 40 lines.
//!
//! Each file uses only files above it in this list, in which they are also best read: `event.rs`, `item.rs`, `channel.rs`,
//! `record.rs`, `verdict.rs`, `scenario.rs`, `random.rs`, `error.rs`, `log.rs`, `shared.rs` (the state of a run), `worker.rs`
//! (the two loops), `report.rs`, `run.rs` (the public handle).

mod channel;
mod error;
mod event;
mod item;
mod log;
mod random;
mod record;
mod report;
mod run;
mod scenario;
mod shared;
mod verdict;
mod worker;

pub use channel::{Channel, PopEnd, PushEnd};
pub use error::StartError;
pub use event::{Action, Event, Observer, Worker};
pub use item::Item;
pub use log::ThreadReport;
pub use record::Recorder;
pub use report::{Counters, Report, TimeInBuffer};
pub use run::Run;
pub use scenario::{Failure, Scenario, ScenarioError};
pub use verdict::Verdict;
