//! Positions in a timeline: the lanes, the plot below them, and the time axis that they share.

use std::ops::Range;
use std::time::Duration;

use super::lanes::Recorded;
use support::picture::WIDTH;

/// Room for the longest label, `Consumer 1024`.
pub(super) const LEFT: i32 = 120;
/// Width of the time axis in pixels. Each pixel shows what fills most of its time, so the size of a picture is bounded.
pub(super) const COLUMNS: i32 = WIDTH - LEFT - 20;
pub(super) const TITLE: i32 = 44;
/// Height of a lane, and where its bar is.
pub(super) const LANE: i32 = 38;
pub(super) const BAR: Range<i32> = 12..28;
/// Height of the plot of the occupancy, and of the room above and below it.
pub(super) const PLOT: i32 = 120;
pub(super) const ABOVE_PLOT: i32 = 34;
pub(super) const BELOW_PLOT: i32 = 64;

/// The time axis.
pub(super) struct Axis {
    pub(super) end: Duration,
}

impl Axis {
    pub(super) fn new(run: &Recorded) -> Self {
        Self { end: run.end.max(Duration::from_nanos(1)) }
    }

    /// Returns a position from 0 to [`COLUMNS`].
    pub(super) fn position(&self, at: Duration) -> f64 {
        at.as_secs_f64() / self.end.as_secs_f64() * f64::from(COLUMNS)
    }

    #[allow(clippy::cast_possible_truncation, reason = "a column is a small number")]
    pub(super) fn column(&self, at: Duration) -> i32 {
        (self.position(at) as i32).min(COLUMNS - 1)
    }

    pub(super) fn x(&self, at: Duration) -> i32 {
        LEFT + self.column(at)
    }

    /// Returns the unit of the labels, and how many of it are a second.
    pub(super) fn unit(&self) -> (&'static str, f64) {
        match self.end.as_secs_f64() {
            1.0.. => ("s", 1.0),
            0.001.. => ("ms", 1e3),
            _ => ("µs", 1e6),
        }
    }
}
