//! The curves: in the terminal a bar for each capacity, and as SVG a line for each number of consumers.

use std::error::Error;
use std::time::Duration;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::sweep::Point;

/// Okabe and Ito's colours, which the colour-blind can tell apart.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

/// What is shown as none: one in a thousand.
const NONE: f64 = 0.001;

/// A bar for each share, as high as its part of the largest.
pub(crate) fn sparkline(shares: impl Iterator<Item = f64>) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let shares: Vec<f64> = shares.collect();
    let largest = shares.iter().copied().fold(NONE, f64::max);
    let bar = |share: &f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 8")]
        let eighths = (share / largest * 8.0).ceil() as usize;
        if *share < NONE { '·' } else { BARS[eighths.clamp(1, 8) - 1] }
    };
    shares.iter().map(bar).collect()
}

/// Above, how long producers wait; below, what a larger buffer costs: how long items do.
pub(crate) fn svg(rows: &[Vec<Point>], percent: f64) -> String {
    let mut svg = String::new();
    draw(&mut svg, rows, percent).expect("a string takes any picture");
    svg
}

fn draw(svg: &mut String, rows: &[Vec<Point>], percent: f64) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::with_string(svg, (900, 760)).into_drawing_area();
    area.fill(&WHITE)?;
    let (above, below) = area.split_vertically(380);
    let wait = |point: &Point| point.producers_blocked.mean * 100.0;
    panel(&above, rows, "Producers wait, % of their time", wait, Some(percent))?;
    let p99 = |point: &Point| Duration::as_secs_f64(&point.p99_in_buffer);
    panel(&below, rows, "99 of 100 items are in the buffer for at most, s", p99, None)?;
    area.present()?;
    Ok(())
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    rows: &[Vec<Point>],
    title: &str,
    value: impl Fn(&Point) -> f64,
    threshold: Option<f64>,
) -> Result<(), Box<dyn Error>> {
    let slots = |point: &Point| f64::from(u32::try_from(point.capacity).expect("a scenario has fewer slots"));
    let points = rows.iter().flatten();
    let right = points.clone().map(slots).fold(2.0, f64::max);
    let top = points.map(&value).fold(threshold.unwrap_or(0.0), f64::max).max(0.001);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d((0.9..right * 2.2).log_scale(), 0.0..top * 1.08)?; // room for the legend
    chart
        .configure_mesh()
        .x_desc("slots")
        .label_style(("sans-serif", 15))
        .light_line_style(WHITE)
        .x_label_formatter(&|slots| format!("{slots:.0}"))
        .draw()?;
    if let Some(threshold) = threshold {
        let line = [(0.9, threshold), (right, threshold)];
        chart
            .draw_series(DashedLineSeries::new(line, 6, 4, BLACK.stroke_width(1)))?
            .label(format!("{threshold} %"))
            .legend(|(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], BLACK.stroke_width(1)));
    }
    for (row, colour) in rows.iter().zip(COLOURS.iter().cycle()) {
        let line: Vec<_> = row.iter().map(|point| (slots(point), value(point))).collect();
        chart.draw_series(line.iter().map(|at| Circle::new(*at, 3, colour.filled())))?;
        chart
            .draw_series(LineSeries::new(line, colour.stroke_width(2)))?
            .label(format!("{} consumers", row[0].consumers))
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(3)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 15))
        .draw()?;
    Ok(())
}
