//! Tasks: items a second between tasks, and between tasks and threads, on tokio's runtime.

mod peers;

use std::fmt;
use std::hint::black_box;
use std::rc::Rc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use benches::processor::process_time;
use benches::workload::{Load, Took};
use results::{OURS, SMALL_ITEM, Tasks};
use support::stdout::print;
use tokio::runtime::{Builder, Runtime};

use crate::args::Args;
use crate::contestant::{Contestant, wanted};
use crate::{grid, summary};

use peers::{AsyncChannel, Flume, Kanal, Ours, TaskChannel, Tokio};

/// What pushes, what pops, and on how many worker threads the tasks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    TasksOnTwoThreads,
    TasksOnOneThread,
    ThreadToTask,
    TaskToThread,
}

impl Ends {
    const ALL: [Self; 4] = [Self::TasksOnTwoThreads, Self::TasksOnOneThread, Self::ThreadToTask, Self::TaskToThread];

    fn worker_threads(self) -> usize {
        if self == Self::TasksOnTwoThreads { 2 } else { 1 }
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TasksOnTwoThreads => "task to task, two worker threads",
            Self::TasksOnOneThread => "task to task, one worker thread",
            Self::ThreadToTask => "thread to task",
            Self::TaskToThread => "task to thread",
        })
    }
}

pub(crate) fn run(args: &Args) -> Vec<Tasks> {
    let measure = |ends: Ends| {
        let mut contestants = wanted(args, contestants(ends));
        let grid = grid::run(args, SMALL_ITEM, &args.tasks(), &mut contestants);
        print(format_args!("\n{ends}:"));
        summary::against_peers(&grid);
        Tasks { ends: ends.to_string(), grid }
    };
    Ends::ALL.map(measure).into()
}

/// The names of all contestants.
pub(crate) fn names() -> Vec<String> {
    contestants(Ends::TasksOnOneThread).into_iter().map(|contestant| contestant.name).collect()
}

fn contestants(ends: Ends) -> Vec<Contestant> {
    let mut builder = Builder::new_multi_thread();
    let runtime = Rc::new(builder.worker_threads(ends.worker_threads()).build().expect("threads can be started"));
    vec![
        contestant::<Ours>(OURS, ends, &runtime),
        contestant::<Tokio>("tokio mpsc", ends, &runtime),
        contestant::<AsyncChannel>("async-channel", ends, &runtime),
        contestant::<Flume>("flume", ends, &runtime),
        contestant::<Kanal>("kanal", ends, &runtime),
    ]
}

fn contestant<C: TaskChannel>(name: &str, ends: Ends, runtime: &Rc<Runtime>) -> Contestant {
    let runtime = runtime.clone();
    Contestant::new(name, move |load| {
        let (sender, receivers) = C::open(load.shape.capacity, load.shape.consumers)?;
        Some(time::<C>(load, &runtime, ends, sender, receivers))
    })
}

/// When a worker began and ended, and the sum of the items that it popped.
type Worked = (Instant, Instant, u64);

/// A worker of one side: a thread or a task.
enum Worker {
    Thread(JoinHandle<Worked>),
    Task(tokio::task::JoinHandle<Worked>),
}

/// # Panics
///
/// If the items that were popped are not those that were pushed.
fn time<C: TaskChannel>(
    load: Load,
    runtime: &Runtime,
    ends: Ends,
    sender: C::Sender,
    receivers: Vec<C::Receiver>,
) -> Took {
    let processor = process_time();
    let mut workers = Vec::new();
    for receiver in receivers {
        workers.push(match ends {
            Ends::TaskToThread => Worker::Thread(thread::spawn(move || pop_in_thread::<C>(load, receiver))),
            _ => Worker::Task(runtime.spawn(pop_in_task::<C>(load, receiver))),
        });
    }
    for sender in vec![sender; load.shape.producers] {
        workers.push(match ends {
            Ends::ThreadToTask => Worker::Thread(thread::spawn(move || push_in_thread::<C>(load, &sender))),
            _ => Worker::Task(runtime.spawn(push_in_task::<C>(load, sender))),
        });
    }
    let results: Vec<Worked> = workers.into_iter().map(|worker| join(runtime, worker)).collect();
    let processor = process_time().saturating_sub(processor);
    let begin = results.iter().map(|worked| worked.0).min().expect("there are workers");
    let end = results.iter().map(|worked| worked.1).max().expect("there are workers");
    let items = load.items_per_producer();
    let pushed = load.shape.producers as u64 * (items * (items - 1) / 2);
    assert_eq!(results.iter().map(|worked| worked.2).sum::<u64>(), pushed, "an item was lost or came twice");
    Took { wall: end - begin, processor }
}

fn join(runtime: &Runtime, worker: Worker) -> Worked {
    match worker {
        Worker::Thread(thread) => thread.join().expect("a worker panicked"),
        Worker::Task(task) => runtime.block_on(task).expect("a worker panicked"),
    }
}

async fn push_in_task<C: TaskChannel>(load: Load, sender: C::Sender) -> Worked {
    let begin = Instant::now();
    for item in 0..load.items_per_producer() {
        load.work.before_push.run();
        C::push(&sender, item).await;
    }
    (begin, Instant::now(), 0)
}

fn push_in_thread<C: TaskChannel>(load: Load, sender: &C::Sender) -> Worked {
    let begin = Instant::now();
    for item in 0..load.items_per_producer() {
        load.work.before_push.run();
        C::push_blocking(sender, item);
    }
    (begin, Instant::now(), 0)
}

async fn pop_in_task<C: TaskChannel>(load: Load, mut receiver: C::Receiver) -> Worked {
    let (begin, mut sum) = (Instant::now(), 0);
    for _ in 0..load.items_per_consumer() {
        sum += black_box(C::pop(&mut receiver).await);
        load.work.after_pop.run();
    }
    (begin, Instant::now(), sum)
}

fn pop_in_thread<C: TaskChannel>(load: Load, mut receiver: C::Receiver) -> Worked {
    let (begin, mut sum) = (Instant::now(), 0);
    for _ in 0..load.items_per_consumer() {
        sum += black_box(C::pop_blocking(&mut receiver));
        load.work.after_pop.run();
    }
    (begin, Instant::now(), sum)
}
