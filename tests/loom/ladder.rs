//! Models of each step of study/ladder: the steps differ in speed, and all have the same properties.

use ladder::{
    step1_textbook, step2_parking_lot, step3_notify_if_waiting, step4_chained_wakeups, step5_spin, step6_batches,
};
use loom::sync::Arc;
use loom::thread;

use crate::explore::{BOTH_ORDERS, BOUNDED};
use crate::harness::{Model, test};

/// A step whose items are numbers.
trait Step: ladder::Step<u32> {}
impl<S: ladder::Step<u32>> Step for S {}

fn spawn<S: Step, R: 'static>(step: &Arc<S>, work: impl FnOnce(&S) -> R + 'static) -> thread::JoinHandle<R> {
    let step = step.clone();
    thread::spawn(move || work(&step))
}

/// One slot and two items: the producer waits in some schedules, and so does the consumer.
fn items_arrive_in_order<S: Step>() {
    BOUNDED.explore("items arrive in order", || {
        let step = Arc::new(S::new(1));
        let producer = spawn(&step, |step| step.push_all([1, 2]));
        assert_eq!((step.pop(), step.pop()), (Some(1), Some(2)));
        assert!(producer.join().unwrap());
    });
}

/// Two items for two consumers: a lost wake-up is a deadlock.
fn each_consumer_gets_an_item<S: Step>() {
    BOTH_ORDERS.explore("each consumer gets an item", || {
        let step = Arc::new(S::new(2));
        let consumers = [spawn(&step, S::pop), spawn(&step, S::pop)];
        assert!(step.push_all([1, 2]));
        let mut taken = consumers.map(|consumer| consumer.join().unwrap());
        taken.sort_unstable();
        assert_eq!(taken, [Some(1), Some(2)]);
    });
}

/// Close concurrently with a pop from an empty buffer and a push into a full one.
fn close_ends_each_wait<S: Step>() {
    BOUNDED.explore("close ends each wait", || {
        let (empty, full) = (Arc::new(S::new(1)), Arc::new(S::new(1)));
        full.push_all([1]);
        let consumer = spawn(&empty, S::pop);
        let producer = spawn(&full, |step| step.push_all([2]));
        empty.close();
        full.close();
        assert_eq!(consumer.join().unwrap(), None);
        assert!(!producer.join().unwrap());
        assert_eq!((full.pop(), full.pop()), (Some(1), None), "an accepted item is delivered");
    });
}

fn each_property<S: Step>() {
    items_arrive_in_order::<S>();
    each_consumer_gets_an_item::<S>();
    close_ends_each_wait::<S>();
}

pub(crate) const MODELS: &[Model] = &[
    test("step1_textbook", each_property::<step1_textbook::Buffer<u32>>),
    test("step2_parking_lot", each_property::<step2_parking_lot::Buffer<u32>>),
    test("step3_notify_if_waiting", each_property::<step3_notify_if_waiting::Buffer<u32>>),
    test("step4_chained_wakeups", each_property::<step4_chained_wakeups::Buffer<u32>>),
    test("step5_spin", each_property::<step5_spin::Buffer<u32>>),
    test("step6_batches", each_property::<step6_batches::Buffer<u32>>),
];
