//! The executors, behind one function.

use std::convert::Infallible;
use std::thread;

use bounded_buffer::bounded;
use futures::future::BoxFuture;
use tokio::runtime::Builder;

use crate::cancel::Cancel;

pub(crate) type Task = BoxFuture<'static, ()>;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Executor {
    /// tokio on one thread. Its clock is paused: while all tasks wait, it advances to the next time-out.
    TokioCurrentThread,
    /// tokio on two threads.
    TokioMultiThread,
    /// smol on two threads.
    Smol,
    /// `futures::executor::block_on`, a thread for each task.
    BlockOn,
}

impl Executor {
    /// Returns the ways to cancel a future that this executor supports.
    pub(crate) fn cancels(self) -> &'static [Cancel] {
        match self {
            Self::TokioCurrentThread | Self::TokioMultiThread => {
                &[Cancel::TokioTimeout, Cancel::TokioSelect, Cancel::FuturesSelect]
            }
            Self::Smol => &[Cancel::SmolTimer, Cancel::TokioSelect, Cancel::FuturesSelect],
            Self::BlockOn => &[Cancel::TokioSelect, Cancel::FuturesSelect],
        }
    }

    /// Runs the tasks to their end.
    pub(crate) fn run(self, tasks: Vec<Task>) {
        match self {
            Self::TokioCurrentThread => on_tokio(Builder::new_current_thread().start_paused(true), tasks),
            Self::TokioMultiThread => on_tokio(Builder::new_multi_thread().worker_threads(2), tasks),
            Self::Smol => on_smol(tasks),
            Self::BlockOn => thread::scope(|threads| {
                for task in tasks {
                    threads.spawn(|| futures::executor::block_on(task));
                }
            }),
        }
    }
}

fn on_tokio(builder: &mut Builder, tasks: Vec<Task>) {
    let runtime = builder.enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let tasks: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in tasks {
            task.await.expect("the task does not panic");
        }
    });
}

fn on_smol(tasks: Vec<Task>) {
    let executor = smol::Executor::new();
    let tasks: Vec<_> = tasks.into_iter().map(|task| executor.spawn(task)).collect();
    // Dropped when the tasks are done or one has panicked. That closes the buffer, which ends the second thread.
    let (running, ended) = bounded::<Infallible>(1);
    thread::scope(|threads| {
        threads.spawn(|| smol::block_on(executor.run(ended.pop_async())));
        let _running = running;
        smol::block_on(executor.run(async {
            for task in tasks {
                task.await;
            }
        }));
    });
}
