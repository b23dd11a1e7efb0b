//! A figure with its spread.

use std::fmt;

use serde::Serialize;

/// The median and the quartiles of several values.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) low: f64,
    high: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        Self { median: values[last / 2], low: values[last / 4], high: values[last - last / 4] }
    }
}

/// `1.50 [1.20-1.70]`, with the precision of the formatter.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision().unwrap_or(2);
        let Self { median, low, high } = self;
        let text = format!("{median:.precision$} [{low:.precision$}-{high:.precision$}]");
        f.pad_integral(true, "", &text)
    }
}
