//! A scenario while it runs.

use std::panic::resume_unwind;
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use super::channel::{Channel, PopEnd};
use super::error::StartError;
use super::event::Observer;
use super::item::Item;
use super::report::{Report, ThreadReport};
use super::scenario::Scenario;
use super::worker::{ConsumerLog, Desk, Shared};
use crate::sync::Arc;
use crate::{BoundedBuffer, Stats};

/// The threads of a [`Scenario`], running. Made by [`Scenario::start`].
///
/// ```
/// use bounded_buffer::runner::Scenario;
///
/// let mut run = Scenario { time_scale: 0.01, ..Scenario::default() }.start(())?;
/// run.add_consumer()?;
/// assert!(run.remove_consumer());
/// let report = run.join();
/// assert_eq!(report.consumers.len(), 4); // those that left are in the report, too
/// assert!(report.verdict.holds());
/// # Ok::<(), bounded_buffer::runner::StartError>(())
/// ```
///
/// Dropped without [`join`](Self::join), it is closed, and nobody waits for its threads.
#[must_use = "a run that is dropped is closed"]
pub struct Run<C: Channel = BoundedBuffer<Item>, O: Observer = ()> {
    shared: Arc<Shared<C, O>>,
    begin: Instant,
    producers: Vec<JoinHandle<ThreadReport>>,
    consumers: Vec<JoinHandle<ConsumerLog>>,
}

impl<C: Channel, O: Observer> Run<C, O> {
    pub(crate) fn start(scenario: Scenario, seed: u64, observer: O) -> Result<Self, StartError> {
        let (push, pop) = C::open(scenario.capacity);
        let mut ends = Vec::new();
        for _ in 1..scenario.consumers {
            ends.push(pop.another().ok_or(StartError::OneConsumerOnly(C::NAME))?);
        }
        let spare = pop.another();
        ends.push(pop);

        let producers = vec![push.clone(); scenario.producers];
        let desk = Desk { push: Some(push), spare, consumers: 0 };
        let shared = Arc::new(Shared::new(scenario, seed, observer, desk));
        let mut run = Self { shared, begin: Instant::now(), producers: Vec::new(), consumers: Vec::new() };
        for (id, end) in (1..).zip(producers) {
            let shared = run.shared.clone();
            let thread = Builder::new().name(format!("producer {id}"));
            run.producers.push(thread.spawn(move || shared.run_producer(id, end)).map_err(StartError::Thread)?);
        }
        for end in ends {
            run.spawn_consumer(end)?;
        }
        Ok(run)
    }

    /// One consumer more. Returns its number.
    ///
    /// # Errors
    ///
    /// If the channel admits one consumer only, if all consumers have failed, or if the system refuses a thread.
    pub fn add_consumer(&mut self) -> Result<usize, StartError> {
        let end = {
            let desk = self.shared.desk.lock();
            let end = desk.spare.as_ref().and_then(C::Pop::another);
            let refusal =
                if desk.consumers == 0 { StartError::NoConsumerLeft } else { StartError::OneConsumerOnly(C::NAME) };
            end.ok_or(refusal)?
        };
        self.spawn_consumer(end)
    }

    fn spawn_consumer(&mut self, end: C::Pop) -> Result<usize, StartError> {
        let id = self.consumers.len() + 1;
        let shared = self.shared.clone();
        self.shared.desk.lock().consumers += 1;
        match Builder::new().name(format!("consumer {id}")).spawn(move || shared.run_consumer(id, end)) {
            Ok(thread) => {
                self.consumers.push(thread);
                Ok(id)
            }
            Err(error) => {
                self.shared.desk.lock().consumers -= 1;
                Err(StartError::Thread(error))
            }
        }
    }

    /// One consumer less: whichever first comes back for another item leaves instead. One that already waits for an item
    /// takes that first; so with nothing to do, all stay. False, and nothing happens, if there is only one.
    #[must_use = "it is false if nobody will leave"]
    pub fn remove_consumer(&self) -> bool {
        self.shared.remove_consumer()
    }

    /// What the channel has counted so far, if it counts: whether it pays to add or remove a consumer, for one.
    #[must_use]
    pub fn stats(&self) -> Option<Stats> {
        self.shared.stats()
    }

    /// [`stats`](Self::stats) as a function that can be called while another thread is in [`join`](Self::join): to watch the
    /// run to its end, say.
    pub fn stats_reader(&self) -> impl Fn() -> Option<Stats> + Send + Sync + use<C, O> {
        let shared = self.shared.clone();
        move || shared.stats()
    }

    /// Ends the run before its time: producers push nothing more, nobody pauses any longer, and consumers pop what was
    /// accepted. Does not wait for that.
    pub fn close(&self) {
        self.shared.close_early();
    }

    /// [`close`](Self::close) as a function that can be called while another thread is in [`join`](Self::join): from a
    /// signal handler's thread, say.
    pub fn closer(&self) -> impl Fn() + Send + Sync + use<C, O> {
        let shared = self.shared.clone();
        move || shared.close_early()
    }

    /// Waits for the producers, closes the channel, waits for the consumers, and reports.
    ///
    /// # Panics
    ///
    /// If the observer panics when it is told that a thread has ended or failed. Its panics before that are the failure of
    /// the thread in which they happen.
    #[must_use]
    pub fn join(mut self) -> Report {
        let producers = join_all(std::mem::take(&mut self.producers));
        let closed_early = self.shared.is_closed_early();
        self.shared.close();
        let consumers = join_all(std::mem::take(&mut self.consumers));
        let elapsed = self.begin.elapsed();
        let scenario = self.shared.scenario.clone();
        Report::new(C::NAME, scenario, elapsed, closed_early, producers, consumers, self.stats())
    }
}

fn join_all<T>(threads: Vec<JoinHandle<T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
}

impl<C: Channel, O: Observer> Drop for Run<C, O> {
    fn drop(&mut self) {
        self.shared.close_early();
    }
}
