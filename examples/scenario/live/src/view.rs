//! The state of a run as text with boxes. What does not fit is summarised, and a small terminal keeps the threads.

use std::time::{Duration, Instant};

use bounded_buffer::Stats;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Padding, Paragraph, Sparkline};

use scenario::{State, ThreadReport, Worker};

use crate::model::{Model, SAMPLE};

/// The most lines of slots. Each has a line below it for head and tail.
const SLOT_LINES: usize = 4;

/// The width of a slot with a value of two digits: `[42] `.
const SLOT: usize = 5;

/// Lines for threads that other parts must not take: a box with its heading and this many threads, or fewer if there are fewer.
const THREADS: usize = 6;

/// Lines of the curve of the fill level.
const CURVE: usize = 2;

pub fn draw(frame: &mut Frame, model: &Model, stats: &Stats, now: Instant) {
    let width = usize::from(frame.area().width.saturating_sub(4)); // inside a box
    let slots_in_line = width / SLOT;
    let ring = if model.capacity <= slots_in_line * SLOT_LINES {
        slot_lines(model, slots_in_line)
    } else {
        vec![format!("head at slot {}, tail at slot {}", model.head(), model.tail()).into()]
    };
    let counters = counters(stats);
    let is_producer = |worker: &Worker| matches!(worker, Worker::Producer(_));
    let (producers, consumers): (Vec<_>, Vec<_>) = model.threads.iter().partition(|(worker, _)| is_producer(worker));
    let threads = producers.len().max(consumers.len()).min(THREADS) + 3;
    let lines = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    // In a small terminal, the counters and the curve are cut first.
    let [top, ring_box, threads, counter_box, curve_box, legend_line, keys_line] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(lines(ring.len() + 2)),
        Constraint::Min(lines(threads)),
        Constraint::Max(lines(counters.len() + 2)),
        Constraint::Max(lines(CURVE + 2)),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(threads);

    frame.render_widget(header(model, now, width), top);
    let title = format!("Buffer: {} of {} slots in use", model.level(), model.capacity);
    frame.render_widget(Paragraph::new(ring).block(boxed(&title)), ring_box);
    draw_threads(frame, left, "Producers", "full", &producers, now);
    draw_threads(frame, right, "Consumers", "empty", &consumers, now);
    frame.render_widget(Paragraph::new(counters).block(boxed("Counters")), counter_box);
    frame.render_widget(Line::from("  H head: popped next   T tail: pushed next").dim(), legend_line);
    frame.render_widget(keys(model), keys_line);
    frame.render_widget(curve(model, width), curve_box);
}

/// The fill level over time, at the right the newest.
fn curve(model: &Model, width: usize) -> Sparkline<'_> {
    let levels = &model.levels[model.levels.len().saturating_sub(width)..];
    let title = format!("Slots in use over time, {} ms a column", SAMPLE.as_millis());
    Sparkline::default().data(levels).max(model.capacity as u64).style(Style::new().cyan()).block(boxed(&title))
}

fn boxed(title: &str) -> Block<'static> {
    Block::bordered().title(format!(" {title} ").bold()).padding(Padding::horizontal(1)).border_style(Color::DarkGray)
}

fn header(model: &Model, now: Instant, width: usize) -> Line<'static> {
    let elapsed = model.begin.map_or(0.0, |begin| now.saturating_duration_since(begin).as_secs_f64());
    let (state, style) = match (model.closed, model.level()) {
        (false, _) => ("open", Style::new().green().bold()),
        (true, 0) => ("CLOSED, drained", Style::new().red().bold()),
        (true, _) => ("CLOSED, not drained", Style::new().red().bold()),
    };
    let left = format!("  bounded-buffer, {elapsed:.1} s");
    let gap = (width + 2).saturating_sub(left.len() + state.len());
    Line::from(vec![left.bold(), " ".repeat(gap).into(), Span::styled(state, style)])
}

/// Draws each slot with its value, and below it H for the head and T for the tail.
fn slot_lines(model: &Model, in_line: usize) -> Vec<Line<'static>> {
    let slots: Vec<_> = (0..).zip(model.slots()).collect();
    let mut lines = Vec::new();
    for part in slots.chunks(in_line) {
        lines.push(
            part.iter()
                .map(|(_, value)| match value {
                    Some(value) => format!("[{value:>2}] ").cyan().bold(),
                    None => "[  ] ".dark_gray(),
                })
                .collect(),
        );
        let marks = part.iter().map(|(slot, _)| {
            let mark = match (model.head() == *slot, model.tail() == *slot) {
                (true, true) => "HT",
                (true, false) => "H",
                (false, true) => "T",
                (false, false) => "",
            };
            format!("{mark:^SLOT$}")
        });
        lines.push(Line::from(marks.collect::<String>()).yellow());
    }
    lines
}

/// Draws as many threads as fit, and a line with the number of the others. They block on a buffer that is `full` or `empty`.
fn draw_threads(
    frame: &mut Frame,
    area: Rect,
    role: &str,
    condition: &str,
    threads: &[(&Worker, &ThreadReport)],
    now: Instant,
) {
    let waiting = threads.iter().filter(|(_, thread)| matches!(thread.state, State::Blocked(_))).count();
    let block = boxed(&format!("{role}: {waiting} of {} blocked on {condition}", threads.len()));
    let inside = block.inner(area);
    let has_numbers = inside.width >= 36; // with these, `blocked 10.0 s` fits
    let heading =
        if has_numbers { format!("{:>4} {:>7} {:>7}  now", "", "items", "blocked") } else { "     now".to_owned() };
    let mut lines = vec![Line::from(heading).dim()];
    let room = usize::from(inside.height);
    let shown = if threads.len() < room { threads.len() } else { room.saturating_sub(2) };
    for (id, (_, thread)) in (1..).zip(&threads[..shown]) {
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
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    let cells = [
        ("pushed", stats.pushed.to_string()),
        ("push waits", stats.push_waits.to_string()),
        ("push wait time", seconds(stats.push_wait_time)),
        ("popped", stats.popped.to_string()),
        ("pop waits", stats.pop_waits.to_string()),
        ("pop wait time", seconds(stats.pop_wait_time)),
        ("high water", stats.high_water.to_string()),
        ("notifications", stats.notifications.to_string()),
        ("wasted wakeups", stats.wasted_wakeups.to_string()),
    ];
    let cell = |(name, value): &(&str, String)| format!("{name:<14}{value:>9}   ");
    cells.chunks(3).map(|row| row.iter().map(cell).collect::<String>().into()).collect()
}

fn keys(model: &Model) -> Line<'static> {
    let keys = if model.closed { "leave, and print the report" } else { "close, drain, report" };
    Line::from(format!("  q or Ctrl-C: {keys}")).bold()
}
