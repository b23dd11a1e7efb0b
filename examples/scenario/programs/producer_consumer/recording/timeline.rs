//! The run as a picture: a lane for each thread with its wake-ups, and below them the number of items in the buffer.

use std::collections::BTreeSet;
use std::ops::Range;

use scenario::{Action, Worker};

use super::arrows::{Arrows, head, line};
use super::lanes::{Activity, Lane, Recorded};
use super::layout::{ABOVE_PLOT, Axis, BAR, BELOW_PLOT, COLUMNS, LANE, LEFT, PLOT, TITLE};
use super::occupancy;
use support::picture::{Anchor, LINE, Picture};

/// Okabe and Ito's colours, which colour-blind readers can distinguish.
const LIGHT: &str = "
.working { fill: #d1d9e0 }
.full { fill: #d55e00 }
.empty { fill: #0072b2 }
.tick { stroke: #1f2328; fill: none }
.cross { stroke: #1f2328; stroke-width: 2; fill: none }
.close { stroke: #1f2328; stroke-width: 2; stroke-dasharray: 5 3; fill: none }
.halo { stroke: #ffffff; stroke-width: 4; fill: none }
.arrow { stroke: #8b1a62; stroke-width: 1.5; fill: none }
.head { fill: #8b1a62 }
.items { fill: #009e73; fill-opacity: 0.3; stroke: #007a59; stroke-width: 1.5 }";
const DARK: &str = "
.working { fill: #3d444d }
.full { fill: #e8863a }
.empty { fill: #3a94d0 }
.tick, .cross, .close { stroke: #f0f6fc }
.halo { stroke: #0d1117 }
.arrow { stroke: #ff9ed8 }
.head { fill: #ff9ed8 }
.items { stroke: #2fd0a2 }";

pub(super) fn svg(title: &str, run: &Recorded) -> String {
    let lanes = i32::try_from(run.lanes.len()).expect("a scenario has at most 2048 threads");
    let plot = TITLE + lanes * LANE + ABOVE_PLOT;
    let legend = plot + PLOT + BELOW_PLOT;
    let arrows = Arrows::new(run);
    let height = legend + 4 * LINE;
    let mut picture = Picture::new(height, title, &description(run), LIGHT, DARK);
    picture.text("title", (LEFT, TITLE / 2), Anchor::Start, title);
    let axis = Axis::new(run);
    for (lane, top) in run.lanes.iter().zip((TITLE..).step_by(LANE as usize)) {
        draw_lane(&mut picture, &axis, lane, top);
    }
    occupancy::draw(&mut picture, &axis, run, plot);
    if let Some(closed) = run.closed {
        picture.path("close", &format!("M{} {TITLE}V{}", axis.x(closed), plot + PLOT));
    }
    arrows.draw(&mut picture);
    draw_legend(&mut picture, legend, &arrows.note());
    picture.finish()
}

fn description(run: &Recorded) -> String {
    let of = |is: fn(&Worker) -> bool| run.lanes.iter().filter(|lane| is(&lane.worker)).count();
    format!(
        "Timeline of a run of {:.2?}: {} producers and {} consumers, when each was working, blocked on a full buffer or \
         blocked on an empty buffer; {} wake-ups between them; and the number of items in the buffer, from 0 to {}.",
        run.end,
        of(|worker| matches!(worker, Worker::Producer(_))),
        of(|worker| matches!(worker, Worker::Consumer(_))),
        run.wakeups.len(),
        run.capacity
    )
}

fn draw_lane(picture: &mut Picture, axis: &Axis, lane: &Lane, top: i32) {
    let bar = top + BAR.start..top + BAR.end;
    let middle = (bar.start + bar.end) / 2;
    picture.text("", (LEFT - 10, middle), Anchor::End, &lane.worker.to_string());
    for (activity, columns) in runs(&columns(axis, lane)) {
        if let Some(activity) = activity {
            let width = columns.end - columns.start;
            picture.rectangle(class(activity), (LEFT + columns.start, bar.start), (width, bar.end - bar.start));
        }
    }
    // As sets: several items in one column are one tick.
    let at = |wanted: fn(&Action) -> bool| -> BTreeSet<i32> {
        lane.marks.iter().filter(|(_, action)| wanted(action)).map(|(at, _)| axis.x(*at)).collect()
    };
    let items = at(|action| matches!(action, Action::Pushed { .. } | Action::Popped { .. }));
    picture.path("tick", &items.into_iter().map(|x| tick(x, bar.start)).collect::<String>());
    let failures = at(|action| *action == Action::Failed);
    picture.path("cross", &failures.into_iter().map(|x| cross(x, middle)).collect::<String>());
}

fn tick(x: i32, bar: i32) -> String {
    format!("M{x}.5 {}V{bar}", bar - 6)
}

fn cross(x: i32, middle: i32) -> String {
    format!("M{} {}l12 12m0-12l-12 12", x - 6, middle - 6)
}

fn class(activity: Activity) -> &'static str {
    match activity {
        Activity::Working => "working",
        Activity::BlockedOnFull => "full",
        Activity::BlockedOnEmpty => "empty",
    }
}

/// Returns the activity that fills most of each column; none before the thread began and after it ended.
fn columns(axis: &Axis, lane: &Lane) -> Vec<Option<Activity>> {
    const ALL: [Activity; 3] = [Activity::Working, Activity::BlockedOnFull, Activity::BlockedOnEmpty];
    let mut filled = vec![[0.0; ALL.len()]; COLUMNS.unsigned_abs() as usize];
    for span in &lane.spans {
        let (from, to) = (axis.position(span.from), axis.position(span.to));
        for column in axis.column(span.from)..=axis.column(span.to) {
            let part = to.min(f64::from(column + 1)) - from.max(f64::from(column));
            filled[column.unsigned_abs() as usize][span.activity as usize] += part;
        }
    }
    let most = |parts: [f64; ALL.len()]| {
        let most = ALL.into_iter().max_by(|a, b| parts[*a as usize].total_cmp(&parts[*b as usize]))?;
        (parts[most as usize] > 0.0).then_some(most)
    };
    filled.into_iter().map(most).collect()
}

/// Groups equal neighbours.
fn runs<T: Copy + PartialEq>(columns: &[T]) -> impl Iterator<Item = (T, Range<i32>)> {
    let mut begin = 0;
    columns.chunk_by(PartialEq::eq).map(move |run| {
        let columns = begin..begin + i32::try_from(run.len()).expect("a run is no longer than the axis");
        begin = columns.end;
        (run[0], columns)
    })
}

fn draw_legend(picture: &mut Picture, top: i32, note: &[String; 2]) {
    let column = |number: i32| LEFT + number * 190;
    let swatch = |picture: &mut Picture, class: &str, (x, y): (i32, i32)| {
        picture.rectangle(class, (x, y - 6), (16, 12));
    };
    let rows = [top, top + LINE];
    let entries = [
        ("working", [column(0), rows[0]]),
        ("blocked on full", [column(1), rows[0]]),
        ("blocked on empty", [column(2), rows[0]]),
        ("items in the buffer", [column(3), rows[0]]),
        ("push or pop", [column(0), rows[1]]),
        ("wake-up", [column(1), rows[1]]),
        ("panic", [column(2), rows[1]]),
        ("close", [column(3), rows[1]]),
    ];
    for (text, [x, y]) in entries {
        picture.text("", (x + 24, y), Anchor::Start, text);
    }
    for (number, class) in (0..).zip(["working", "full", "empty", "items"]) {
        swatch(picture, class, (column(number), rows[0]));
    }
    let y = rows[1];
    picture.path("tick", &tick(column(0) + 8, y + 3));
    let (begin, end) = ((column(1) + 8, y - 8), (column(1) + 8, y + 8));
    picture.path("arrow", &line(begin, end));
    picture.path("head", &head(end, true));
    picture.path("cross", &cross(column(2) + 8, y));
    picture.path("close", &format!("M{} {}v16", column(3) + 8, y - 8));
    for (line, y) in note.iter().zip((top + 2 * LINE..).step_by(LINE as usize)) {
        picture.text("", (LEFT, y), Anchor::Start, line);
    }
}
