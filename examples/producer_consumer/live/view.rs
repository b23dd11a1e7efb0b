//! A picture of the run as text with boxes, for 80 columns and more; what does not fit is summed up.

use std::time::{Duration, Instant};

use bounded_buffer::Stats;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Padding, Paragraph};

use super::model::{Picture, State, Thread};

/// What stays the same during a run.
pub(crate) struct Setting {
    pub(crate) channel: &'static str,
    /// Digits of the largest value.
    pub(crate) digits: usize,
    pub(crate) begin: Instant,
}

/// At most so many lines of slots, and each has a line below it for head and tail.
const SLOT_LINES: usize = 4;

impl Setting {
    /// How many slots fit into a terminal of this width.
    pub(crate) fn slots_that_fit(&self, width: u16) -> usize {
        self.slots_a_line(width) * SLOT_LINES
    }

    fn slots_a_line(&self, width: u16) -> usize {
        inner(width) / self.cell()
    }

    /// `[42] `
    fn cell(&self) -> usize {
        self.digits + 3
    }
}

/// The columns inside of a box.
fn inner(width: u16) -> usize {
    usize::from(width.saturating_sub(4))
}

pub(crate) fn draw(frame: &mut Frame, setting: &Setting, picture: &Picture, stats: Option<&Stats>, now: Instant) {
    let width = frame.area().width;
    let ring = match &picture.slots {
        Some(slots) => slot_lines(slots, picture, setting, width),
        None => strip(picture, inner(width)),
    };
    let counters = counters(picture, stats);
    let height = |lines: usize| Constraint::Length(u16::try_from(lines + 2).unwrap_or(u16::MAX));
    let [top, ring_box, threads, counter_box, bottom] = Layout::vertical([
        Constraint::Length(1),
        height(ring.len()),
        Constraint::Fill(1),
        height(counters.len()),
        Constraint::Length(2),
    ])
    .areas(frame.area());
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(threads);

    frame.render_widget(header(setting, picture, now, inner(width)), top);
    let title = format!("Buffer: {} of {} slots taken", picture.len, picture.capacity);
    frame.render_widget(Paragraph::new(ring).block(boxed(&title)), ring_box);
    draw_threads(frame, left, "Producers", "full", &picture.producers, now);
    draw_threads(frame, right, "Consumers", "empty", &picture.consumers, now);
    frame.render_widget(Paragraph::new(counters).block(boxed("Counters")), counter_box);
    frame.render_widget(Paragraph::new(legend(picture)), bottom);
}

fn boxed(title: &str) -> Block<'static> {
    Block::bordered().title(format!(" {title} ").bold()).padding(Padding::horizontal(1)).border_style(Color::DarkGray)
}

fn header(setting: &Setting, picture: &Picture, now: Instant, width: usize) -> Line<'static> {
    let elapsed = now.saturating_duration_since(setting.begin).as_secs_f64();
    let (state, style) = match (picture.closed, picture.len) {
        (false, _) => ("open", Style::new().green().bold()),
        (true, 0) => ("CLOSED, drained", Style::new().red().bold()),
        (true, _) => ("CLOSED, being drained", Style::new().red().bold()),
    };
    let left = format!("  {}, {elapsed:.1} s", setting.channel);
    let gap = (width + 2).saturating_sub(left.len() + state.len());
    Line::from(vec![left.bold(), " ".repeat(gap).into(), Span::styled(state, style)])
}

/// H for head, T for tail, HT for both.
fn mark(picture: &Picture, from: usize, to: usize) -> &'static str {
    let here = from..to;
    match (here.contains(&picture.head), here.contains(&picture.tail)) {
        (true, true) => "HT",
        (true, false) => "H",
        (false, true) => "T",
        (false, false) => "",
    }
}

/// Each slot with what is in it.
fn slot_lines(slots: &[Option<u32>], picture: &Picture, setting: &Setting, width: u16) -> Vec<Line<'static>> {
    let a_line = setting.slots_a_line(width).max(1);
    let (digits, cell) = (setting.digits, setting.cell());
    let mut lines = Vec::new();
    for (row, part) in slots.chunks(a_line).enumerate() {
        let span = |value: &Option<u32>| match value {
            Some(value) => format!("[{value:>digits$}] ").cyan().bold(),
            None => format!("[{:digits$}] ", "").dark_gray(),
        };
        lines.push(part.iter().map(span).collect());
        let first = row * a_line;
        let marks = (first..first + part.len()).map(|slot| format!("{:^cell$}", mark(picture, slot, slot + 1)));
        lines.push(Line::from(marks.collect::<String>()).yellow());
    }
    lines
}

/// The ring when its slots do not fit: a cell stands for some of them.
fn strip(picture: &Picture, width: usize) -> Vec<Line<'static>> {
    let capacity = picture.capacity;
    let cells = width.clamp(1, capacity);
    let (mut ring, mut heads, mut tails) = (String::new(), String::new(), String::new());
    for cell in 0..cells {
        let (from, to) = (cell * capacity / cells, (cell + 1) * capacity / cells);
        ring.push(match picture.taken_in(from, to) {
            0 => '·',
            taken if taken == to - from => '█',
            _ => '▒',
        });
        heads.push(if (from..to).contains(&picture.head) { 'H' } else { ' ' });
        tails.push(if (from..to).contains(&picture.tail) { 'T' } else { ' ' });
    }
    let places = format!("head at slot {}, tail at slot {}", picture.head, picture.tail);
    let scale = format!("{cells} cells, {:.1} slots each: full █, partly ▒, empty ·", ratio(capacity, cells));
    vec![Line::from(ring).cyan(), Line::from(heads).yellow(), Line::from(tails).yellow(), places.into(), scale.into()]
}

#[allow(clippy::cast_precision_loss, reason = "to one digit, to be read")]
fn ratio(of: usize, to: usize) -> f64 {
    of as f64 / to as f64
}

/// As many threads as fit, and a line for the others. What blocks them is a buffer that is full, or empty.
fn draw_threads(frame: &mut Frame, area: Rect, role: &str, what: &str, threads: &[Thread], now: Instant) {
    let waiting = threads.iter().filter(|thread| matches!(thread.state, State::Blocked(_))).count();
    let block = boxed(&format!("{role}: {waiting} of {} blocked on {what}", threads.len()));
    let room = usize::from(block.inner(area).height);
    let mut lines = vec![Line::from(format!("{:>4} {:>7} {:>7}  now", "", "items", "blocked")).dim()];
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
        let numbers = format!("{id:>4} {:>7} {:>7}  ", thread.items, thread.blocked);
        lines.push(Line::from(vec![numbers.into(), Span::styled(state, style)]));
    }
    if shown < threads.len() {
        lines.push(Line::from(format!("   … and {} more", threads.len() - shown)).dim());
    }
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn counters(picture: &Picture, stats: Option<&Stats>) -> Vec<Line<'static>> {
    let Some(stats) = stats else {
        let line = format!("{:<14}{:>9}   {:<14}{:>9}", "pushed", picture.pushed, "popped", picture.popped);
        return vec![line.into(), "as told by its threads; this channel does not count".into()];
    };
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
            ("futile wakeups", stats.futile_wakeups.to_string()),
        ]),
    ]
}

fn legend(picture: &Picture) -> Vec<Line<'static>> {
    let keys = if picture.closed { "q or Ctrl-C: end at once" } else { "q or Ctrl-C: close, drain, report" };
    vec![Line::from("  H head: popped next   T tail: filled next").dim(), Line::from(format!("  {keys}")).bold()]
}
