//! A check before a peer is timed: it must deliver every item once, and the items of each producer in order.

use std::thread;

use crate::peers::{Visitor, all};
use crate::{Channel, watch};

const PRODUCERS: u64 = 4;
const ITEMS: u64 = 500;

/// Checks every peer.
///
/// # Panics
///
/// If a peer loses, duplicates or reorders an item.
pub fn every_peer() {
    struct Check;
    impl Visitor<u64> for Check {
        fn visit<C: Channel<u64>>(&mut self, name: &str) {
            let ends = C::open(3, 4).or_else(|| C::open(3, 1));
            let (sender, receivers) = ends.expect("each channel can have one receiver");
            check::<C>(name, sender, receivers);
        }
    }
    all(&mut Check);
}

fn check<C: Channel<u64>>(name: &str, sender: C::Sender, receivers: Vec<C::Receiver>) {
    let _alive = watch(format!("the sanity check of {name}"));
    let items = PRODUCERS * ITEMS / receivers.len() as u64;
    let producers: Vec<_> = (0..PRODUCERS)
        .zip(vec![sender; 4])
        .map(|(id, sender)| thread::spawn(move || (0..ITEMS).for_each(|item| C::push(&sender, id * ITEMS + item))))
        .collect();
    let consumers: Vec<_> = receivers
        .into_iter()
        .map(|receiver| {
            thread::spawn(move || {
                let taken: Vec<u64> = (0..items).map(|_| C::pop(&receiver)).collect();
                (taken, receiver)
            })
        })
        .collect();
    for producer in producers {
        producer.join().expect("a producer panicked");
    }
    let taken: Vec<_> = consumers.into_iter().map(|thread| thread.join().expect("a consumer panicked").0).collect();

    for items in &taken {
        for producer in 0..PRODUCERS {
            let own: Vec<_> = items.iter().filter(|&item| item / ITEMS == producer).collect();
            assert!(own.is_sorted(), "{name}: items of producer {producer} came out of order");
        }
    }
    let mut all: Vec<_> = taken.concat();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..PRODUCERS * ITEMS), "{name}: an item was lost or came twice");
}
