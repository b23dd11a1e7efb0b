//! Tasks: items a second between tasks, and between tasks and threads, on tokio's runtime.

use std::future::Future;
use std::hint::black_box;
use std::rc::Rc;
use std::thread;
use std::time::Instant;

use benches::Channel;
use benches::peers::{Adaptive, AsyncChannel, Flume, Kanal, TokioMpsc};
use benches::processor::process_time;
use benches::workload::{Load, Took};
use results::{OURS, SMALL_ITEM, Tasks};
use tokio::runtime::{Builder, Runtime};

use crate::args::Args;
use crate::contestant::Timed;
use crate::grid;

/// A channel with an interface for tasks, too.
trait TaskChannel: Channel<u64, Sender: Sync> {
    /// Waits while the channel is full.
    fn push_async(sender: &Self::Sender, item: u64) -> impl Future<Output = ()> + Send;
    /// Waits while the channel is empty.
    fn pop_async(receiver: &mut Self::Receiver) -> impl Future<Output = u64> + Send;
}

/// Implements the trait. Neither a push nor a pop fails, because both ends stay open.
macro_rules! for_tasks {
    ($channel:ty, |$s:ident, $item:ident| $push:expr, |$r:ident| $pop:expr) => {
        impl TaskChannel for $channel {
            async fn push_async($s: &Self::Sender, $item: u64) {
                assert!($push.await.is_ok(), "the receivers outlive the senders");
            }
            async fn pop_async($r: &mut Self::Receiver) -> u64 {
                $pop.await.expect("the senders outlive the items")
            }
        }
    };
}

for_tasks!(Adaptive, |buffer, item| buffer.push_async(item), |buffer| buffer.pop_async());
#[cfg(feature = "compare")]
for_tasks!(benches::peers::Before, |buffer, item| buffer.push_async(item), |buffer| buffer.pop_async());
#[cfg(feature = "compare")]
for_tasks!(benches::peers::Again, |buffer, item| buffer.push_async(item), |buffer| buffer.pop_async());
for_tasks!(AsyncChannel, |sender, item| sender.send(item), |receiver| receiver.recv());
for_tasks!(Flume, |sender, item| sender.send_async(item), |receiver| receiver.recv_async());
for_tasks!(Kanal, |sender, item| sender.as_async().send(item), |receiver| receiver.as_async().recv());
for_tasks!(TokioMpsc, |sender, item| sender.send(item), |receiver| receiver.get_mut().recv());

/// What pushes, what pops, and on how many worker threads the tasks run.
struct Ends {
    name: &'static str,
    worker_threads: usize,
    thread_pushes: bool,
    thread_pops: bool,
}

const ENDS: [Ends; 4] = [
    Ends { name: "task to task, two worker threads", worker_threads: 2, thread_pushes: false, thread_pops: false },
    Ends { name: "task to task, one worker thread", worker_threads: 1, thread_pushes: false, thread_pops: false },
    Ends { name: "thread to task", worker_threads: 1, thread_pushes: true, thread_pops: false },
    Ends { name: "task to thread", worker_threads: 1, thread_pushes: false, thread_pops: true },
];

pub(crate) fn run(args: &Args) -> Vec<Tasks> {
    let measure = |ends: &'static Ends| {
        let grid = grid::run(args, SMALL_ITEM, &args.tasks(), contestants(ends));
        Tasks { ends: ends.name.to_owned(), grid }
    };
    ENDS.iter().map(measure).collect()
}

fn contestants(ends: &'static Ends) -> Vec<Timed> {
    let mut builder = Builder::new_multi_thread();
    let runtime = Rc::new(builder.worker_threads(ends.worker_threads).build().expect("threads can be started"));
    vec![
        contestant::<Adaptive>(OURS, ends, &runtime),
        #[cfg(feature = "compare")]
        contestant::<benches::peers::Before>("before", ends, &runtime),
        #[cfg(feature = "compare")]
        contestant::<benches::peers::Again>("before again", ends, &runtime),
        contestant::<TokioMpsc>("tokio mpsc", ends, &runtime),
        contestant::<AsyncChannel>("async-channel", ends, &runtime),
        contestant::<Flume>("flume", ends, &runtime),
        contestant::<Kanal>("kanal", ends, &runtime),
    ]
}

fn contestant<C: TaskChannel>(name: &str, ends: &'static Ends, runtime: &Rc<Runtime>) -> Timed {
    let runtime = runtime.clone();
    Timed::new(name, move |load| {
        let (sender, receivers) = C::open(load.shape.capacity, load.shape.consumers)?;
        Some(time::<C>(load, &runtime, ends, sender, receivers))
    })
}

/// When a worker began and ended, and the sum of the items that it popped.
type Worked = (Instant, Instant, u64);

/// # Panics
///
/// If the items that were popped are not those that were pushed.
fn time<C: TaskChannel>(
    load: Load,
    runtime: &Runtime,
    ends: &Ends,
    sender: C::Sender,
    receivers: Vec<C::Receiver>,
) -> Took {
    let processor = process_time();
    let (mut tasks, mut threads) = (Vec::new(), Vec::new());
    for receiver in receivers {
        if ends.thread_pops {
            threads.push(thread::spawn(move || pop_in_thread::<C>(load, &receiver)));
        } else {
            tasks.push(runtime.spawn(pop_in_task::<C>(load, receiver)));
        }
    }
    for sender in vec![sender; load.shape.producers] {
        if ends.thread_pushes {
            threads.push(thread::spawn(move || push_in_thread::<C>(load, &sender)));
        } else {
            tasks.push(runtime.spawn(push_in_task::<C>(load, sender)));
        }
    }
    let tasks = tasks.into_iter().map(|task| runtime.block_on(task).expect("a task panicked"));
    let threads = threads.into_iter().map(|thread| thread.join().expect("a thread panicked"));
    let results: Vec<Worked> = tasks.chain(threads).collect();
    let processor = process_time().saturating_sub(processor);
    let begin = results.iter().map(|worked| worked.0).min().expect("there are workers");
    let end = results.iter().map(|worked| worked.1).max().expect("there are workers");
    let items = load.items_per_producer();
    let pushed = load.shape.producers as u64 * (items * (items - 1) / 2);
    assert_eq!(results.iter().map(|worked| worked.2).sum::<u64>(), pushed, "an item was lost or came twice");
    Took { wall: end - begin, processor }
}

async fn push_in_task<C: TaskChannel>(load: Load, sender: C::Sender) -> Worked {
    let begin = Instant::now();
    for item in 0..load.items_per_producer() {
        load.work.before_push.run();
        C::push_async(&sender, item).await;
    }
    (begin, Instant::now(), 0)
}

fn push_in_thread<C: TaskChannel>(load: Load, sender: &C::Sender) -> Worked {
    let begin = Instant::now();
    for item in 0..load.items_per_producer() {
        load.work.before_push.run();
        C::push(sender, item);
    }
    (begin, Instant::now(), 0)
}

async fn pop_in_task<C: TaskChannel>(load: Load, mut receiver: C::Receiver) -> Worked {
    let (begin, mut sum) = (Instant::now(), 0);
    for _ in 0..load.items_per_consumer() {
        sum += black_box(C::pop_async(&mut receiver).await);
        load.work.after_pop.run();
    }
    (begin, Instant::now(), sum)
}

fn pop_in_thread<C: TaskChannel>(load: Load, receiver: &C::Receiver) -> Worked {
    let (begin, mut sum) = (Instant::now(), 0);
    for _ in 0..load.items_per_consumer() {
        sum += black_box(C::pop(receiver));
        load.work.after_pop.run();
    }
    (begin, Instant::now(), sum)
}
