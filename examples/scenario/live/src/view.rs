//! The state of a run as text with boxes. What does not fit is summarised, and a small terminal keeps the threads.

use std::time::{Duration, Instant};

use bounded_buffer::Stats;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Padding, Paragraph, Sparkline};

use crate::model::{SAMPLE, Snapshot, State, Thread};

/// What does not change during a run.
#[derive(Clone, Copy)]
pub struct Setting {
    /// Number of digits of the largest value.
    pub digits: usize,
    pub begin: Instant,
}

/// The most lines of slots. Each has a line below it for head and tail.
const SLOT_LINES: usize = 4;

/// Lines for threads that other parts must not take: a box with its heading and this many threads, or fewer if there are fewer.
const THREADS: usize = 6;

impl Setting {
    /// Returns how many slots fit into a terminal of this width.
    pub fn slots_that_fit(&self, width: u16) -> usize {
        self.slots_in_line(width) * SLOT_LINES
    }

    fn slots_in_line(&self, width: u16) -> usize {
        inner(width) / self.cell()
    }

    /// The width of a slot, such as `[42] `.
    fn cell(&self) -> usize {
        self.digits + 3
    }
}

/// The number of columns inside a box.
fn inner(width: u16) -> usize {
    usize::from(width.saturating_sub(4))
}

/// What a frame shows.
pub struct Picture {
    pub snapshot: Snapshot,
    pub stats: Stats,
    pub now: Instant,
}

/// Lines of the curve of the fill level.
const CURVE: usize = 2;

pub fn draw(frame: &mut Frame, setting: &Setting, picture: &Picture, is_paused: bool) {
    let Picture { snapshot, stats, now } = picture;
    let now = *now;
    let width = frame.area().width;
    let ring = match &snapshot.slots {
        Some(slots) => slot_lines(slots, snapshot, setting, width),
        None => vec![format!("head at slot {}, tail at slot {}", snapshot.head, snapshot.tail).into()],
    };
    let counters = counters(stats);
    let threads = snapshot.producers.len().max(snapshot.consumers.len()).min(THREADS) + 3;
    let [top, ring_box, threads, counter_box, curve_box, legend_line, keys_line] =
        layout(frame.area(), [1, ring.len() + 2, threads, counters.len() + 2, CURVE + 2, 1, 1]);
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(threads);

    frame.render_widget(header(setting, snapshot, now, inner(width)), top);
    let title = format!("Buffer: {} of {} slots in use", snapshot.len, snapshot.capacity);
    frame.render_widget(Paragraph::new(ring).block(boxed(&title)), ring_box);
    draw_threads(frame, left, "Producers", "full", &snapshot.producers, now);
    draw_threads(frame, right, "Consumers", "empty", &snapshot.consumers, now);
    frame.render_widget(Paragraph::new(counters).block(boxed("Counters")), counter_box);
    frame.render_widget(Line::from("  H head: popped next   T tail: pushed next").dim(), legend_line);
    frame.render_widget(keys(snapshot, is_paused), keys_line);
    frame.render_widget(curve(snapshot, inner(width)), curve_box);
}

/// The fill level over time, at the right the newest.
fn curve(snapshot: &Snapshot, width: usize) -> Sparkline<'_> {
    let levels = &snapshot.levels[snapshot.levels.len().saturating_sub(width)..];
    let title = format!("Slots in use over time, {} ms a column", SAMPLE.as_millis());
    Sparkline::default().data(levels).max(snapshot.capacity as u64).style(Style::new().cyan()).block(boxed(&title))
}

/// Assigns lines to the header, the ring, the threads, the counters, the curve, the legend and the keys. In a small terminal, the
/// curve is left out first, then the counters, the legend, the ring, the keys and the header. The threads get all lines that are
/// left.
fn layout(area: Rect, mut heights: [usize; 7]) -> [Rect; 7] {
    const THREADS: usize = 2;
    for part in [4, 3, 5, 1, 6, 0] {
        if heights.iter().sum::<usize>() > usize::from(area.height) {
            heights[part] = 0;
        }
    }
    let mut constraints = heights.map(|lines| Constraint::Length(u16::try_from(lines).unwrap_or(u16::MAX)));
    constraints[THREADS] = Constraint::Fill(1);
    Layout::vertical(constraints).areas(area)
}

fn boxed(title: &str) -> Block<'static> {
    Block::bordered().title(format!(" {title} ").bold()).padding(Padding::horizontal(1)).border_style(Color::DarkGray)
}

fn header(setting: &Setting, snapshot: &Snapshot, now: Instant, width: usize) -> Line<'static> {
    let elapsed = now.saturating_duration_since(setting.begin).as_secs_f64();
    let (state, style) = match (snapshot.closed, snapshot.len) {
        (false, _) => ("open", Style::new().green().bold()),
        (true, 0) => ("CLOSED, drained", Style::new().red().bold()),
        (true, _) => ("CLOSED, not drained", Style::new().red().bold()),
    };
    let left = format!("  bounded-buffer, {elapsed:.1} s");
    let gap = (width + 2).saturating_sub(left.len() + state.len());
    Line::from(vec![left.bold(), " ".repeat(gap).into(), Span::styled(state, style)])
}

/// Returns H for the head, T for the tail, HT for both, if they are in this slot.
fn ends_in(snapshot: &Snapshot, slot: usize) -> &'static str {
    match (snapshot.head == slot, snapshot.tail == slot) {
        (true, true) => "HT",
        (true, false) => "H",
        (false, true) => "T",
        (false, false) => "",
    }
}

/// Draws each slot with its value.
fn slot_lines(slots: &[Option<u32>], snapshot: &Snapshot, setting: &Setting, width: u16) -> Vec<Line<'static>> {
    let in_line = setting.slots_in_line(width).max(1);
    let (digits, cell) = (setting.digits, setting.cell());
    let mut lines = Vec::new();
    for (row, part) in slots.chunks(in_line).enumerate() {
        let span = |value: &Option<u32>| match value {
            Some(value) => format!("[{value:>digits$}] ").cyan().bold(),
            None => format!("[{:digits$}] ", "").dark_gray(),
        };
        lines.push(part.iter().map(span).collect());
        let first = row * in_line;
        let marks = (first..first + part.len()).map(|slot| format!("{:^cell$}", ends_in(snapshot, slot)));
        lines.push(Line::from(marks.collect::<String>()).yellow());
    }
    lines
}

/// Draws as many threads as fit, and a line with the number of the others. They block on a buffer that is `full` or `empty`.
fn draw_threads(frame: &mut Frame, area: Rect, role: &str, condition: &str, threads: &[Thread], now: Instant) {
    let waiting = threads.iter().filter(|thread| matches!(thread.state, State::Blocked(_))).count();
    let block = boxed(&format!("{role}: {waiting} of {} blocked on {condition}", threads.len()));
    let inside = block.inner(area);
    let has_numbers = inside.width >= 36; // with these, `blocked 10.0 s` fits
    let heading =
        if has_numbers { format!("{:>4} {:>7} {:>7}  now", "", "items", "blocked") } else { "     now".to_owned() };
    let mut lines = vec![Line::from(heading).dim()];
    let room = usize::from(inside.height);
    let shown = if threads.len() < room { threads.len() } else { room.saturating_sub(2) };
    for (id, thread) in (1..).zip(&threads[..shown]) {
        let (state, style) = match thread.state {
            State::Working => ("working".to_owned(), Style::new()),
            State::Blocked(since) => {
                let time = now.saturating_duration_since(since).as_secs_f64();
                (format!("blocked {time:.1} s"), Style::new().yellow())
            }
            State::Ended => ("ended".to_owned(), Style::new().dark_gray()),
            State::Failed => ("FAILED".to_owned(), Style::new().red().add_modifier(Modifier::BOLD)),
        };
        let numbers = if has_numbers { format!("{:>8}{:>8} ", thread.items, thread.blocked) } else { String::new() };
        lines.push(Line::from(vec![format!("{id:>4}{numbers} ").into(), Span::styled(state, style)]));
    }
    if shown < threads.len() {
        lines.push(Line::from(format!("   … and {} more", threads.len() - shown)).dim());
    }
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn counters(stats: &Stats) -> Vec<Line<'static>> {
    let row = |cells: [(&str, String); 3]| {
        let [a, b, c] = cells.map(|(name, value)| format!("{name:<14}{value:>9}"));
        Line::from(format!("{a}   {b}   {c}"))
    };
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    vec![
        row([
            ("pushed", stats.pushed.to_string()),
            ("push waits", stats.push_waits.to_string()),
            ("push wait time", seconds(stats.push_wait_time)),
        ]),
        row([
            ("popped", stats.popped.to_string()),
            ("pop waits", stats.pop_waits.to_string()),
            ("pop wait time", seconds(stats.pop_wait_time)),
        ]),
        row([
            ("high water", stats.high_water.to_string()),
            ("notifications", stats.notifications.to_string()),
            ("wasted wakeups", stats.wasted_wakeups.to_string()),
        ]),
    ]
}

fn keys(snapshot: &Snapshot, is_paused: bool) -> Line<'static> {
    let keys = match (is_paused, snapshot.has_ended(), snapshot.closed) {
        (true, ..) => "PAUSED: the run goes on   p: continue   q or Ctrl-C: end",
        (_, true, _) => "q or Ctrl-C: leave, and print the report",
        (_, _, true) => "q or Ctrl-C: exit without a report",
        (_, _, false) => "p: pause the picture   q or Ctrl-C: close, drain, report",
    };
    Line::from(format!("  {keys}")).bold()
}
