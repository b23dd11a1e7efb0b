//! A cancelled future does not keep the wake-up of another waiter.
//!
//! In `count.rs` each task repeats what was cancelled, and so it would find an item whose wake-up was lost. Here an impatient task
//! tries once for each item. A patient waiter on the same side waits for its wake-up, and the next item comes after this one.

use std::thread;

use bounded_buffer::{Consumer, Producer, bounded};

use crate::cancel::Cancel;
use crate::executor::{EXECUTORS, Executor, Task};
use test_support::watched;

const ROUNDS: u32 = 500;

/// The buffer of each round, with a slot that is freed and filled again or an item that is pushed and popped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Push,
    Pop,
}

/// An operation of a round.
async fn act(side: Side, to: &Producer<u32>, from: &Consumer<u32>, cancel: Option<Cancel>) -> bool {
    match (side, cancel) {
        (Side::Push, None) => to.push_async(0).await.is_ok(),
        (Side::Pop, None) => from.pop_async().await.is_ok(),
        (Side::Push, Some(cancel)) => cancel.run(to.push_async(0)).await.is_some_and(|result| result.is_ok()),
        (Side::Pop, Some(cancel)) => cancel.run(from.pop_async()).await.is_some_and(|result| result.is_ok()),
    }
}

/// Runs the rounds. The patient waiter is a thread or a task.
fn check(executor: Executor, cancel: Cancel, side: Side, patient_thread: bool) {
    println!("{executor:?}, {cancel:?}, {side:?}, patient thread: {patient_thread}");
    let (to, from) = bounded(1);
    let (turn, turns) = bounded(1); // lets the impatient task try
    let (done, is_done) = bounded(1); // receives which operation succeeded
    let (patient_to, patient_from, patient_done) = (to.clone(), from.clone(), done.clone());
    if side == Side::Push {
        to.push(0).expect("the buffer is empty");
    }
    let mut tasks: Vec<Task> = Vec::new();
    thread::scope(|threads| {
        if patient_thread {
            threads.spawn(move || {
                let act = || match side {
                    Side::Push => patient_to.push(0).is_ok(),
                    Side::Pop => patient_from.pop().is_ok(),
                };
                while act() && patient_done.push("patient").is_ok() {}
            });
        } else {
            tasks.push(Box::pin(async move {
                while act(side, &patient_to, &patient_from, None).await
                    && patient_done.push_async("patient").await.is_ok()
                {}
            }));
        }
        let (impatient_to, impatient_from) = (to.clone(), from.clone());
        tasks.push(Box::pin(async move {
            while turns.pop_async().await.is_ok() {
                if act(side, &impatient_to, &impatient_from, Some(cancel)).await {
                    done.push_async("impatient").await.expect("the rounds go on");
                }
            }
        }));
        tasks.push(Box::pin(async move {
            for _ in 0..ROUNDS {
                turn.push_async(()).await.expect("the impatient task is there");
                match side {
                    Side::Push => _ = from.pop_async().await.expect("the buffer is open"),
                    Side::Pop => to.push_async(0).await.expect("the buffer is open"),
                }
                is_done.pop_async().await.expect("both are there");
            }
            from.buffer().close(); // ends the patient waiter
        }));
        executor.run(tasks);
    });
}

#[test]
fn a_cancelled_future_passes_its_wakeup_on_to_a_patient_waiter() {
    watched(|| {
        for executor in EXECUTORS {
            for &cancel in executor.cancels() {
                for (side, patient_thread) in
                    [(Side::Push, false), (Side::Push, true), (Side::Pop, false), (Side::Pop, true)]
                {
                    check(executor, cancel, side, patient_thread);
                }
            }
        }
    });
}
