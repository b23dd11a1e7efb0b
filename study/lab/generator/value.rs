//! The value behind the mutex, read from the text with which it describes itself to the recorder.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Value {
    /// The items, where the text shows them.
    pub(crate) items: Option<Vec<u32>>,
    pub(crate) len: usize,
    pub(crate) closed: bool,
    pub(crate) producers: Counted,
    pub(crate) consumers: Counted,
    /// The threads whose wakers are in the list of waiting tasks, where the text shows them.
    pub(crate) tasks: Vec<String>,
}

/// How many threads of a side are counted as waiting, and its flag "wake-up pending".
pub(crate) type Counted = (usize, bool);

/// Reads `[1, 2]; consumers: 1 waiting, wake-up pending` or `2 of 3 slots taken, closed; producers: 1 waiting`.
///
/// # Panics
///
/// If it is something else.
pub(crate) fn parse(text: &str) -> Value {
    let mut parts = text.split("; ");
    let ring = parts.next().unwrap_or_default();
    let (ring, closed) = ring.strip_suffix(", closed").map_or((ring, false), |ring| (ring, true));
    let mut value = Value { closed, ..Value::default() };
    if let Some(items) = ring.strip_prefix('[').and_then(|ring| ring.strip_suffix(']')) {
        let items: Vec<u32> =
            items.split(", ").filter(|item| !item.is_empty()).map(|item| item.parse().expect("an item")).collect();
        value.len = items.len();
        value.items = Some(items);
    } else if !ring.is_empty() {
        value.len = ring.split(' ').next().and_then(|len| len.parse().ok()).unwrap_or_else(|| panic!("{text:?}"));
    }
    for part in parts {
        let (name, side) = part.split_once(": ").unwrap_or_else(|| panic!("{text:?}"));
        if name == "waiting tasks" {
            value.tasks = side.split(", ").map(display_name).collect();
            continue;
        }
        let waiting = side.split(' ').next().and_then(|waiting| waiting.parse().ok());
        let side = (waiting.unwrap_or_else(|| panic!("{text:?}")), side.ends_with(", wake-up pending"));
        match name {
            "producers" => value.producers = side,
            "consumers" => value.consumers = side,
            _ => panic!("{text:?}"),
        }
    }
    value
}

/// shuttle calls the main thread by another name than loom.
pub(crate) fn display_name(name: &str) -> String {
    name.replace("main-thread", "main")
}

#[test]
fn the_texts_of_both_buffers_are_read() {
    let reference = parse("[1, 12]; producers: 2 waiting; consumers: 0 waiting, wake-up pending");
    assert_eq!((reference.items, reference.len), (Some(vec![1, 12]), 2));
    assert_eq!((reference.producers, reference.consumers), ((2, false), (0, true)));
    let shipped = parse("1 of 2 slots taken, closed; consumers: 1 waiting");
    assert_eq!((shipped.items, shipped.len, shipped.closed), (None, 1, true));
    assert_eq!(shipped.consumers, (1, false));
    assert_eq!(parse("[]").items, Some(vec![]));
    let closed = parse("[1], closed; consumers: 1 waiting");
    assert_eq!((closed.items, closed.closed, closed.consumers), (Some(vec![1]), true, (1, false)));
    let tasks = parse("[]; waiting tasks: main-thread, consumer 1, a waker").tasks;
    assert_eq!(tasks, ["main", "consumer 1", "a waker"], "by the names of the board");
}
