//! The verdict on channels that break their promise.

use crate::quick;
use bounded_buffer::{BoundedBuffer, Consumer, Producer, PushError, TryPushError};
use scenario::{Channel, Item, PushEnd, Scenario, Verdict};
use std::marker::PhantomData;
use std::sync::Arc;
use test_support::watched;

/// A fault in the way a channel pushes an item.
trait Fault: Send + 'static {
    fn push(channel: &Faulty<Self>, item: Item) -> Result<(), PushError<Item>>;
}

/// The pushing end of a buffer, with a fault.
struct Faulty<F: ?Sized> {
    inner: Producer<Item>,
    /// The item that is pushed later.
    held: Arc<BoundedBuffer<Item>>,
    fault: PhantomData<fn(&F)>,
}

impl<F> Clone for Faulty<F> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), held: self.held.clone(), fault: PhantomData }
    }
}

impl<F: Fault> PushEnd for Faulty<F> {
    fn try_push(&self, item: Item) -> Result<(), TryPushError<Item>> {
        F::push(self, item).map_err(TryPushError::from)
    }

    fn push(&self, item: Item) -> Result<(), PushError<Item>> {
        F::push(self, item)
    }
}

/// The channel with the fault `F`.
struct Broken<F>(PhantomData<F>);

impl<F: Fault> Channel for Broken<F> {
    const NAME: &'static str = "broken";
    type Push = Faulty<F>;
    type Pop = Consumer<Item>;

    fn open(capacity: usize) -> (Faulty<F>, Consumer<Item>) {
        let (inner, pop) = bounded_buffer::bounded(capacity);
        (Faulty { inner, held: Arc::new(BoundedBuffer::new(1)), fault: PhantomData }, pop)
    }
}

fn is_third(item: &Item) -> bool {
    item.producer() == 1 && item.sequence() == 2
}

struct Loses;
impl Fault for Loses {
    fn push(channel: &Faulty<Self>, item: Item) -> Result<(), PushError<Item>> {
        if is_third(&item) { Ok(()) } else { channel.inner.push(item) }
    }
}

struct Doubles;
impl Fault for Doubles {
    fn push(channel: &Faulty<Self>, item: Item) -> Result<(), PushError<Item>> {
        if is_third(&item) {
            channel.inner.push(item.clone())?;
        }
        channel.inner.push(item)
    }
}

struct Reorders;
impl Fault for Reorders {
    fn push(channel: &Faulty<Self>, item: Item) -> Result<(), PushError<Item>> {
        if is_third(&item) {
            return channel.held.push(item);
        }
        let follows = item.producer() == 1;
        channel.inner.push(item)?;
        if let Some(Ok(held)) = follows.then(|| channel.held.try_pop()) {
            channel.inner.push(held)?;
        }
        Ok(())
    }
}

struct ReportsClosed;
impl Fault for ReportsClosed {
    fn push(channel: &Faulty<Self>, item: Item) -> Result<(), PushError<Item>> {
        if !is_third(&item) {
            return channel.inner.push(item);
        }
        channel.inner.push(item.clone())?;
        Err(PushError(item))
    }
}

#[test]
fn the_verdict_names_the_fault_of_a_broken_channel() {
    fn verdict<F: Fault>() -> Verdict {
        // One consumer, because the order of items across consumers is not defined.
        let scenario = Scenario { consumers: 1, ..quick() };
        let report = scenario.start_on::<Broken<F>, _>(()).unwrap().join();
        assert_eq!(report.verdict.holds(), report.verdict == Verdict::default());
        report.verdict
    }
    watched(|| {
        let good = Verdict::default();
        assert_eq!(verdict::<Loses>(), Verdict { lost: 1, ..good });
        assert_eq!(verdict::<Doubles>(), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict::<Reorders>(), Verdict { reordered: 1, ..good });
        assert_eq!(verdict::<ReportsClosed>(), Verdict { unaccepted: 1, ..good });
        assert_eq!(verdict::<Loses>().to_string(), "BROKEN: 1 lost, 0 duplicated, 0 not accepted, 0 out of order");
    });
}
