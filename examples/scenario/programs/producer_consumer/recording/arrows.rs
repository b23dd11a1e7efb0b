//! The wake-ups of a timeline, as arrows between lanes.

use std::collections::BTreeSet;

use super::lanes::{Recorded, Wakeup};
use super::layout::{Axis, BAR, LANE, TITLE};
use support::picture::Picture;

/// More arrows than this hide the lanes, so none are drawn.
const MOST_ARROWS: usize = 300;

/// The wake-ups as they are drawn: from x and lane, to x and lane. As a set: equal ones are one arrow.
pub(super) struct Arrows(BTreeSet<(i32, usize, i32, usize)>);

impl Arrows {
    pub(super) fn new(run: &Recorded) -> Self {
        let axis = Axis::new(run);
        let arrow = |wakeup: &Wakeup| (axis.x(wakeup.sent), wakeup.from_lane, axis.x(wakeup.ended), wakeup.to_lane);
        Self(run.wakeups.iter().map(arrow).collect())
    }

    fn is_drawn(&self) -> bool {
        self.0.len() <= MOST_ARROWS
    }

    /// Draws each arrow from the edge of one bar to the edge of the other.
    pub(super) fn draw(&self, picture: &mut Picture) {
        if !self.is_drawn() {
            return;
        }
        let (mut lines, mut heads) = (String::new(), String::new());
        let top = |lane: usize| TITLE + i32::try_from(lane).expect("a scenario has at most 2048 threads") * LANE;
        for &(from_x, from, to_x, to) in &self.0 {
            let (begin, end) = if from < to {
                (top(from) + BAR.end, top(to) + BAR.start)
            } else {
                (top(from) + BAR.start, top(to) + BAR.end)
            };
            lines += &line((from_x, begin), (to_x, end));
            heads += &head((to_x, end), from < to);
        }
        picture.path("halo", &lines);
        picture.path("arrow", &lines);
        picture.path("head", &heads);
    }

    /// Returns what the legend says about them, in two lines.
    pub(super) fn note(&self) -> [String; 2] {
        if self.is_drawn() {
            [
                "An arrow runs from a push, a pop or the close to the thread whose wait ended at nearly the same time."
                    .to_owned(),
                "It is inferred: which operation notified, and which thread was woken, is not recorded.".to_owned(),
            ]
        } else {
            let count = self.0.len();
            [
                format!("{count} wake-ups are not drawn, because they would hide the lanes."),
                "A trace (--trace) shows them.".to_owned(),
            ]
        }
    }
}

pub(super) fn line((from_x, begin): (i32, i32), (to_x, end): (i32, i32)) -> String {
    format!("M{from_x}.5 {begin}L{to_x}.5 {end}")
}

/// A triangle whose point is at the end of an arrow.
pub(super) fn head((x, y): (i32, i32), points_down: bool) -> String {
    let back = if points_down { -7 } else { 7 };
    format!("M{x}.5 {y}l-4 {back}h8z")
}
