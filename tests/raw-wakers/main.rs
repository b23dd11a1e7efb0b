//! A waker is code of the user when it is cloned, too: a clone may use the buffer, and it may panic.
//!
//! A clone of `std::task::Wake` only counts, so these wakers have a virtual table of their own.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use bounded_buffer::BoundedBuffer;
use test_support::watched;

type Buffer = Arc<BoundedBuffer<u32>>;

/// What a waker does when it is cloned, and when it or a clone is dropped.
struct Behaviour {
    on_clone: Box<dyn Fn() + Send + Sync>,
    on_drop: Box<dyn Fn() + Send + Sync>,
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, drop_waker, |_| {}, drop_waker); // `wake` only drops

fn raw(behaviour: Arc<Behaviour>) -> RawWaker {
    RawWaker::new(Arc::into_raw(behaviour).cast(), &TABLE)
}

/// # Safety
///
/// `data` is the pointer of a waker of `raw` that is not dropped yet.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the pointer is that of an `Arc`, whose count the waker keeps.
    let behaviour = ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Behaviour>()) });
    (behaviour.on_clone)();
    raw(Arc::clone(&behaviour))
}

/// # Safety
///
/// As `clone`, and the waker is not used again.
unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the pointer is that of an `Arc`, and the count of this waker ends here.
    let behaviour = unsafe { Arc::from_raw(data.cast::<Behaviour>()) };
    (behaviour.on_drop)();
}

fn waker(on_clone: impl Fn() + Send + Sync + 'static, on_drop: impl Fn() + Send + Sync + 'static) -> Waker {
    let behaviour = Behaviour { on_clone: Box::new(on_clone), on_drop: Box::new(on_drop) };
    // SAFETY: the functions of the table keep the contract of `RawWaker`: they are thread-safe, because the closures are `Send` and
    // `Sync`, and each waker has a count of the `Arc`.
    unsafe { Waker::from_raw(raw(Arc::new(behaviour))) }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Panics without a message.
fn fail() {
    resume_unwind(Box::new("on purpose"));
}

/// A use of the buffer under its own lock would block this thread.
#[test]
fn a_waker_is_cloned_and_dropped_without_the_lock() {
    watched(|| {
        let buffer = Buffer::new(BoundedBuffer::new(1));
        let uses = Arc::new(AtomicUsize::new(0));
        let new_waker = || {
            let uses_buffer = || {
                let (buffer, uses) = (buffer.clone(), uses.clone());
                move || _ = uses.fetch_add(1 + buffer.len(), Ordering::SeqCst)
            };
            waker(uses_buffer(), uses_buffer())
        };
        let mut pop = buffer.pop_async();
        let (first, second) = (new_waker(), new_waker());
        assert!(poll(&mut pop, &first).is_pending());
        assert_eq!(uses.load(Ordering::SeqCst), 1, "cloned");
        assert!(poll(&mut pop, &second).is_pending());
        assert_eq!(uses.load(Ordering::SeqCst), 3, "cloned, and the older one dropped");
        drop(pop);
        assert_eq!(uses.load(Ordering::SeqCst), 4, "dropped");
    });
}

#[test]
fn a_waker_whose_clone_panics_leaves_no_waiter() {
    watched(|| {
        let buffer = Buffer::new(BoundedBuffer::new(1));
        let panics = waker(fail, || {});
        let mut pop = buffer.pop_async();
        assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut pop, &panics))).is_err());
        assert_eq!(buffer.stats().waiting_consumers, 0);
        assert!(poll(&mut pop, Waker::noop()).is_pending());
        buffer.push(1).unwrap();
        assert_eq!(poll(&mut pop, Waker::noop()), Poll::Ready(Ok(1)));
    });
}

/// The item arrives while the task clones its waker, so the clone is not needed.
#[test]
fn a_clone_that_is_not_needed_and_panics_when_dropped_loses_no_item() {
    watched(|| {
        let buffer = Buffer::new(BoundedBuffer::new(1));
        let drops = AtomicUsize::new(0);
        let pushes = {
            let buffer = buffer.clone();
            move || buffer.push(1).unwrap()
        };
        let waker = waker(pushes, move || {
            if drops.fetch_add(1, Ordering::SeqCst) == 0 {
                fail();
            }
        });
        let mut pop = buffer.pop_async();
        assert_eq!(poll(&mut pop, &waker), Poll::Ready(Ok(1)));
        assert_eq!(buffer.stats().waiting_consumers, 0);
    });
}
