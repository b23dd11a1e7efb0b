//! Adapters that run the scenario on other bounded channels.

use std::sync::mpsc;

use bounded_buffer::{PopError, PushError, TryPopError, TryPushError};

use crate::channel::{Channel, PopEnd, PushEnd};
use crate::item::Item;

/// `std::sync::mpsc::sync_channel`: many producers, one consumer.
pub enum Std {}

#[derive(Clone)]
pub struct StdPush(mpsc::SyncSender<Item>);

pub struct StdPop(mpsc::Receiver<Item>);

impl Channel for Std {
    const NAME: &'static str = "std";
    type Push = StdPush;
    type Pop = StdPop;

    fn open(capacity: usize) -> (StdPush, StdPop) {
        let (sender, receiver) = mpsc::sync_channel(capacity);
        (StdPush(sender), StdPop(receiver))
    }
}

impl PushEnd for StdPush {
    fn try_push(&self, item: Item) -> Result<(), TryPushError<Item>> {
        self.0.try_send(item).map_err(|error| match error {
            mpsc::TrySendError::Full(item) => TryPushError::Full(item),
            mpsc::TrySendError::Disconnected(item) => TryPushError::Closed(item),
        })
    }

    fn push(&self, item: Item) -> Result<(), PushError<Item>> {
        self.0.send(item).map_err(|error| PushError(error.0))
    }
}

impl PopEnd for StdPop {
    fn try_pop(&self) -> Result<Item, TryPopError> {
        self.0.try_recv().map_err(|error| match error {
            mpsc::TryRecvError::Empty => TryPopError::Empty,
            mpsc::TryRecvError::Disconnected => TryPopError::Closed,
        })
    }

    fn pop(&self) -> Result<Item, PopError> {
        self.0.recv().map_err(|_| PopError)
    }

    fn try_clone(&self) -> Option<Self> {
        None
    }
}

/// `crossbeam_channel::bounded`: many producers, many consumers.
pub enum Crossbeam {}

#[derive(Clone)]
pub struct CrossbeamPush(crossbeam_channel::Sender<Item>);

pub struct CrossbeamPop(crossbeam_channel::Receiver<Item>);

impl Channel for Crossbeam {
    const NAME: &'static str = "crossbeam";
    type Push = CrossbeamPush;
    type Pop = CrossbeamPop;

    fn open(capacity: usize) -> (CrossbeamPush, CrossbeamPop) {
        let (sender, receiver) = crossbeam_channel::bounded(capacity);
        (CrossbeamPush(sender), CrossbeamPop(receiver))
    }
}

impl PushEnd for CrossbeamPush {
    fn try_push(&self, item: Item) -> Result<(), TryPushError<Item>> {
        self.0.try_send(item).map_err(|error| match error {
            crossbeam_channel::TrySendError::Full(item) => TryPushError::Full(item),
            crossbeam_channel::TrySendError::Disconnected(item) => TryPushError::Closed(item),
        })
    }

    fn push(&self, item: Item) -> Result<(), PushError<Item>> {
        self.0.send(item).map_err(|error| PushError(error.0))
    }
}

impl PopEnd for CrossbeamPop {
    fn try_pop(&self) -> Result<Item, TryPopError> {
        self.0.try_recv().map_err(|error| match error {
            crossbeam_channel::TryRecvError::Empty => TryPopError::Empty,
            crossbeam_channel::TryRecvError::Disconnected => TryPopError::Closed,
        })
    }

    fn pop(&self) -> Result<Item, PopError> {
        self.0.recv().map_err(|_| PopError)
    }

    fn try_clone(&self) -> Option<Self> {
        Some(Self(self.0.clone()))
    }
}
