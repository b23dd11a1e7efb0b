//! The picture of the pending flag in the guide: an execution of the shipped buffer, and one of the textbook, as loom ran them.

use std::fs;
use std::sync::{Arc, OnceLock};

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use bounded_buffer_model::record::{self, Action, Event, Log};
use gallery::source;
use ladder::step2_parking_lot as textbook;
use loom::thread::{self, JoinHandle};
use support::picture::{Anchor, LINE, Picture};

use crate::explore::BOUNDED;
use crate::harness::{Model, test};

const FILE: &str = "docs/study/flag.svg";
const COMMAND: &str = "scripts/regenerate pictures";

const CONSUMERS: usize = 3;

/// What is drawn of an execution.
struct Execution {
    events: Vec<Event>,
    threads: Vec<String>,
}

impl Execution {
    /// Keeps an execution up to the first step of its close, without the requests of a lock that is free.
    fn of(Log { mut events, threads, .. }: Log) -> Self {
        let is_close = |event: &Event| note(event) == Some("close");
        let is_main_lock = |event: &Event| event.thread == 0 && matches!(event.action, Action::Lock);
        let mut from_close = (0..events.len()).skip_while(|&at| !is_close(&events[at]));
        if let Some(end) = from_close.find(|&at| is_main_lock(&events[at])) {
            events.truncate(end);
        }
        events.retain(|event| {
            !matches!(event.action, Action::RequestLock | Action::Wake | Action::Change) && !is_close(event)
        });
        Self { events, threads }
    }

    fn position(&self, is: impl Fn(&Event) -> bool) -> Option<usize> {
        self.events.iter().position(is)
    }

    /// What the thread does after each event: the class of its bar.
    fn doings(&self, thread: usize) -> Vec<Option<&'static str>> {
        let mut doing = None;
        let next = |event: &Event| {
            match &event.action {
                Action::Notify(_, woken) if woken.contains(&thread) => doing = Some("coming"),
                _ if event.thread != thread => {}
                Action::Wait(_) => doing = Some("parked"),
                Action::Lock => doing = Some("lock"),
                Action::Unlock => doing = None,
                _ => {}
            }
            doing
        };
        self.events.iter().map(next).collect()
    }

    /// The unlock of the operation that this note is about: it is noted when the operation has returned.
    fn unlock_before(&self, at: usize) -> usize {
        let thread = self.events[at].thread;
        let is_unlock = |event: &Event| event.thread == thread && matches!(event.action, Action::Unlock);
        self.events[..at].iter().rposition(is_unlock).expect("an operation unlocks before it returns")
    }

    /// Each change of the number of items, and the number after it: a push and a pop note what they did after their unlock.
    fn items(&self) -> Vec<(usize, isize)> {
        let change = |(at, event)| {
            let (verb, items) = note(event)?.split_once(' ')?;
            let count = items.split(' ').count().cast_signed();
            Some((self.unlock_before(at), if verb == "pushes" { count } else { -count }))
        };
        let mut changes: Vec<_> = self.events.iter().enumerate().filter_map(change).collect();
        changes.sort_unstable();
        let after = |items: &mut isize, (at, change)| {
            *items += change;
            Some((at, *items))
        };
        changes.into_iter().scan(0, after).collect()
    }

    /// Whether a wake-up of the consumers is pending after each event. Each change of the state shows it, and a consumer that
    /// returns from its wait clears it.
    fn flags(&self) -> Vec<bool> {
        let mut flag = false;
        let mut waits = vec![false; self.threads.len()];
        let next = |event: &Event| {
            match event.action {
                Action::Wait(_) => waits[event.thread] = true,
                Action::Lock if std::mem::take(&mut waits[event.thread]) => flag = false,
                _ => {}
            }
            if let Some(state) = &event.state {
                flag = state.contains("wake-up pending");
            }
            flag
        };
        self.events.iter().map(next).collect()
    }

    /// Whether all consumers wait before `main` takes the lock.
    fn begins_with_waits(&self) -> bool {
        let main = self.position(|event| event.thread == 0 && matches!(event.action, Action::Lock));
        let is_wait = |event: &&Event| matches!(event.action, Action::Wait(_));
        main.is_some_and(|main| self.events[..main].iter().filter(is_wait).count() == CONSUMERS)
    }

    /// The notes of the pops that returned before this event.
    fn taken_before(&self, at: usize) -> Vec<&str> {
        self.events[..at].iter().filter_map(note).filter(|note| note.starts_with("takes")).collect()
    }
}

fn note(event: &Event) -> Option<&str> {
    if let Action::Note(text) = &event.action { Some(text) } else { None }
}

/// Explores a program and returns the first of its executions that `is_shown`.
fn find(name: &str, program: fn(), is_shown: fn(&Execution) -> bool) -> Execution {
    let found = Arc::new(OnceLock::new());
    let first = found.clone();
    BOUNDED.explore(name, move || {
        program();
        if first.get().is_none() {
            let execution = Execution::of(record::end().expect("the execution is recorded"));
            if is_shown(&execution) {
                _ = first.set(execution);
            }
        }
    });
    let found = Arc::into_inner(found).and_then(OnceLock::into_inner);
    found.expect("one of the executions is that of the picture")
}

/// Starts the consumers, which are numbered from 1.
fn spawn(consume: impl Fn(usize) + Clone + Send + 'static) -> Vec<JoinHandle<()>> {
    let spawn = |number| {
        let consume = consume.clone();
        thread::Builder::new().name(format!("consumer {number}")).spawn(move || consume(number)).unwrap()
    };
    (1..=CONSUMERS).map(spawn).collect()
}

/// Three consumers wait, and a batch of three items arrives.
fn a_batch() {
    let buffer = loom::sync::Arc::new(BoundedBuffer::with_wait_strategy(3, WaitStrategy::Park));
    let shared = buffer.clone();
    let consumers = spawn(move |_| {
        let item = shared.pop().unwrap();
        record::note(format!("takes {item}"));
    });
    buffer.push_many(&mut ["a", "b", "c"].into()).unwrap();
    record::note("pushes a b c");
    for consumer in consumers {
        consumer.join().unwrap();
    }
}

/// Three consumers wait, and three items arrive one by one. The first consumer takes two of them.
fn the_textbook() {
    let buffer = loom::sync::Arc::new(textbook::Buffer::new(3));
    let shared = buffer.clone();
    let consumers = spawn(move |number| {
        for _ in 0..if number == 1 { 2 } else { 1 } {
            if let Some(item) = shared.pop() {
                record::note(format!("takes {item}"));
            }
        }
    });
    for item in ["a", "b", "c"] {
        buffer.push(item).unwrap();
        record::note(format!("pushes {item}"));
    }
    record::note("close");
    buffer.close();
    for consumer in consumers {
        consumer.join().unwrap();
    }
}

const LEFT: i32 = 110;
const RIGHT: i32 = 890;
const ROW: i32 = 26;
const BAR: i32 = 14;

/// Draws one execution below `top`: a row for each thread, the items, and the flag if there is one. Returns its end.
fn panel(picture: &mut Picture, top: i32, title: &str, execution: &Execution, has_flag: bool) -> i32 {
    let events = execution.events.len();
    let x = |at: usize| LEFT + (RIGHT - LEFT) * i32::try_from(at).unwrap() / i32::try_from(events).unwrap();
    let y = |row: usize| top + LINE + 6 + i32::try_from(row).unwrap() * ROW;
    let bar = |picture: &mut Picture, class: &str, row: usize, from: usize, to: usize| {
        picture.rectangle(class, (x(from), y(row) - BAR / 2), (x(to) - x(from), BAR));
    };
    picture.text("title", (10, top), Anchor::Start, title);
    let threads = execution.threads.len();
    for (thread, name) in execution.threads.iter().enumerate() {
        picture.text("", (10, y(thread)), Anchor::Start, name);
        picture.path("grid", &format!("M{LEFT} {}H{RIGHT}", y(thread)));
        for (at, doing) in execution.doings(thread).into_iter().enumerate() {
            if let Some(class) = doing {
                bar(picture, class, thread, at, at + 1);
            }
        }
    }
    for (at, event) in execution.events.iter().enumerate() {
        match &event.action {
            Action::Notify(_, woken) => {
                for &thread in woken {
                    let (from, to) = (y(event.thread), y(thread));
                    let tip = if to > from { to - BAR / 2 } else { to + BAR / 2 };
                    let back = if to > from { tip - 6 } else { tip + 6 };
                    picture.path(
                        "arrow",
                        &format!("M{0} {from}V{tip}M{1} {back}L{0} {tip}L{2} {back}", x(at), x(at) - 3, x(at) + 3),
                    );
                }
            }
            Action::Note(text) => {
                let end = (x(execution.unlock_before(at)) + 4, y(event.thread));
                picture.text("note", end, Anchor::Start, text);
            }
            _ => {}
        }
    }
    picture.text("", (10, y(threads)), Anchor::Start, "items");
    for (at, count) in [(0, 0)].into_iter().chain(execution.items()) {
        picture.text("", (x(at) + 2, y(threads)), Anchor::Start, &count.to_string());
    }
    if !has_flag {
        return y(threads + 1);
    }
    picture.text("", (10, y(threads + 1)), Anchor::Start, "flag");
    picture.path("grid", &format!("M{LEFT} {}H{RIGHT}", y(threads + 1)));
    for (at, flag) in execution.flags().into_iter().enumerate() {
        if flag {
            bar(picture, "flag", threads + 1, at, at + 1);
        }
    }
    y(threads + 2)
}

fn picture() -> String {
    let batch = find("a batch", a_batch, |execution| {
        execution.begins_with_waits()
            && execution.taken_before(execution.events.len()) == ["takes a", "takes b", "takes c"]
    });
    let textbook = find("the textbook", the_textbook, |execution| {
        let is_wait = |event: &&Event| matches!(event.action, Action::Wait(_));
        let pushed = execution.position(|event| note(event) == Some("pushes c"));
        let one_is_wasted = execution.events.iter().filter(is_wait).count() == CONSUMERS + 1;
        execution.begins_with_waits()
            && pushed.is_some_and(|at| execution.taken_before(at).is_empty())
            && execution.taken_before(execution.events.len()).len() == 3
            && one_is_wasted
    });
    let light = ".parked { fill: #b6e3ff } .coming { fill: #ffb77c } .lock { fill: #1a7f37 } .flag { fill: #cf222e }
.note { font-size: 12px } .arrow { stroke: #59636e; fill: none } .small { font-size: 12px }";
    let dark = ".parked { fill: #0c2d6b } .coming { fill: #bc4c00 } .lock { fill: #2da44e } .flag { fill: #f85149 }
.arrow { stroke: #9198a1 }";
    let mut picture = Picture::new(
        396,
        "One wake-up at a time, and three",
        "Above, the shipped buffer: a batch of three items arrives while three consumers wait. The flag is set three times, one \
         after the other, and each consumer wakes the next. Below, the textbook: three notifications at once, and one is wasted.",
        light,
        dark,
    );
    let mut at = LEFT;
    for (class, text) in [
        ("parked", "parked"),
        ("coming", "on its way to the lock"),
        ("lock", "holds the lock"),
        ("flag", "a wake-up is pending"),
    ] {
        picture.rectangle(class, (at, 13), (BAR, BAR));
        picture.text("small", (at + BAR + 6, LINE), Anchor::Start, text);
        at += 180;
    }
    let below = panel(&mut picture, 50, "This buffer: each consumer that returns wakes the next one", &batch, true);
    panel(
        &mut picture,
        below + 14,
        "The textbook: three notifications; consumer 1 takes two items, and one wake-up is wasted",
        &textbook,
        false,
    );
    picture.finish() + "\n"
}

fn the_picture_of_the_flag_is_up_to_date() {
    let written = fs::read_to_string(source::path(FILE)).unwrap_or_default();
    assert!(written == picture(), "{FILE} is out of date: run `{COMMAND}`");
}

pub(crate) const MODELS: &[Model] = &[
    test("the_picture_of_the_flag_is_up_to_date", the_picture_of_the_flag_is_up_to_date),
    test("write_the_picture_of_the_flag", || fs::write(source::path(FILE), picture()).unwrap()).ignored(),
];
