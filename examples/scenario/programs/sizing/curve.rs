//! The curves: in the terminal a bar for each capacity, and as SVG a line for each number of consumers.

use std::fmt::Write as _;

use crate::sweep::Point;
use support::picture::{Anchor, LINE, Picture, WIDTH, ticks};

const LEFT: i32 = 70;
/// Room for the names of the lines.
const RIGHT: i32 = 150;
const PLOT: i32 = 260;
const ABOVE_PLOT: i32 = 44;
const BELOW_PLOT: i32 = 60;

/// Okabe and Ito's colours, which colour-blind readers can distinguish. A seventh line has the first colour again.
const LIGHT: &str = "
path { fill: none; stroke-width: 2 }
.axis, .grid { stroke-width: 1 }
.limit { stroke: #1f2328; stroke-width: 1.5; stroke-dasharray: 6 4 }
.link { stroke: #9198a1; stroke-width: 1 }
.line0 { stroke: #0072b2 }
.line1 { stroke: #d55e00 }
.line2 { stroke: #009e73 }
.line3 { stroke: #cc79a7 }
.line4 { stroke: #b57f00 }
.line5 { stroke: #6f42c1 }";
const DARK: &str = "
.limit { stroke: #f0f6fc }
.line0 { stroke: #56b4e9 }
.line1 { stroke: #f08a3c }
.line2 { stroke: #2fd0a2 }
.line3 { stroke: #e79fc6 }
.line4 { stroke: #e6c34d }
.line5 { stroke: #b392f0 }";
const COLOURS: usize = 6;

/// Less than this part of the time is shown as none.
const NONE: f64 = 0.001;

/// Draws a bar for each number, relative to the largest.
pub(crate) fn sparkline(parts: impl Iterator<Item = f64>) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let parts: Vec<f64> = parts.collect();
    let largest = parts.iter().copied().fold(NONE, f64::max);
    let bar = |part: &f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 8")]
        let eighths = (part / largest * 8.0).ceil() as usize;
        if *part < NONE { '·' } else { BARS[eighths.clamp(1, 8) - 1] }
    };
    parts.iter().map(bar).collect()
}

/// Draws how long producers wait (above), and how long items are in the buffer (below).
pub(crate) fn svg(rows: &[Vec<Point>], limit: f64) -> String {
    // The names of the lines need a line of text each.
    let names = i32::try_from(rows.len() + 1).unwrap_or(i32::MAX).min(1000);
    let plot = PLOT.max(names * LINE);
    let panel_height = ABOVE_PLOT + plot + BELOW_PLOT;
    let title = "Waiting and time in the buffer, by capacity and number of consumers";
    let mut picture = Picture::new(2 * panel_height, title, &description(rows, limit), LIGHT, DARK);
    let blocked = Panel {
        title: "Producers wait, % of their time",
        top: ABOVE_PLOT,
        height: plot,
        value: |point| point.producers_blocked.mean * 100.0,
        limit: Some(limit),
    };
    let in_buffer = Panel {
        title: "99 % of the items are in the buffer for at most, s",
        top: panel_height + ABOVE_PLOT,
        value: |point| point.p99_in_buffer.as_secs_f64(),
        limit: None,
        ..blocked
    };
    blocked.draw(&mut picture, rows);
    in_buffer.draw(&mut picture, rows);
    picture.finish()
}

fn description(rows: &[Vec<Point>], limit: f64) -> String {
    let mut text = format!("Two line charts over the capacity. The limit for producers is {limit} % of their time.");
    for row in rows {
        let (first, last) = (&row[0], &row[row.len() - 1]);
        write!(
            text,
            " With {} consumers, producers wait {:.1} % at capacity {} and {:.1} % at capacity {}.",
            first.consumers,
            first.producers_blocked.mean * 100.0,
            first.capacity,
            last.producers_blocked.mean * 100.0,
            last.capacity
        )
        .expect("a string grows as needed");
    }
    text
}

struct Panel {
    title: &'static str,
    /// Top and height of the plot.
    top: i32,
    height: i32,
    value: fn(&Point) -> f64,
    limit: Option<f64>,
}

/// A line of a panel, with the name that stands next to its right end.
struct Line {
    class: String,
    name: String,
    points: Vec<(i32, i32)>,
}

impl Panel {
    fn draw(&self, picture: &mut Picture, rows: &[Vec<Point>]) {
        let bottom = self.top + self.height;
        let right = WIDTH - RIGHT;
        let points = || rows.iter().flatten();
        let highest = points().map(self.value).fold(self.limit.unwrap_or(0.0), f64::max).max(0.001);
        let y = |value: f64| bottom - pixels(value / highest * f64::from(self.height));
        let most_slots = points().map(|point| slots(point.capacity)).fold(2.0, f64::max);
        let x =
            |capacity: usize| LEFT + 10 + pixels(slots(capacity).ln() / most_slots.ln() * f64::from(right - LEFT - 20));

        picture.text("title", (LEFT, self.top - 24), Anchor::Start, self.title);
        for (value, label) in ticks(highest, 6) {
            picture.path("grid", &format!("M{LEFT} {}.5H{right}", y(value)));
            picture.text("", (LEFT - 10, y(value)), Anchor::End, &label);
        }
        picture.path("axis", &format!("M{LEFT}.5 {}V{bottom}.5H{right}", self.top));
        let mut free_from = 0;
        for point in &rows[0] {
            let x = x(point.capacity);
            picture.path("axis", &format!("M{x}.5 {bottom}v5"));
            let label = point.capacity.to_string();
            let half = i32::try_from(label.len()).unwrap_or(0) * 5;
            if x - half >= free_from {
                picture.text("", (x, bottom + 15), Anchor::Middle, &label);
                free_from = x + half + 4;
            }
        }
        picture.text("", ((LEFT + right) / 2, bottom + 15 + LINE), Anchor::Middle, "slots (logarithmic)");

        let mut lines: Vec<Line> = (0..)
            .zip(rows)
            .map(|(number, row)| Line {
                class: format!("line{}", number % COLOURS),
                name: format!("{} consumer{}", row[0].consumers, if row[0].consumers == 1 { "" } else { "s" }),
                points: row.iter().map(|point| (x(point.capacity), y((self.value)(point)))).collect(),
            })
            .collect();
        lines.extend(self.limit.map(|limit| Line {
            class: "limit".to_owned(),
            name: format!("limit: {limit} %"),
            points: vec![(LEFT, y(limit)), (right, y(limit))],
        }));
        draw_lines(picture, &mut lines, right, bottom);
    }
}

/// Draws the lines, and the name of each next to its end. Names that would overlap are moved apart and linked to their line.
fn draw_lines(picture: &mut Picture, lines: &mut [Line], right: i32, bottom: i32) {
    lines.sort_by_key(|line| line.points[line.points.len() - 1].1);
    // From the lowest line up, so that a name moves up if the one below it needs the room.
    let mut free_until = bottom + LINE / 2;
    for line in lines.iter().rev() {
        let corners: Vec<_> = line.points.iter().map(|(x, y)| format!("{x} {y}")).collect();
        picture.path(&line.class, &format!("M{}", corners.join("L")));
        if line.class != "limit" {
            let dots: Vec<_> = line.points.iter().map(|(x, y)| format!("M{} {}h6v6h-6z", x - 3, y - 3)).collect();
            picture.path(&line.class, &dots.concat());
        }
        let (x, y) = line.points[line.points.len() - 1];
        let name = y.min(free_until - LINE / 2);
        free_until = name - LINE / 2;
        picture.path("link", &format!("M{} {y}H{right}L{} {name}", x + 5, right + 14));
        picture.path(&line.class, &format!("M{} {name}h18", right + 14));
        picture.text("", (right + 38, name), Anchor::Start, &line.name);
    }
}

fn slots(capacity: usize) -> f64 {
    f64::from(u32::try_from(capacity).expect("a scenario has at most a million slots"))
}

#[allow(clippy::cast_possible_truncation, reason = "within the picture")]
fn pixels(length: f64) -> i32 {
    length.round() as i32
}
