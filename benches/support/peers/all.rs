//! The list of all peers, for code that does the same with each.

use super::{
    Adaptive, ArrayQueue, AsyncChannel, Blocking, Crossbeam, Flume, Kanal, LockFree, OnParkingLot, OnStd, Park, Shared,
    StdMpsc,
};
use crate::support::Channel;

/// Receives each peer: those whose receiver can be shared, and those with one consumer only.
pub(crate) trait Visitor {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone;
    fn single<C: Channel<u64>>(&mut self, name: &str);
}

/// Passes every peer to the visitor, this crate's buffer first.
pub(crate) fn all(visitor: &mut impl Visitor) {
    visitor.shared::<Shared<Adaptive<u64>>>("bounded-buffer");
    visitor.shared::<Shared<Park<u64>>>("bounded-buffer (Park)");
    visitor.shared::<Crossbeam>("crossbeam-channel");
    visitor.shared::<Kanal>("kanal");
    visitor.shared::<Flume>("flume");
    visitor.shared::<AsyncChannel>("async-channel");
    visitor.single::<StdMpsc>("std sync_channel");
    visitor.shared::<Shared<ArrayQueue<u64>>>("crossbeam ArrayQueue (spins)");
    visitor.shared::<Shared<Blocking<u64>>>("parkring BlockingQueue");
    visitor.shared::<Shared<LockFree<u64>>>("parkring LockFreeQueue");
    visitor.shared::<Shared<OnStd<u64>>>("textbook on std");
    visitor.shared::<Shared<OnParkingLot<u64>>>("textbook on parking_lot");
}
