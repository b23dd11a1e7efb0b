//! Models of a crate that has a bounded buffer inside. `docs/loom.md` has the command.
#![cfg(loom)]

use bounded_buffer::{BoundedBuffer, bounded};
use in_a_model::Jobs;
use loom::model::Builder;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

/// Explores the schedules with at most three preemptions.
fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.max_branches = 20_000;
    builder.check(model);
}

#[test]
fn jobs_never_counts_below_zero_and_all_are_done() {
    explore(|| {
        let jobs = Arc::new(Jobs::new(1));
        let worker = thread::spawn({
            let jobs = jobs.clone();
            move || {
                let mut sum = 0;
                jobs.work(|job| sum += job);
                sum
            }
        });
        for job in [1, 2] {
            assert!(jobs.submit(job));
            assert!(jobs.unfinished() <= 2);
        }
        jobs.close();
        assert_eq!(worker.join().unwrap(), 3);
        assert_eq!(jobs.unfinished(), 0);
    });
}

/// The same count, taken after the push: a worker can finish the job first.
#[test]
#[should_panic(expected = "a count below zero")]
fn loom_finds_a_bug_around_the_buffer() {
    explore(|| {
        let shared = Arc::new((BoundedBuffer::new(1), AtomicUsize::new(0)));
        let worker = thread::spawn({
            let shared = shared.clone();
            move || {
                shared.0.pop().unwrap();
                assert!(shared.1.fetch_sub(1, Ordering::Relaxed) > 0, "a count below zero");
            }
        });
        shared.0.push(()).unwrap();
        shared.1.fetch_add(1, Ordering::Relaxed);
        worker.join().unwrap();
    });
}

#[test]
fn handles_close_the_buffer_in_a_model() {
    explore(|| {
        let (producer, consumer) = bounded(1);
        let worker = thread::spawn(move || consumer.iter().sum::<u32>());
        producer.push(1).unwrap();
        drop(producer);
        assert_eq!(worker.join().unwrap(), 1);
    });
}

#[test]
#[should_panic(expected = "outside a loom model: with `--cfg loom` and the feature `loom`, a buffer works inside")]
fn a_buffer_outside_a_model_is_one_clear_message() {
    _ = BoundedBuffer::<u8>::new(1);
}
