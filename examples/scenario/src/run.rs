//! A running scenario: how it is started, changed, closed and joined.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use bounded_buffer::{BoundedBuffer, Stats};

use crate::channel::{Channel, PopEnd};
use crate::error::StartError;
use crate::event::Observer;
use crate::item::Item;
use crate::log::{ConsumerLog, ThreadReport};
use crate::random::random_seed;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::shared::{Pool, Shared};

/// The threads of a [`Scenario`]. Created by [`Scenario::start`].
///
/// ```
/// use scenario::Scenario;
///
/// let mut run = Scenario { time_scale: 0.01, ..Scenario::default() }.start(())?;
/// run.add_consumer()?;
/// assert!(run.remove_consumer());
/// let report = run.join();
/// assert_eq!(report.consumers.len(), 4); // includes the consumer that stopped
/// assert!(report.verdict.holds());
/// # Ok::<(), scenario::StartError>(())
/// ```
///
/// Dropping it without [`join`](Self::join) closes the run and detaches its threads.
#[must_use = "dropping a run closes it"]
pub struct Run<C: Channel = BoundedBuffer<Item>, O: Observer = ()> {
    shared: Arc<Shared<C, O>>,
    begin: Instant,
    producers: Vec<JoinHandle<ThreadReport>>,
    consumers: Vec<JoinHandle<ConsumerLog>>,
}

impl Scenario {
    /// Runs the scenario on a [`BoundedBuffer`] without an observer, and blocks until it ends.
    ///
    /// # Errors
    ///
    /// Fails as [`start_on`](Self::start_on) does.
    pub fn run(&self) -> Result<Report, StartError> {
        Ok(self.start(())?.join())
    }

    /// Starts the scenario on a [`BoundedBuffer`].
    ///
    /// # Errors
    ///
    /// Fails as [`start_on`](Self::start_on) does.
    pub fn start<O: Observer>(&self, observer: O) -> Result<Run<BoundedBuffer<Item>, O>, StartError> {
        self.start_on(observer)
    }

    /// Starts the scenario on the channel `C`.
    ///
    /// # Errors
    ///
    /// Fails if the scenario is not valid, if the channel supports only one consumer and the scenario has more, or if the
    /// operating system does not start a thread. Threads that were already started then stop.
    pub fn start_on<C: Channel, O: Observer>(&self, observer: O) -> Result<Run<C, O>, StartError> {
        self.validate()?;
        let seed = self.seed.unwrap_or_else(random_seed);
        Run::start(Self { seed: Some(seed), ..self.clone() }, seed, observer)
    }
}

impl<C: Channel, O: Observer> Run<C, O> {
    fn start(scenario: Scenario, seed: u64, observer: O) -> Result<Self, StartError> {
        let (push, pop) = C::open(scenario.capacity);
        let mut ends = Vec::new();
        for _ in 1..scenario.consumers {
            ends.push(pop.try_clone().ok_or(StartError::OneConsumerOnly(C::NAME))?);
        }
        let spare = pop.try_clone();
        ends.push(pop);

        let producers = vec![push.clone(); scenario.producers];
        let pool = Pool { push: Some(push), pop: spare, consumers: 0 };
        let shared = Arc::new(Shared::new(scenario, seed, observer, pool));
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

    /// Adds a consumer. Returns its number.
    ///
    /// # Errors
    ///
    /// Fails if the channel supports only one consumer, if all consumers have failed, or if the operating system does not
    /// start a thread.
    pub fn add_consumer(&mut self) -> Result<usize, StartError> {
        let end = {
            let pool = self.shared.pool.lock();
            let end = pool.pop.as_ref().and_then(C::Pop::try_clone);
            let refusal =
                if pool.consumers == 0 { StartError::NoConsumerLeft } else { StartError::OneConsumerOnly(C::NAME) };
            end.ok_or(refusal)?
        };
        self.spawn_consumer(end)
    }

    fn spawn_consumer(&mut self, end: C::Pop) -> Result<usize, StartError> {
        let id = self.consumers.len() + 1;
        let shared = self.shared.clone();
        self.shared.pool.lock().consumers += 1;
        match Builder::new().name(format!("consumer {id}")).spawn(move || shared.run_consumer(id, end)) {
            Ok(thread) => {
                self.consumers.push(thread);
                Ok(id)
            }
            Err(error) => {
                self.shared.pool.lock().consumers -= 1;
                Err(StartError::Thread(error))
            }
        }
    }

    /// Removes a consumer: the first one that is about to begin a pop stops instead.
    ///
    /// A consumer that already waits for an item pops that item first, so on an empty channel no consumer stops yet. Returns
    /// false and removes none if only one is left.
    #[must_use = "false means that no consumer will stop"]
    pub fn remove_consumer(&self) -> bool {
        self.shared.remove_consumer()
    }

    /// Returns the channel's own counters so far, if it has any. They show, for example, whether another consumer would help.
    #[must_use]
    pub fn stats(&self) -> Option<Stats> {
        self.shared.stats()
    }

    /// Returns [`stats`](Self::stats) as a function, to be called while another thread is in [`join`](Self::join).
    pub fn stats_reader(&self) -> impl Fn() -> Option<Stats> + Send + Sync + use<C, O> {
        let shared = self.shared.clone();
        move || shared.stats()
    }

    /// Ends the run early, without blocking: producers push nothing more, delays end, and consumers pop the accepted items.
    pub fn close(&self) {
        self.shared.close_early();
    }

    /// Returns [`close`](Self::close) as a function, to be called while another thread is in [`join`](Self::join).
    pub fn closer(&self) -> impl Fn() + Send + Sync + use<C, O> {
        let shared = self.shared.clone();
        move || shared.close_early()
    }

    /// Joins the producers, closes the channel, joins the consumers, and returns the report.
    ///
    /// # Panics
    ///
    /// Panics if the observer panics on the last event of a thread (`Ended` or `Failed`). An earlier panic of the observer
    /// counts as a panic of the thread that called it.
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
