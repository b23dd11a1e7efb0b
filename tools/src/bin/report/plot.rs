//! Pictures: horizontal bars of ratios with whiskers, and a heat map of mean ratios.

use support::picture::{Anchor, LINE, Picture, WIDTH};
use support::statistics::Estimate;

/// Bars for dark and light pages. Blue and orange of Okabe and Ito, which colour-blind readers can distinguish.
const LIGHT: &str = "
.first { fill: #0072b2 }
.second { fill: #e69f00 }
.losing { fill: #8c959f; fill-opacity: 0.18 }
.whisker { stroke: #1f2328; fill: none }
.one { stroke: #1f2328; stroke-width: 1.5; fill: none }
.bold { font-weight: bold }";
const DARK: &str = "
.first { fill: #3a94d0 }
.losing { fill: #9198a1; fill-opacity: 0.22 }
.whisker, .one { stroke: #f0f6fc }";

/// A plot of ratios: one facet for each capacity, side by side, and the same rows in each.
pub(crate) struct Bars {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) facets: Vec<String>,
    /// Rows under a heading of their own.
    pub(crate) groups: Vec<(String, Vec<String>)>,
    /// One bar each in a row, at most two.
    pub(crate) series: Vec<String>,
}

/// The axis: a power of two to each side, and a mark for each.
const LOWEST: f64 = -2.0; // a quarter
const HIGHEST: f64 = 3.0; // eight times
const LEFT: i32 = 110;
const BAR: i32 = 8;

impl Bars {
    /// Draws it. `ratio` returns the ratio of a facet, group, row and series.
    pub(crate) fn svg(&self, ratio: impl Fn(usize, usize, usize, usize) -> Option<Estimate>) -> String {
        let row = (BAR * i32_of(self.series.len()) + 6).max(LINE);
        let rows: usize = self.groups.iter().map(|(_, rows)| rows.len()).sum();
        let headings = self.groups.iter().filter(|(heading, _)| !heading.is_empty()).count();
        let top = 84;
        let bottom = top + row * i32_of(rows) + (LINE + 4) * i32_of(headings);
        let mut picture = Picture::new(bottom + 34, &self.title, &self.description, LIGHT, DARK);
        picture.text("title", (12, 18), Anchor::Start, &self.title);
        self.legend(&mut picture);
        let width = (WIDTH - LEFT - 12) / i32_of(self.facets.len());
        let of_facet = |facet| Axis { left: LEFT + width * i32_of(facet) + 6, width: width - 18 };
        let all: Vec<Axis> = (0..self.facets.len()).map(of_facet).collect();
        for (axis, name) in all.iter().zip(&self.facets) {
            picture.text("bold", (axis.left + axis.width / 2, top - 16), Anchor::Middle, name);
            axis.draw(&mut picture, top, bottom);
        }
        let mut y = top;
        for (group, (heading, rows)) in self.groups.iter().enumerate() {
            if !heading.is_empty() {
                picture.text("bold", (12, y + LINE / 2 + 2), Anchor::Start, heading);
                y += LINE + 4;
            }
            for (at, label) in rows.iter().enumerate() {
                picture.text("", (LEFT - 6, y + row / 2), Anchor::End, label);
                for (facet, axis) in all.iter().enumerate() {
                    for series in 0..self.series.len() {
                        if let Some(estimate) = ratio(facet, group, at, series) {
                            let middle = y + 3 + BAR * i32_of(series) + BAR / 2;
                            axis.bar(&mut picture, ["first", "second"][series.min(1)], middle, estimate);
                        }
                    }
                }
                y += row;
            }
        }
        picture.finish()
    }

    fn legend(&self, picture: &mut Picture) {
        let mut x = 12;
        for (series, name) in self.series.iter().enumerate() {
            picture.rectangle(["first", "second"][series.min(1)], (x, 38), (14, 10));
            picture.text("", (x + 20, 43), Anchor::Start, name);
            x += 40 + 8 * i32_of(name.len());
        }
        picture.rectangle("losing", (x, 38), (14, 10));
        picture.text(
            "",
            (x + 20, 43),
            Anchor::Start,
            "slower than the peer; whiskers: 95 % interval; log scale, cut at ¼ and 8",
        );
    }
}

struct Axis {
    left: i32,
    width: i32,
}

impl Axis {
    /// The position of a ratio, limited to the ends of the axis.
    fn x(&self, ratio: f64) -> i32 {
        let part = (ratio.log2().clamp(LOWEST, HIGHEST) - LOWEST) / (HIGHEST - LOWEST);
        #[allow(clippy::cast_possible_truncation, reason = "within the picture")]
        let offset = (f64::from(self.width) * part).round() as i32;
        self.left + offset
    }

    fn draw(&self, picture: &mut Picture, top: i32, bottom: i32) {
        picture.rectangle("losing", (self.left, top), (self.x(1.0) - self.left, bottom - top));
        for (ratio, label) in [(0.25, "¼"), (0.5, ""), (1.0, "1"), (2.0, "2"), (4.0, "4"), (8.0, "8")] {
            let x = self.x(ratio);
            picture.path("grid", &format!("M{x} {top}V{bottom}"));
            picture.text("", (x, bottom + 14), Anchor::Middle, label);
        }
        picture.path("one", &format!("M{} {}V{}", self.x(1.0), top - 4, bottom + 4));
    }

    fn bar(&self, picture: &mut Picture, class: &str, middle: i32, Estimate { value, low, high }: Estimate) {
        let (one, end) = (self.x(1.0), self.x(value));
        let (left, right) = (one.min(end), one.max(end));
        picture.rectangle(class, (left, middle - BAR / 2 + 1), ((right - left).max(1), BAR - 2));
        let (low, high) = (self.x(low), self.x(high));
        picture.path("whisker", &format!("M{low} {middle}H{high}M{low} {}v6M{high} {}v6", middle - 3, middle - 3));
    }
}

/// A heat map: a block of rows for each panel from top to bottom, a block of columns for each side from left to right.
pub(crate) struct Heat {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) sides: Vec<String>,
    pub(crate) panels: Vec<String>,
    pub(crate) rows: Vec<String>,
    pub(crate) columns: Vec<String>,
}

/// From a loss of four times to a gain of four times, through white: orange and blue, which colour-blind readers can distinguish.
/// The same on light and dark pages, with dark text.
const HEAT: &str = "
.l4 { fill: #d55e00 } .l3 { fill: #e8863a } .l2 { fill: #f3b27e } .l1 { fill: #fbdcc2 } .l0 { fill: #f4f4f4 }
.w1 { fill: #d6e8f4 } .w2 { fill: #a8cfe8 } .w3 { fill: #6bb0da } .w4 { fill: #3a94d0 }
.figure { fill: #1f2328 } .loss { fill: #1f2328; font-weight: bold; text-decoration: underline }
.bold { font-weight: bold }";

const NAMES: i32 = 190;

impl Heat {
    /// Draws it. `ratio` returns the ratio of a side, panel, row and column.
    pub(crate) fn svg(&self, ratio: impl Fn(usize, usize, usize, usize) -> Option<Estimate>) -> String {
        let (top, row) = (96, 26);
        let panel = row * i32_of(self.rows.len()) + LINE + 14;
        let bottom = top + panel * i32_of(self.panels.len());
        let mut picture = Picture::new(bottom + 84, &self.title, &self.description, HEAT, "");
        picture.text("title", (12, 18), Anchor::Start, &self.title);
        let width = (WIDTH - NAMES - 12) / i32_of(self.sides.len().max(1));
        let cell = (width - 10) / i32_of(self.columns.len());
        for (side, name) in self.sides.iter().enumerate() {
            let left = NAMES + width * i32_of(side);
            picture.text("bold", (left + width / 2, 44), Anchor::Middle, name);
            for (column, label) in self.columns.iter().enumerate() {
                // Long labels take two lines: the text before the slash, and the text after it.
                let x = left + cell * i32_of(column) + cell / 2;
                let (first, second) = label.split_once('/').unwrap_or((label, ""));
                picture.text("", (x, 66), Anchor::Middle, first);
                picture.text(
                    "",
                    (x, 82),
                    Anchor::Middle,
                    &if second.is_empty() { String::new() } else { format!("/{second}") },
                );
            }
        }
        for (index, heading) in self.panels.iter().enumerate() {
            let panel_top = top + panel * i32_of(index);
            picture.text("bold", (12, panel_top + LINE / 2), Anchor::Start, heading);
            for (at, name) in self.rows.iter().enumerate() {
                let y = panel_top + LINE + 4 + row * i32_of(at);
                picture.text("", (NAMES - 8, y + row / 2), Anchor::End, name);
                for side in 0..self.sides.len() {
                    for column in 0..self.columns.len() {
                        let Some(estimate) = ratio(side, index, at, column) else { continue };
                        let x = NAMES + width * i32_of(side) + cell * i32_of(column);
                        picture.rectangle(colour(estimate.value), (x, y), (cell - 2, row - 2));
                        let class = if estimate.high < 1.0 { "loss" } else { "figure" };
                        let text = figure(estimate.value);
                        picture.text(class, (x + cell / 2 - 1, y + row / 2 - 1), Anchor::Middle, &text);
                    }
                }
            }
        }
        scale(&mut picture, bottom + 22);
        picture.finish()
    }
}

fn figure(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

/// The limits of the colours: half an octave each.
const STEPS: [(f64, &str); 9] = [
    (0.35, "l4"),
    (0.5, "l3"),
    (0.71, "l2"),
    (0.93, "l1"),
    (1.08, "l0"),
    (1.41, "w1"),
    (2.0, "w2"),
    (2.83, "w3"),
    (f64::INFINITY, "w4"),
];

fn colour(ratio: f64) -> &'static str {
    STEPS.iter().find(|step| ratio < step.0).map_or("w4", |step| step.1)
}

/// Boxes in all colours, with the limits between them.
fn scale(picture: &mut Picture, y: i32) {
    const BOX: i32 = 56;
    picture.text("", (NAMES - 8, y), Anchor::End, "slower");
    for (at, (limit, class)) in STEPS.iter().enumerate() {
        let x = NAMES + BOX * i32_of(at);
        picture.rectangle(class, (x, y - 9), (BOX, 18));
        if limit.is_finite() {
            picture.text("", (x + BOX, y + 20), Anchor::Middle, &limit.to_string());
        }
    }
    picture.text("", (NAMES + BOX * i32_of(STEPS.len()) + 8, y), Anchor::Start, "faster");
    picture.text("", (12, y + 44), Anchor::Start, "Bold and underlined: a loss with the whole 95 % interval.");
}

fn i32_of(count: usize) -> i32 {
    i32::try_from(count).expect("a picture has few rows")
}
