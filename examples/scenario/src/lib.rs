//! The documented producer-consumer scenario as data, and a runner for it on any bounded channel.
//!
//! Producers push items into a bounded channel, with a delay after each; consumers pop them, with a delay after each. When
//! all producers are done, the runner closes the channel and the consumers drain it. A [`Scenario`] contains the parameters, a
//! [`Run`] the threads, and a [`Report`] the result. Its [`Verdict`] says whether each item arrived exactly once and in order.
//!
//! ```
//! use scenario::Scenario;
//!
//! let scenario = Scenario { time_scale: 0.0, seed: Some(7), ..Scenario::default() }; // the documented one, without delays
//! let report = scenario.run()?;
//! assert!(report.verdict.holds());
//! assert_eq!(report.popped, 20);
//! println!("{report}");
//! # Ok::<(), scenario::StartError>(())
//! ```
//!
//! An [`Observer`] receives each event of a run, for example to print it; a [`Recorder`] stores them. To run the scenario on
//! another channel, implement [`Channel`] and its two ends; an adapter takes about 40 lines.
//!
//! Each file uses only files above it in this list, in which they are also best read: `event.rs`, `item.rs`, `channel.rs`,
//! `peers.rs` (other channels), `record.rs`, `verdict.rs`, `scenario.rs`, `random.rs`, `error.rs`, `log.rs`, `shared.rs` (the state
//! of a run), `worker.rs` (the two loops), `report.rs`, `run.rs` (the public handle). Then `wakeups.rs` (which operation ended which
//! wait) and `virtual_run.rs` (a run whose clock jumps from event to event).
//!
//! `programs/` has the programs, `live/` the view of a run in a terminal, `tests/` the tests of the library and of the programs.

mod channel;
mod error;
mod event;
mod item;
mod log;
mod peers;
mod random;
mod record;
mod report;
mod run;
mod scenario;
mod shared;
mod verdict;
pub mod virtual_run;
pub mod wakeups;
mod worker;

pub use channel::{Channel, PopEnd, PushEnd};
pub use error::StartError;
pub use event::{Action, Event, Observer, Worker};
pub use item::Item;
pub use log::ThreadReport;
pub use peers::{Crossbeam, Std};
pub use record::Recorder;
pub use report::{Counters, Report, TimeInBuffer};
pub use run::Run;
pub use scenario::{Failure, Scenario, ScenarioError};
pub use verdict::Verdict;
