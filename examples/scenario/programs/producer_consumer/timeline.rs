//! `--timeline`: the run as a picture, with a lane for each thread, its wake-ups as arrows between the lanes, and below them the
//! number of items in the buffer.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

use scenario::lanes::{Activity, Lane, Recorded, Wakeup};
use scenario::{Action, Worker};
use support::picture::{Anchor, LINE, Picture, WIDTH, ticks};

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

/// Room for the longest label, `Consumer 1024`.
const LEFT: i32 = 120;
/// Width of the time axis in pixels. Each pixel shows what fills most of its time, so the size of a picture is bounded.
const COLUMNS: i32 = WIDTH - LEFT - 20;
const TITLE: i32 = 44;
/// Height of a lane, and where its bar is.
const LANE: i32 = 38;
const BAR: Range<i32> = 12..28;
/// Height of the plot of the occupancy, and of the room above and below it.
const PLOT: i32 = 120;
const ABOVE_PLOT: i32 = 34;
const BELOW_PLOT: i32 = 64;

/// More arrows than this hide the lanes, so none are drawn.
const MOST_ARROWS: usize = 300;

pub(crate) fn svg(title: &str, run: &Recorded) -> String {
    let plot = lane_top(run.lanes.len()) + ABOVE_PLOT;
    let legend = plot + PLOT + BELOW_PLOT;
    let axis = Axis { end: run.end.max(Duration::from_nanos(1)) };
    let mut picture = Picture::new(legend + 4 * LINE, title, &description(run), LIGHT, DARK);
    picture.text("title", (LEFT, TITLE / 2), Anchor::Start, title);
    for (number, lane) in run.lanes.iter().enumerate() {
        draw_lane(&mut picture, &axis, lane, lane_top(number));
    }
    draw_occupancy(&mut picture, &axis, run, plot);
    if let Some(closed) = run.closed {
        picture.path("close", &format!("M{} {TITLE}V{}", axis.x(closed), plot + PLOT));
    }
    let arrow = |wakeup: &Wakeup| (axis.x(wakeup.sent), wakeup.from_lane, axis.x(wakeup.ended), wakeup.to_lane);
    // From x and lane, to x and lane. As a set: equal ones are one arrow.
    let arrows: BTreeSet<_> = run.wakeups.iter().map(arrow).collect();
    let note = if arrows.len() <= MOST_ARROWS {
        draw_arrows(&mut picture, &arrows);
        [
            "An arrow runs from a push, a pop or the close to the thread whose wait ended at nearly the same time."
                .to_owned(),
            "It is inferred: which operation notified, and which thread was woken, is not recorded.".to_owned(),
        ]
    } else {
        let hidden = format!("{} wake-ups are not drawn, because they would hide the lanes.", arrows.len());
        [hidden, "A run with fewer items shows them.".to_owned()]
    };
    draw_legend(&mut picture, legend, &note);
    picture.finish()
}

fn lane_top(number: usize) -> i32 {
    TITLE + i32::try_from(number).expect("a scenario has at most 2048 threads") * LANE
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

/// The time axis, which the lanes and the plot share.
struct Axis {
    end: Duration,
}

impl Axis {
    /// Returns a position from 0 to [`COLUMNS`].
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

    /// Returns the unit of the labels, and how many of it are a second.
    fn unit(&self) -> (&'static str, f64) {
        match self.end.as_secs_f64() {
            1.0.. => ("s", 1.0),
            0.001.. => ("ms", 1e3),
            _ => ("µs", 1e6),
        }
    }
}

fn draw_lane(picture: &mut Picture, axis: &Axis, lane: &Lane, top: i32) {
    let bar = top + BAR.start..top + BAR.end;
    let middle = (bar.start + bar.end) / 2;
    picture.text("", (LEFT - 10, middle), Anchor::End, &lane.worker.to_string());
    let mut x = LEFT;
    for columns in columns(axis, lane).chunk_by(PartialEq::eq) {
        let width = i32::try_from(columns.len()).expect("no longer than the axis");
        if let Some(activity) = columns[0] {
            let class = match activity {
                Activity::Working => "working",
                Activity::BlockedOnFull => "full",
                Activity::BlockedOnEmpty => "empty",
            };
            picture.rectangle(class, (x, bar.start), (width, bar.end - bar.start));
        }
        x += width;
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

/// Draws the number of items over time, and its axes.
fn draw_occupancy(picture: &mut Picture, axis: &Axis, run: &Recorded, top: i32) {
    let bottom = top + PLOT;
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "pixels of a plot")]
    let y = |items: usize| bottom - (items as f64 / run.capacity as f64 * f64::from(PLOT)).round() as i32;
    picture.text("", (LEFT, top - 16), Anchor::Start, &format!("items in the buffer, of {} slots", run.capacity));
    let capacity = u32::try_from(run.capacity).expect("a scenario has at most a million slots");
    for (level, label) in ticks(capacity.into(), capacity.min(5)) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of items")]
        let y = y(level as usize);
        picture.path("grid", &format!("M{LEFT} {y}.5h{COLUMNS}"));
        picture.text("", (LEFT - 10, y), Anchor::End, &label);
    }
    picture.path("items", &steps(axis, run, y));
    picture.path("axis", &format!("M{LEFT}.5 {top}V{bottom}.5H{}", LEFT + COLUMNS));
    let (unit, in_unit) = axis.unit();
    for (time, label) in ticks(axis.end.as_secs_f64() * in_unit, 12) {
        let x = axis.x(Duration::from_secs_f64(time / in_unit));
        picture.path("axis", &format!("M{x}.5 {bottom}v5"));
        picture.text("", (x, bottom + 15), Anchor::Middle, &label);
    }
    picture.text("", (LEFT + COLUMNS / 2, bottom + 15 + LINE), Anchor::Middle, &format!("time in {unit}"));
}

/// Returns the outline of the occupancy. A column in which it changes several times gets one stroke from the least to the
/// most.
fn steps(axis: &Axis, run: &Recorded, y: impl Fn(usize) -> i32) -> String {
    let mut path = format!("M{LEFT} {}", y(0));
    let mut level = 0;
    for steps in run.occupancy.chunk_by(|a, b| axis.column(a.0) == axis.column(b.0)) {
        let levels = steps.iter().map(|(_, items)| *items);
        let (least, most) = levels.fold((level, level), |(least, most), items| (least.min(items), most.max(items)));
        let x = axis.x(steps[0].0);
        level = steps[steps.len() - 1].1;
        write!(path, "H{x}V{}V{}V{}", y(least), y(most), y(level)).expect("a string grows as needed");
    }
    path + &format!("H{}V{}z", axis.x(axis.end), y(0))
}

/// Draws each arrow from the edge of one bar to the edge of the other.
fn draw_arrows(picture: &mut Picture, arrows: &BTreeSet<(i32, usize, i32, usize)>) {
    let (mut lines, mut heads) = (String::new(), String::new());
    for &(from_x, from, to_x, to) in arrows {
        let (begin, end) = if from < to { (BAR.end, BAR.start) } else { (BAR.start, BAR.end) };
        let (begin, end) = (lane_top(from) + begin, lane_top(to) + end);
        lines += &line((from_x, begin), (to_x, end));
        heads += &head((to_x, end), from < to);
    }
    picture.path("halo", &lines);
    picture.path("arrow", &lines);
    picture.path("head", &heads);
}

fn draw_legend(picture: &mut Picture, top: i32, note: &[String; 2]) {
    let column = |number: i32| LEFT + number * 190;
    let (bars, lines) = (top, top + LINE);
    let entries = [
        (bars, ["working", "blocked on full", "blocked on empty", "items in the buffer"]),
        (lines, ["push or pop", "wake-up", "panic", "close"]),
    ];
    for (y, texts) in entries {
        for (number, text) in (0..).zip(texts) {
            picture.text("", (column(number) + 24, y), Anchor::Start, text);
        }
    }
    for (number, class) in (0..).zip(["working", "full", "empty", "items"]) {
        picture.rectangle(class, (column(number), bars - 6), (16, 12));
    }
    picture.path("tick", &tick(column(0) + 8, lines + 3));
    let (begin, end) = ((column(1) + 8, lines - 8), (column(1) + 8, lines + 8));
    picture.path("arrow", &line(begin, end));
    picture.path("head", &head(end, true));
    picture.path("cross", &cross(column(2) + 8, lines));
    picture.path("close", &format!("M{} {}v16", column(3) + 8, lines - 8));
    for (line, y) in note.iter().zip((top + 2 * LINE..).step_by(LINE as usize)) {
        picture.text("", (LEFT, y), Anchor::Start, line);
    }
}

fn tick(x: i32, bar: i32) -> String {
    format!("M{x}.5 {}V{bar}", bar - 6)
}

fn cross(x: i32, middle: i32) -> String {
    format!("M{} {}l12 12m0-12l-12 12", x - 6, middle - 6)
}

fn line((from_x, begin): (i32, i32), (to_x, end): (i32, i32)) -> String {
    format!("M{from_x}.5 {begin}L{to_x}.5 {end}")
}

/// A triangle whose point is at the end of an arrow.
fn head((x, y): (i32, i32), points_down: bool) -> String {
    let back = if points_down { -7 } else { 7 };
    format!("M{x}.5 {y}l-4 {back}h8z")
}
