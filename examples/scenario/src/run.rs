//! A running scenario: how it is started, closed and joined.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use bounded_buffer::Stats;

use crate::event::Observer;
use crate::report::{Report, ThreadReport, TimeInBuffer, new_histogram};
use crate::scenario::{Scenario, StartError, random_seed};
use crate::verdict::Verdict;
use crate::worker::{ConsumerLog, Shared};

/// The threads of a [`Scenario`]. Created by [`Scenario::start`].
///
/// Dropping it without [`join`](Self::join) closes the run and detaches its threads.
#[must_use = "dropping a run closes it"]
pub struct Run {
    shared: Arc<Shared>,
    producers: Vec<JoinHandle<ThreadReport>>,
    consumers: Vec<JoinHandle<ConsumerLog>>,
}

/// Reads the counters of a [`Run`] and ends it, also while another thread is in [`Run::join`].
///
/// ```
/// use scenario::Scenario;
///
/// let run = Scenario { items: u64::MAX, ..Scenario::default() }.start(Vec::new())?;
/// let control = run.control();
/// std::thread::spawn(move || control.close());
/// let report = run.join();
/// assert!(report.closed_early && report.verdict.holds());
/// # Ok::<(), scenario::StartError>(())
/// ```
#[derive(Clone)]
pub struct Control(Arc<Shared>);

impl Scenario {
    /// [Starts](Self::start) the scenario without an observer, and blocks until it ends.
    pub fn run(&self) -> Result<Report, StartError> {
        Ok(self.start(Vec::new())?.join())
    }

    /// Starts the scenario.
    ///
    /// # Errors
    ///
    /// Fails if the scenario is not valid, or if the operating system does not start a thread. Threads that were already started
    /// then stop.
    pub fn start(&self, observers: Vec<Observer>) -> Result<Run, StartError> {
        self.validate()?;
        let seed = self.seed.unwrap_or_else(random_seed);
        let shared = Arc::new(Shared::new(Self { seed: Some(seed), ..self.clone() }, seed, observers));
        let mut run = Run { shared, producers: Vec::new(), consumers: Vec::new() };
        for id in 1..=self.producers {
            run.producers.push(spawn(&run.shared, "producer", id, Shared::run_producer)?);
        }
        for id in 1..=self.consumers {
            run.consumers.push(spawn(&run.shared, "consumer", id, Shared::run_consumer)?);
        }
        Ok(run)
    }
}

fn spawn<T: Send + 'static>(
    shared: &Arc<Shared>,
    role: &str,
    id: usize,
    body: fn(&Shared, usize) -> T,
) -> Result<JoinHandle<T>, StartError> {
    let shared = shared.clone();
    let thread = Builder::new().name(format!("{role} {id}")).spawn(move || body(&shared, id));
    thread.map_err(|error| StartError(format!("cannot start a thread: {error}")))
}

impl Run {
    /// Returns a handle for other threads.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(self.shared.clone())
    }

    /// Joins the producers, closes the buffer, joins the consumers, and returns the report.
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
        let logs = join_all(std::mem::take(&mut self.consumers));
        let elapsed = self.shared.begin.elapsed();

        let mut times = new_histogram();
        let (mut consumers, mut tallies) = (Vec::new(), Vec::new());
        for log in logs {
            times.add(log.times).expect("the histogram grows as needed");
            consumers.push(log.report);
            tallies.push(log.tally);
        }
        let accepted: Vec<_> = producers.iter().map(|producer| producer.items).collect();
        let popped = consumers.iter().map(|consumer| consumer.items).sum();
        #[allow(clippy::cast_precision_loss, reason = "a rate for display")]
        let items_per_second = popped as f64 / elapsed.as_secs_f64();
        Report {
            scenario: self.shared.scenario.clone(),
            elapsed,
            closed_early,
            pushed: accepted.iter().sum(),
            popped,
            items_per_second,
            producers,
            consumers,
            time_in_buffer: TimeInBuffer::of(&times),
            counters: self.shared.buffer.stats(),
            verdict: Verdict::of(&accepted, &tallies),
        }
    }
}

fn join_all<T>(threads: Vec<JoinHandle<T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
}

impl Drop for Run {
    fn drop(&mut self) {
        self.shared.close_early();
    }
}

impl Control {
    /// Returns the buffer's own counters so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.buffer.stats()
    }

    /// Ends the run early, without blocking: producers push nothing more, delays end, and consumers pop the accepted items.
    pub fn close(&self) {
        self.0.close_early();
    }
}

#[cfg(test)]
mod tests {
    use bounded_buffer::BoundedBuffer;

    use super::*;
    use crate::event::{Action, Event, Worker};
    use crate::worker::Item;

    /// Runs one producer and then, after something has been done to the buffer, one consumer.
    fn verdict(fault: fn(&BoundedBuffer<Item>)) -> Verdict {
        let (ended, begin) = (Arc::new(BoundedBuffer::<()>::new(1)), Arc::new(BoundedBuffer::<()>::new(1)));
        let observer = {
            let (ended, begin) = (ended.clone(), begin.clone());
            move |event: &Event| match (event.worker, event.action) {
                (Worker::Producer(_), Action::Ended) => _ = ended.close(),
                (Worker::Consumer(_), Action::Began) => assert!(begin.pop().is_err()),
                _ => {}
            }
        };
        let scenario = Scenario { producers: 1, consumers: 1, capacity: 20, time_scale: 0.0, ..Scenario::default() };
        let run = scenario.start(vec![Box::new(observer)]).unwrap();
        assert!(ended.pop().is_err());
        fault(&run.shared.buffer);
        begin.close();
        let verdict = run.join().verdict;
        assert_eq!(verdict.holds(), verdict == Verdict::default());
        verdict
    }

    #[test]
    fn the_verdict_names_the_fault_of_a_broken_buffer() {
        let good = Verdict::default();
        assert_eq!(verdict(|_| {}), good);
        assert_eq!(verdict(|buffer| drop(buffer.pop())), Verdict { lost: 1, ..good });
        assert_eq!(verdict(|buffer| buffer.push(Item::new(1, 9, 0)).unwrap()), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict(|buffer| buffer.push(Item::new(1, 10, 0)).unwrap()), Verdict { unaccepted: 1, ..good });
        let moved = verdict(|buffer| buffer.push(buffer.pop().unwrap()).unwrap());
        assert_eq!(moved, Verdict { reordered: 1, ..good });
        assert_eq!(moved.to_string(), "BROKEN: 0 lost, 0 duplicated, 0 not accepted, 1 out of order");
    }
}
