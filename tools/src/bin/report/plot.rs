//! Ratio for each cell against the main peers, as SVG.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::paired::{Grid, OURS};

/// Peers in the plot, each with its colour (Okabe and Ito's, which the colour-blind can tell apart) and a shape of its own.
const PEERS: [(&str, RGBColor); 5] = [
    ("crossbeam-channel", RGBColor(0, 114, 178)),
    ("kanal", RGBColor(213, 94, 0)),
    ("flume", RGBColor(0, 158, 115)),
    ("Go channel", RGBColor(204, 121, 167)),
    ("Java ArrayBlockingQueue", RGBColor(0, 0, 0)),
];

pub(crate) fn ratios(grid: &Grid, title: &str, path: &Path) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (1000, 560)).into_drawing_area();
    area.fill(&WHITE)?;
    let shown = |name: &str| PEERS.iter().any(|peer| peer.0 == name);
    let entries = grid.cells.iter().flat_map(|cell| &cell.entries).filter(|entry| shown(&entry.name));
    let (low, high) =
        entries.fold((0.5_f64, 2.0_f64), |(low, high), entry| (low.min(entry.ratio), high.max(entry.ratio)));
    let cells = f64::from(u32::try_from(grid.cells.len())?);

    // Room above the points for the names of the peers.
    let mut chart = ChartBuilder::on(&area)
        .caption(format!("{title}: {OURS}'s multiple of its peers' rate"), ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(92)
        .y_label_area_size(64)
        .build_cartesian_2d(-0.5..cells - 0.5, (low / 1.3..high * 12.0).log_scale())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .y_desc("log scale; above 1 it is faster")
        .y_label_formatter(&|ratio| format!("{ratio}"))
        .label_style(("sans-serif", 15))
        .light_line_style(WHITE)
        .draw()?;
    chart.draw_series(LineSeries::new([(-0.5, 1.0), (cells - 0.5, 1.0)], BLACK.stroke_width(2)))?;

    let label = TextStyle::from(("sans-serif", 14)).transform(FontTransform::Rotate90).color(&BLACK);
    for (at, cell) in (0_u32..).zip(&grid.cells) {
        let bottom = chart.backend_coord(&(f64::from(at), low / 1.3));
        area.draw_text(&cell.label(), &label, (bottom.0 + 7, bottom.1 + 6))?;
    }
    for (kind, (name, colour)) in PEERS.iter().enumerate() {
        let style = colour.filled();
        let points = (0_u32..).zip(&grid.cells).filter_map(|(at, cell)| {
            Some((f64::from(at) + (f64::from(u32::try_from(kind).ok()?) - 2.0) * 0.12, cell.entry(name)?.ratio))
        });
        let points: Vec<_> = points.collect();
        if points.is_empty() {
            continue;
        }
        chart
            .draw_series(points.into_iter().map(|at| EmptyElement::at(at) + Polygon::new(outline(kind), style)))?
            .label(*name)
            .legend(move |(x, y)| {
                Polygon::new(outline(kind).iter().map(|(dx, dy)| (x + 10 + dx, y + dy)).collect::<Vec<_>>(), style)
            });
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 15))
        .draw()?;
    area.present()?;
    Ok(())
}

/// A shape for each peer, so that the plot can be read without colours.
fn outline(kind: usize) -> &'static [(i32, i32)] {
    match kind {
        0 => &[(-5, -2), (-2, -5), (2, -5), (5, -2), (5, 2), (2, 5), (-2, 5), (-5, 2)],
        1 => &[(-5, 5), (5, 5), (0, -5)],
        2 => &[(-4, -4), (4, -4), (4, 4), (-4, 4)],
        3 => &[(0, -6), (6, 0), (0, 6), (-6, 0)],
        _ => &[(-5, -5), (5, -5), (0, 5)],
    }
}
