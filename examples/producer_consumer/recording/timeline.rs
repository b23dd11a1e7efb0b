//! The run as a picture: a lane a thread over the occupancy of the buffer, 1200 pixels wide.

use std::collections::BTreeSet;
use std::error::Error;
use std::ops::Range;
use std::time::Duration;

use bounded_buffer::runner::{Action, Worker};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::lanes::{Doing, Lane, Recorded};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

const LEFT: i32 = 110;
const RIGHT: i32 = 24;
/// The time axis, in pixels. A pixel shows what fills most of it, so that the picture of a long run is no larger.
const COLUMNS: i32 = 1066;
const TITLE: i32 = 48;
/// A lane: room for the ticks of its items, its bar, room for the marks of its notifications.
const LANE: i32 = 40;
const BAR: Range<i32> = 10..28;
const OCCUPANCY: i32 = 190;
const TOP: i32 = 14;
const TIME_AXIS: i32 = 46;
const LEGEND: i32 = 40;

/// Okabe and Ito's colours, which the colour-blind can tell apart; and a grey that recedes.
const WORKING: RGBColor = RGBColor(221, 221, 221);
const ON_FULL: RGBColor = RGBColor(213, 94, 0);
const ON_EMPTY: RGBColor = RGBColor(0, 114, 178);
const ITEMS: RGBColor = RGBColor(0, 158, 115);
const ITEMS_AT_TIMES: RGBColor = RGBColor(160, 216, 201);

pub(super) fn svg(title: &str, run: &Recorded) -> String {
    let mut svg = String::new();
    draw(&mut svg, title, run).expect("a string takes any picture");
    svg
}

fn draw(svg: &mut String, title: &str, run: &Recorded) -> Drawn {
    let threads: Vec<_> = run.lanes.iter().filter(|lane| lane.worker != Worker::Runner).collect();
    let bottom = (TITLE..).step_by(LANE as usize).nth(threads.len()).expect("no run has so many threads");
    let size = (LEFT + COLUMNS + RIGHT, bottom + OCCUPANCY + LEGEND);
    let area = SVGBackend::with_string(svg, (size.0.unsigned_abs(), size.1.unsigned_abs())).into_drawing_area();
    area.fill(&WHITE)?;
    area.draw(&Text::new(title.to_owned(), (LEFT, TITLE / 2), style(17, HPos::Left)))?;
    let axis = Axis { end: run.end.max(Duration::from_nanos(1)) };
    for (lane, y) in threads.into_iter().zip((TITLE..).step_by(LANE as usize)) {
        draw_lane(&area, &axis, lane, y)?;
    }
    draw_occupancy(&area, &axis, run, bottom)?;
    if let Some(closed) = run.closed {
        draw_close(&area, axis.x(closed), TITLE - 4, bottom + OCCUPANCY - TIME_AXIS)?;
    }
    draw_legend(&area, bottom + OCCUPANCY + 14)?;
    area.present()?;
    Ok(())
}

/// Time pending into the picture.
struct Axis {
    end: Duration,
}

impl Axis {
    /// From 0 to [`COLUMNS`].
    fn position(&self, at: Duration) -> f64 {
        at.as_secs_f64() / self.end.as_secs_f64() * f64::from(COLUMNS)
    }

    #[allow(clippy::cast_possible_truncation, reason = "a column is a small number")]
    fn column(&self, at: Duration) -> i32 {
        (self.position(at) as i32).min(COLUMNS - 1)
    }

    fn x(&self, at: Duration) -> i32 {
        LEFT + self.column(at)
    }

    /// How the time is written, and how many of that are a second.
    fn unit(&self) -> (&'static str, f64) {
        match self.end.as_secs_f64() {
            1.0.. => ("s", 1.0),
            0.001.. => ("ms", 1e3),
            _ => ("µs", 1e6),
        }
    }
}

fn draw_lane(area: &Area<'_>, axis: &Axis, lane: &Lane, y: i32) -> Drawn {
    let bar = y + BAR.start..y + BAR.end;
    let middle = i32::midpoint(bar.start, bar.end);
    area.draw(&Text::new(lane.worker.to_string(), (LEFT - 10, middle), style(15, HPos::Right)))?;
    for (doing, columns) in runs(&columns(axis, lane)) {
        if let Some(doing) = doing {
            let corners = [(LEFT + columns.start, bar.start), (LEFT + columns.end, bar.end)];
            area.draw(&Rectangle::new(corners, colour(doing).filled()))?;
        }
    }
    // As sets: many items in one column are one tick.
    let at = |wanted: fn(&Action) -> bool| -> BTreeSet<i32> {
        lane.marks.iter().filter(|(_, action)| wanted(action)).map(|(at, _)| axis.x(*at)).collect()
    };
    for x in at(|action| matches!(action, Action::Pushed { .. } | Action::Popped { .. })) {
        draw_tick(area, (x, bar.start))?;
    }
    for x in at(|action| *action == Action::Notified) {
        draw_notify(area, (x, bar.end))?;
    }
    for x in at(|action| *action == Action::Failed) {
        area.draw(&Cross::new((x, middle), 6, BLACK.stroke_width(2)))?;
    }
    Ok(())
}

/// What fills most of each column; none before the thread began and after it ended.
fn columns(axis: &Axis, lane: &Lane) -> Vec<Option<Doing>> {
    const ALL: [Doing; 3] = [Doing::Working, Doing::BlockedOnFull, Doing::BlockedOnEmpty];
    let mut filled = vec![[0.0; ALL.len()]; COLUMNS.unsigned_abs() as usize];
    for span in &lane.spans {
        let (from, to) = (axis.position(span.from), axis.position(span.to));
        for column in axis.column(span.from)..=axis.column(span.to) {
            let share = to.min(f64::from(column + 1)) - from.max(f64::from(column));
            filled[column.unsigned_abs() as usize][span.doing as usize] += share;
        }
    }
    let most = |shares: [f64; ALL.len()]| {
        let most = ALL.into_iter().max_by(|a, b| shares[*a as usize].total_cmp(&shares[*b as usize]))?;
        (shares[most as usize] > 0.0).then_some(most)
    };
    filled.into_iter().map(most).collect()
}

/// Equal neighbours as one.
fn runs<T: Copy + PartialEq>(columns: &[T]) -> impl Iterator<Item = (T, Range<i32>)> {
    let mut begin = 0;
    columns.chunk_by(PartialEq::eq).map(move |run| {
        let columns = begin..begin + i32::try_from(run.len()).expect("a picture is no wider");
        begin = columns.end;
        (run[0], columns)
    })
}

/// Dark, what there is all the time; light, what there is at times.
fn draw_occupancy(area: &Area<'_>, axis: &Axis, run: &Recorded, top: i32) -> Drawn {
    let (width, _) = area.dim_in_pixel();
    let area = area.clone().shrink((0, top), (width, OCCUPANCY.unsigned_abs()));
    let (unit, in_unit) = axis.unit();
    let end = axis.end.as_secs_f64() * in_unit;
    let mut chart = ChartBuilder::on(&area)
        .margin_top(TOP)
        .margin_right(RIGHT)
        .y_label_area_size(LEFT)
        .x_label_area_size(TIME_AXIS)
        .build_cartesian_2d(0.0..end, 0..run.capacity)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .x_desc(format!("time, {unit}"))
        .x_labels(12)
        .y_labels(6)
        .label_style(("sans-serif", 14))
        .draw()?;
    let middle = i32::midpoint(TOP, OCCUPANCY - TIME_AXIS);
    area.draw(&Text::new("items", (LEFT - 52, middle), style(15, HPos::Right)))?;
    let time = |column: i32| f64::from(column) / f64::from(COLUMNS) * end;
    let (least, most) = levels(axis, run);
    for (levels, colour) in [(most, ITEMS_AT_TIMES), (least, ITEMS)] {
        chart.draw_series(runs(&levels).filter(|(level, _)| *level > 0).map(|(level, columns)| {
            Rectangle::new([(time(columns.start), 0), (time(columns.end), level)], colour.filled())
        }))?;
    }
    Ok(())
}

/// The least and the most items that there are in each column.
fn levels(axis: &Axis, run: &Recorded) -> (Vec<usize>, Vec<usize>) {
    let mut steps = run.occupancy.iter().peekable();
    let mut level = 0;
    (0..COLUMNS)
        .map(|column| {
            let (mut least, mut most) = (level, level);
            while let Some((_, next)) = steps.next_if(|(at, _)| axis.column(*at) == column) {
                level = *next;
                (least, most) = (least.min(level), most.max(level));
            }
            (least, most)
        })
        .unzip()
}

fn draw_tick(area: &Area<'_>, (x, bar): (i32, i32)) -> Drawn {
    Ok(area.draw(&PathElement::new([(x, bar - 7), (x, bar)], BLACK.stroke_width(1)))?)
}

fn draw_notify(area: &Area<'_>, (x, bar): (i32, i32)) -> Drawn {
    Ok(area.draw(&Polygon::new([(x, bar + 1), (x - 4, bar + 8), (x + 4, bar + 8)], BLACK.filled()))?)
}

fn draw_close(area: &Area<'_>, x: i32, top: i32, bottom: i32) -> Drawn {
    for y in (top..bottom).step_by(8) {
        area.draw(&PathElement::new([(x, y), (x, bottom.min(y + 5))], BLACK.stroke_width(2)))?;
    }
    Ok(())
}

fn draw_legend(area: &Area<'_>, y: i32) -> Drawn {
    let mut x = LEFT;
    let mut entry = |text: &'static str, width: i32| {
        let at = (x, y);
        area.draw(&Text::new(text, (x + 20, y), style(14, HPos::Left)))?;
        x += width;
        Ok::<_, Box<dyn Error>>(at)
    };
    let swatch = |(x, y): (i32, i32), colour: RGBColor| -> Drawn {
        Ok(area.draw(&Rectangle::new([(x, y - 6), (x + 14, y + 6)], colour.filled()))?)
    };
    swatch(entry("working", 100)?, WORKING)?;
    swatch(entry("blocked on full", 140)?, ON_FULL)?;
    swatch(entry("blocked on empty", 152)?, ON_EMPTY)?;
    let (x, y) = entry("push, pop", 112)?;
    draw_tick(area, (x + 7, y + 4))?;
    let (x, y) = entry("notify", 90)?;
    draw_notify(area, (x + 7, y - 5))?;
    let (x, y) = entry("close", 84)?;
    draw_close(area, x + 7, y - 9, y + 10)?;
    swatch(entry("items", 80)?, ITEMS)?;
    swatch(entry("items, at times", 130)?, ITEMS_AT_TIMES)?;
    Ok(())
}

fn colour(doing: Doing) -> RGBColor {
    match doing {
        Doing::Working => WORKING,
        Doing::BlockedOnFull => ON_FULL,
        Doing::BlockedOnEmpty => ON_EMPTY,
    }
}

fn style(size: u32, anchor: HPos) -> TextStyle<'static> {
    ("sans-serif", size).into_font().into_text_style(&(1, 1)).pos(Pos::new(anchor, VPos::Center))
}
