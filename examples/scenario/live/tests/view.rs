//! The model and the view of `producer_consumer --live`, from events, without a terminal.

use std::time::Instant;

use bounded_buffer::BoundedBuffer;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use scenario::{Action, Event, State, Worker};
use scenario_live::model::{Model, SAMPLE};
use scenario_live::view;

use Worker::{Consumer, Producer, Runner};

fn record(model: &mut Model, worker: Worker, action: Action) {
    model.record(&Event { at: Instant::now(), worker, action });
}

/// The value is derived from the producer and the sequence number.
fn pushed(model: &mut Model, producer: usize, sequence: u64) {
    record(model, Producer(producer), Action::Pushed { sequence, value: value(producer, sequence) });
}

fn popped(model: &mut Model, consumer: usize, producer: usize, sequence: u64) {
    record(model, Consumer(consumer), Action::Popped { producer, sequence, value: value(producer, sequence) });
}

fn value(producer: usize, sequence: u64) -> u32 {
    u32::try_from(producer as u64 * 10 + sequence).unwrap()
}

/// A model after the first items of producer 1 were pushed.
fn after_pushes(capacity: usize, items: u64) -> Model {
    let mut model = Model::new(capacity);
    (0..items).for_each(|sequence| pushed(&mut model, 1, sequence));
    model
}

#[test]
fn an_item_is_in_the_slot_of_its_number_modulo_capacity() {
    let mut model = after_pushes(3, 3);
    popped(&mut model, 1, 1, 0);
    pushed(&mut model, 1, 3);
    popped(&mut model, 1, 1, 1);
    assert_eq!(model.slots(), [Some(13), None, Some(12)]);
    assert_eq!((model.level(), model.head(), model.tail()), (2, 2, 1));
}

#[test]
fn a_push_reported_after_its_pop_leaves_no_item() {
    let mut model = Model::new(2);
    popped(&mut model, 1, 1, 0);
    assert_eq!((model.slots(), model.head(), model.tail()), (vec![None, None], 1, 1));
    pushed(&mut model, 1, 0);
    pushed(&mut model, 1, 1);
    assert_eq!((model.slots(), model.head(), model.tail()), (vec![None, Some(11)], 1, 0));
}

#[test]
fn an_unreported_pop_adds_no_slot() {
    let model = after_pushes(2, 3); // the third can only be in the slot of the first
    assert_eq!((model.slots(), model.level()), (vec![Some(12), Some(11)], 2));
    assert_eq!((model.head(), model.tail()), (1, 1));
}

#[test]
fn each_thread_is_shown_with_its_state() {
    let mut model = Model::new(2);
    let of = |model: &Model, worker| (model.threads[&worker].state, model.threads[&worker].items);
    record(&mut model, Producer(2), Action::Began); // the second before the first
    record(&mut model, Consumer(1), Action::WaitBegan);
    pushed(&mut model, 2, 0);
    record(&mut model, Producer(2), Action::WaitBegan);
    record(&mut model, Producer(1), Action::Failed);
    assert!(model.threads.keys().eq(&[Producer(1), Producer(2), Consumer(1)]));
    assert!(matches!(of(&model, Producer(2)), (State::Blocked(_), 1)));
    assert!(matches!(of(&model, Consumer(1)), (State::Blocked(_), 0)));
    assert_eq!(of(&model, Producer(1)), (State::Failed, 0));

    record(&mut model, Consumer(1), Action::WaitEnded);
    record(&mut model, Producer(2), Action::WaitEnded);
    record(&mut model, Producer(2), Action::Ended);
    assert!(!model.closed);
    record(&mut model, Runner, Action::Closed);
    assert_eq!((of(&model, Producer(2)), of(&model, Consumer(1))), ((State::Ended, 1), (State::Working, 0)));
    assert!(model.closed);
}

proptest! {
    /// Two producers push to a queue and two consumers pop from it. Each thread reports its events in order, but later.
    #[test]
    fn the_items_agree_with_the_buffer_once_all_events_are_reported(
        capacity in 1_usize..5,
        steps in prop::collection::vec((any::<bool>(), 0_usize..2, any::<bool>()), 0..60),
    ) {
        let mut model = Model::new(capacity);
        let mut queue = std::collections::VecDeque::new();
        let (mut sequences, mut popped) = ([0_u64; 2], 0);
        let mut unreported: [Vec<(bool, usize, u64)>; 4] = Default::default(); // producers, then consumers
        for (is_push, number, is_reported) in steps {
            if is_push && queue.len() < capacity {
                queue.push_back((number + 1, sequences[number]));
                unreported[number].push((true, number + 1, sequences[number]));
                sequences[number] += 1;
            } else if let Some((producer, sequence)) = queue.pop_front() {
                unreported[2 + number].push((false, producer, sequence));
                popped += 1;
            }
            if is_reported {
                let thread = if is_push { number } else { 2 + number };
                unreported[thread].drain(..).for_each(|event| record_one(&mut model, event));
                            prop_assert!(model.level() <= capacity);
                prop_assert_eq!(model.slots().iter().flatten().count(), model.level());
                prop_assert_eq!(model.tail(), (model.head() + model.level()) % capacity);
            }
        }
        unreported.into_iter().flatten().for_each(|event| record_one(&mut model, event));

            prop_assert_eq!((model.head(), model.level()), (popped % capacity, queue.len()));
        // The events do not contain the order of pushes by different producers.
        let mut inside: Vec<_> = model.slots().into_iter().flatten().collect();
        let mut expected: Vec<_> = queue.iter().map(|&(producer, sequence)| value(producer, sequence)).collect();
        inside.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(inside, expected);
    }
}

fn record_one(model: &mut Model, (is_push, producer, sequence): (bool, usize, u64)) {
    if is_push {
        pushed(model, producer, sequence);
    } else {
        popped(model, 1, producer, sequence);
    }
}

/// The text on a terminal of this size.
fn screen(model: &Model, width: u16, height: u16) -> String {
    let stats = BoundedBuffer::<u32>::new(1).stats();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, model, &stats, Instant::now())).unwrap();
    terminal.backend().to_string()
}

#[test]
fn slots_are_drawn_with_their_items_and_head_and_tail_below() {
    let mut model = after_pushes(5, 3);
    popped(&mut model, 1, 1, 0);
    let text = screen(&model, 80, 24);
    assert!(text.contains(" Buffer: 2 of 5 slots in use "), "{text}");
    assert!(text.contains("│ [  ] [11] [12] [  ] [  ] "), "{text}");
    assert!(text.contains("│        H         T "), "{text}");
    assert!(text.contains("notifications") && text.contains("wasted wakeups"), "{text}");
}

#[test]
fn a_ring_that_does_not_fit_is_summarised() {
    let model = after_pushes(152, 3);
    let text = screen(&model, 80, 24);
    assert!(
        text.contains("Buffer: 3 of 152 slots in use") && text.contains("head at slot 0, tail at slot 3"),
        "{text}"
    );
}

#[test]
fn threads_that_do_not_fit_are_counted() {
    let mut model = Model::new(5);
    for id in 1..=30 {
        record(&mut model, Consumer(id), Action::WaitBegan);
    }
    let text = screen(&model, 80, 24);
    assert!(text.contains(" Consumers: 30 of 30 blocked on empty "), "{text}");
    assert!(text.contains("   1       0       1  blocked 0.0 s "), "{text}");
    let shown = text.matches("  blocked 0.").count();
    assert!(shown > 3 && text.contains(&format!("… and {} more", 30 - shown)), "{text}");
}

/// The model of a run with the threads of the documented scenario.
fn documented() -> Model {
    let mut model = Model::new(5);
    for id in 1..=2 {
        record(&mut model, Producer(id), Action::Began);
    }
    for id in 1..=3 {
        record(&mut model, Consumer(id), Action::WaitBegan);
    }
    model
}

#[test]
fn all_parts_fit_into_24_lines_and_fewer_lines_or_columns_keep_the_threads() {
    let text = screen(&documented(), 80, 24);
    for part in ["open", "Buffer: ", "H head", "wasted wakeups", " over time", "Ctrl-C"] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    for (width, height) in [(80, 24), (80, 22), (80, 18), (80, 12), (80, 8), (44, 24)] {
        let text = screen(&documented(), width, height);
        let threads = text.matches("blocked 0.0 s").count() + text.matches("working").count();
        assert_eq!(threads, 5, "{width} by {height}:\n{text}");
    }
}

#[test]
fn the_curve_shows_the_level_over_time_and_ends_with_the_run() {
    let mut model = documented();
    let begin = Instant::now();
    for number in 0..4 {
        model.sample(begin + SAMPLE * number);
        model.sample(begin + SAMPLE * number); // too soon
        pushed(&mut model, 1, u64::from(number));
    }
    assert_eq!(model.levels, [0, 1, 2, 3]);
    for sequence in 0..4 {
        popped(&mut model, 1, 1, sequence);
    }
    record(&mut model, Runner, Action::Closed);
    model.sample(begin + SAMPLE * 9);
    assert_eq!(model.levels, [0, 1, 2, 3]);
    let text = screen(&model, 80, 24);
    assert!(text.contains(" Slots in use over time, 200 ms a column ") && text.contains("▃▆"), "{text}");
}

#[test]
fn the_keys_depend_on_the_state_of_the_run() {
    let mut model = documented();
    let keys = |model: &Model| screen(model, 80, 24).lines().last().unwrap().to_owned();
    assert!(keys(&model).contains("q or Ctrl-C: close, drain, report"));
    record(&mut model, Runner, Action::Closed);
    assert!(keys(&model).contains("leave, and print the report"));
}

#[test]
fn the_view_fits_a_terminal_of_any_size() {
    for capacity in [1, 5, 1000] {
        let mut model = Model::new(capacity);
        pushed(&mut model, 1, 0);
        for (width, height) in [(1, 1), (3, 200), (10, 5), (40, 12), (200, 3), (300, 100)] {
            screen(&model, width, height);
        }
    }
}
