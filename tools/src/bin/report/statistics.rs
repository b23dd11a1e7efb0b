//! Medians, and how sure they are.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The middle of `values`; `NaN` if there are none.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which `share` of `values` lie, between two of them where it falls there: the upper of two would flatter
/// whoever is above the line.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss, reason = "a rank")]
    let rank = (sorted.len() as f64 - 1.0).max(0.0) * share;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
    let (below, above) = (rank.floor() as usize, rank.ceil() as usize);
    match (sorted.get(below), sorted.get(above)) {
        (Some(below), Some(above)) => below + (above - below) * rank.fract(),
        _ => f64::NAN,
    }
}

/// The 95 % interval of the median, by the percentile bootstrap (Efron 1979) with 1000 resamples and a fixed seed.
pub(crate) fn median_interval(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (f64::NAN, f64::NAN);
    }
    let mut rng = StdRng::seed_from_u64(0);
    let medians: Vec<f64> = (0..1000)
        .map(|_| {
            let resample: Vec<f64> = values.iter().map(|_| values[rng.random_range(0..values.len())]).collect();
            median(&resample)
        })
        .collect();
    (quantile(&medians, 0.025), quantile(&medians, 0.975))
}

/// The mean of ratios: the one that says the same of `a/b` and `b/a`.
pub(crate) fn geometric_mean(values: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a count of cells")]
    let count = values.len() as f64;
    (values.iter().map(|value| value.ln()).sum::<f64>() / count).exp()
}

/// How one stands against another over several cells, each a ratio with its interval.
pub(crate) struct Standing {
    /// Geometric mean of the ratios.
    pub(crate) mean: f64,
    pub(crate) worst: f64,
    /// Cells whose whole interval is above 1, those whose whole interval is below it, and those that could be either.
    pub(crate) wins: usize,
    pub(crate) losses: usize,
    pub(crate) undecided: usize,
}

impl Standing {
    pub(crate) fn of(cells: &[(f64, (f64, f64))]) -> Self {
        let ratios: Vec<_> = cells.iter().map(|cell| cell.0).collect();
        let wins = cells.iter().filter(|(_, (low, _))| *low > 1.0).count();
        let losses = cells.iter().filter(|(_, (_, high))| *high < 1.0).count();
        let undecided = cells.len() - wins - losses;
        Self { mean: geometric_mean(&ratios), worst: quantile(&ratios, 0.0), wins, losses, undecided }
    }
}
