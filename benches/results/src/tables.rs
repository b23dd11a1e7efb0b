//! Tables in Markdown. A ratio is bold if its whole interval is a loss.

use std::fmt::Write;

use support::statistics::Estimate;

use crate::Mode;

/// A table in Markdown: its first column is text, the others are numbers.
pub struct Table(String);

impl Table {
    pub fn new<S: AsRef<str>>(heads: impl IntoIterator<Item = S>) -> Self {
        let heads: Vec<String> = heads.into_iter().map(|head| head.as_ref().to_owned()).collect();
        let rule = "--:|".repeat(heads.len() - 1);
        Self(format!("| {} |\n|---|{rule}\n", heads.join(" | ")))
    }

    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.as_ref().to_owned()).collect();
        writeln!(self.0, "| {} |", cells.join(" | ")).expect("a string accepts any text");
    }

    /// Appends a heading and the table.
    pub fn append_to(&self, text: &mut String, heading: &str) {
        text.extend([heading, "\n\n", &self.0, "\n"]);
    }

    pub fn text(self) -> String {
        self.0
    }
}

/// A ratio of which more is better: `1.20`, in bold if its whole interval is below 1.
pub fn ratio(estimate: Estimate) -> String {
    bold(format!("{:.2}", estimate.value), estimate.high < 1.0)
}

/// The same with its interval.
pub fn ratio_with_interval(estimate: Estimate) -> String {
    let Estimate { low, high, .. } = estimate;
    format!("{} ({low:.2}–{high:.2})", ratio(estimate))
}

pub fn bold(text: String, is_loss: bool) -> String {
    if is_loss { format!("**{text}**") } else { text }
}

/// Formats an optional figure for a table.
pub fn or_dash<T>(value: Option<T>, print: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), print)
}

/// Three significant digits.
pub fn significant(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// An amount of work, as in `200/200 ns`.
pub fn work_label((before, after): (u64, u64)) -> String {
    format!("{before}/{after}")
}

/// With a capital letter, for the beginning of a line.
pub fn capitalized(text: impl Into<String>) -> String {
    let mut text = text.into();
    text[..1].make_ascii_uppercase();
    text
}

/// The mode as in "cores near".
pub fn cores(mode: Mode) -> String {
    if mode == Mode::OneCore { mode.to_string() } else { format!("cores {mode}") }
}
