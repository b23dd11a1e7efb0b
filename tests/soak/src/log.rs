//! What a thread of a round writes down, for the check after the round.

#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) producer: u32,
    pub(crate) number: u32,
}

/// The log of one thread. It survives a panic of the thread.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The number of a producer's accepted items. They have the numbers `0..accepted`.
    pub(crate) accepted: u32,
    /// The items that the thread received, in this order: popped, drained or, by a producer, evicted.
    pub(crate) taken: Vec<Item>,
    pub(crate) timeouts: u64,
    pub(crate) cancelled: u64,
    pub(crate) closed_it: bool,
    /// The thread ended through its fault, and not because the buffer was closed.
    pub(crate) left: bool,
    pub(crate) panicked: bool,
}

/// The buffer is closed and, for a consumer, drained: the thread ends.
pub(crate) struct Closed;
