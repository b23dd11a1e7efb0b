//! Medians, ratios and their intervals.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The middle of `values`; `NaN` if there are none.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which a `part` of `values` lie, interpolated between two of them.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss, reason = "a rank")]
    let rank = (sorted.len() as f64 - 1.0).max(0.0) * part;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
    let (below, above) = (rank.floor() as usize, rank.ceil() as usize);
    match (sorted.get(below), sorted.get(above)) {
        (Some(below), Some(above)) => below + (above - below) * rank.fract(),
        _ => f64::NAN,
    }
}

/// A value and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// Two contestants in one cell: their rates, round by round.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    pub rates: &'a [f64],
    pub others: &'a [f64],
}

impl Pair<'_> {
    fn resample(self, rng: &mut StdRng) -> f64 {
        let rounds = self.rates.len().min(self.others.len());
        let chosen: Vec<usize> = (0..rounds).map(|_| rng.random_range(0..rounds)).collect();
        let of = |rates: &[f64]| median(&chosen.iter().map(|&round| rates[round]).collect::<Vec<_>>());
        of(self.rates) / of(self.others)
    }
}

const RESAMPLES: usize = 1000;

/// The ratio of the medians: the same figure that a reader gets from two printed rates.
///
/// The interval is from the percentile bootstrap (Efron 1979) over rounds, with a fixed seed. A round keeps its two rates
/// together, because a slow phase of the machine affects both.
pub fn ratio(pair: Pair<'_>) -> Estimate {
    mean_ratio(&[pair])
}

/// The geometric mean of the ratios of several cells: the mean that gives the same answer for `a/b` and `b/a`.
pub fn mean_ratio(pairs: &[Pair<'_>]) -> Estimate {
    let value = geometric_mean(pairs.iter().map(|pair| median(pair.rates) / median(pair.others)));
    let mut rng = StdRng::seed_from_u64(0);
    let resamples: Vec<f64> =
        (0..RESAMPLES).map(|_| geometric_mean(pairs.iter().map(|pair| pair.resample(&mut rng)))).collect();
    Estimate { value, low: quantile(&resamples, 0.025), high: quantile(&resamples, 0.975) }
}

/// `NaN` if there are no values.
pub fn geometric_mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value.ln(), count + 1.0));
    f64::exp(sum / count)
}

/// One contestant compared with another over several cells.
pub struct Standing {
    pub mean: Estimate,
    pub worst: f64,
    /// Cells whose whole interval is above 1, those whose whole interval is below 1, and the rest.
    pub won: usize,
    pub lost: usize,
    pub undecided: usize,
}

impl Standing {
    /// From the rates of both in each cell, round by round; `None` if no cell has any.
    pub fn of(cells: impl Iterator<Item = (Vec<f64>, Vec<f64>)>) -> Option<Self> {
        let rates: Vec<_> = cells.filter(|cell| !cell.0.is_empty()).collect();
        if rates.is_empty() {
            return None;
        }
        let pairs: Vec<_> = rates.iter().map(|(rates, others)| Pair { rates, others }).collect();
        let ratios: Vec<_> = pairs.iter().map(|&pair| ratio(pair)).collect();
        let count = |is: fn(&Estimate) -> bool| ratios.iter().filter(|ratio| is(ratio)).count();
        let (won, lost) = (count(|ratio| ratio.low > 1.0), count(|ratio| ratio.high < 1.0));
        Some(Self {
            mean: mean_ratio(&pairs),
            worst: ratios.iter().map(|ratio| ratio.value).fold(f64::INFINITY, f64::min),
            won,
            lost,
            undecided: ratios.len() - won - lost,
        })
    }
}
