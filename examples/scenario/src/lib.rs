//! The documented producer-consumer scenario as data, and a runner for it.
//!
//! Producers push items into a [`BoundedBuffer`](bounded_buffer::BoundedBuffer), with a delay after each; consumers pop them, with a
//! delay after each. When all producers are done, the runner closes the buffer and the consumers drain it. A [`Scenario`] contains
//! the parameters. A [`Run`] executes it and records an [`Event`] for each action of a thread. A [`Report`] is computed from the
//! events; its [`Verdict`] says whether each item arrived exactly once and in order.
//!
//! ```
//! use scenario::Scenario;
//!
//! let scenario = Scenario { time_scale: 0.0, seed: Some(7), ..Scenario::default() }; // the documented one, without delays
//! let report = scenario.run()?;
//! assert!(report.verdict.holds());
//! assert_eq!(report.popped, 20);
//! println!("{report}");
//! # Ok::<(), String>(())
//! ```
//!
//! Each file uses only files above it in this list, in which they are also best read: `event.rs`, `scenario.rs` (with its random
//! values and delays), `verdict.rs`, `report.rs`, `run.rs` (the threads). Then `lanes.rs` (what each thread did from when to when,
//! and which operation ended which wait) and `virtual_run.rs` (a run whose clock jumps from event to event).
//!
//! `programs/` has the programs, `live/` the view of a run in a terminal, `tests/` the tests of the library and of the programs.

mod event;
pub mod lanes;
mod report;
mod run;
mod scenario;
mod verdict;
pub mod virtual_run;

pub use event::{Action, Event, State, ThreadReport, Worker};
pub use report::{Report, TimeInBuffer, short};
pub use run::Run;
pub use scenario::{Failure, Scenario};
pub use verdict::Verdict;
