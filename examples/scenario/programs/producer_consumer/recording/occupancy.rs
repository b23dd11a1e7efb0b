//! The number of items over time, as a plot below the lanes.

use std::fmt::Write as _;
use std::time::Duration;

use super::lanes::Recorded;
use super::layout::{Axis, COLUMNS, LEFT, PLOT};
use support::picture::{Anchor, LINE, Picture, ticks};

/// Draws the plot and its axes.
pub(super) fn draw(picture: &mut Picture, axis: &Axis, run: &Recorded, top: i32) {
    let bottom = top + PLOT;
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "pixels of a plot")]
    let y = |items: usize| bottom - (items as f64 / run.capacity as f64 * f64::from(PLOT)).round() as i32;
    picture.text("", (LEFT, top - 16), Anchor::Start, &format!("items in the buffer, of {} slots", run.capacity));
    let capacity = u32::try_from(run.capacity).expect("a scenario has at most a million slots");
    for (level, label) in ticks(capacity.into(), capacity.min(5)) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of items")]
        let y = y(level as usize);
        picture.path("grid", &format!("M{LEFT} {y}.5h{COLUMNS}"));
        picture.text("", (LEFT - 10, y), Anchor::End, &label);
    }
    picture.path("items", &steps(axis, run, y));
    picture.path("axis", &format!("M{LEFT}.5 {top}V{bottom}.5H{}", LEFT + COLUMNS));
    let (unit, in_unit) = axis.unit();
    for (time, label) in ticks(axis.end.as_secs_f64() * in_unit, 12) {
        let x = axis.x(Duration::from_secs_f64(time / in_unit));
        picture.path("axis", &format!("M{x}.5 {bottom}v5"));
        picture.text("", (x, bottom + 15), Anchor::Middle, &label);
    }
    picture.text("", (LEFT + COLUMNS / 2, bottom + 15 + LINE), Anchor::Middle, &format!("time in {unit}"));
}

/// Returns the outline of the occupancy. A column in which it changes several times gets one stroke from the least to the
/// most.
fn steps(axis: &Axis, run: &Recorded, y: impl Fn(usize) -> i32) -> String {
    let mut path = format!("M{LEFT} {}", y(0));
    let mut level = 0;
    for steps in run.occupancy.chunk_by(|a, b| axis.column(a.0) == axis.column(b.0)) {
        let levels = steps.iter().map(|(_, items)| *items);
        let (least, most) = levels.fold((level, level), |(least, most), items| (least.min(items), most.max(items)));
        let x = axis.x(steps[0].0);
        level = steps[steps.len() - 1].1;
        write!(path, "H{x}V{}V{}V{}", y(least), y(most), y(level)).expect("a string grows as needed");
    }
    path + &format!("H{}V{}z", axis.x(axis.end), y(0))
}
