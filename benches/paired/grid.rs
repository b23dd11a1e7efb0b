//! Items per second over capacities, threads and amounts of work.

use std::thread;
use std::time::Duration;

use benches::work::Work;
use benches::workload::{Load, Took};
use results::{Cell, Grid, Key, Rates, Shape};

use crate::args::Args;
use crate::contestant::Timed;
use crate::rounds;

/// One contestant in one cell.
struct Seat {
    contestant: usize,
    items: u64,
}

/// Measures the contestants that `--peers` selects.
pub(crate) fn run(args: &Args, item: &str, loads: &[(Shape, Work)], mut contestants: Vec<Timed>) -> Grid {
    contestants.retain(|contestant| args.wants(&contestant.name));
    let limits = args.limits();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let names: Vec<String> = contestants.iter().map(|contestant| contestant.name.clone()).collect();
    let mut seats: Vec<Option<Vec<Seat>>> = loads.iter().map(|_| None).collect();
    let rounds = rounds::collect(loads.len(), limits, |cell, rng| {
        let (shape, work) = loads[cell];
        let seats = seats[cell].get_or_insert_with(|| sized(args, shape, work, &mut contestants));
        let count = seats.len();
        let run = |index: usize| {
            let Seat { contestant, items } = &mut seats[index];
            let load = Load::new(shape, work, *items);
            let took = contestants[*contestant].run(load).expect("it ran before with so many threads");
            *items = items_for(args, load, took);
            per_item(load, took)
        };
        let (rates, processor_time_ns) = rounds::in_changing_order(rng, count, run).into_iter().unzip();
        Rates { rates, processor_time_ns }
    });
    let cells = loads.iter().zip(seats).zip(rounds).map(|((&(shape, work), seats), rounds)| Cell {
        key: Key { before_push_ns: work.before_push.nanos, after_pop_ns: work.after_pop.nanos, shape },
        ideal: work.ideal(shape.producers, shape.consumers, cores),
        names: seats.unwrap_or_default().iter().map(|seat| names[seat.contestant].clone()).collect(),
        rounds,
    });
    Grid { item: item.to_owned(), rounds: limits.rounds, run_ms: args.run_ms(), cells: cells.collect() }
}

/// The contestants that can run with this number of threads, each with a number of items for about the requested time.
/// With one number for all, a fast contestant would measure the start of its threads, and a slow one would take
/// minutes. Each run sets the number for the next one, because with few slots some runs of a contestant are several
/// times as fast as others: sized by a slow one alone, it would measure the start of its threads in all rounds.
fn sized(args: &Args, shape: Shape, work: Work, contestants: &mut [Timed]) -> Vec<Seat> {
    let size = |contestant: &mut Timed| {
        let mut items = 256;
        loop {
            let load = Load::new(shape, work, items);
            let enough = items_for(args, load, contestant.run(load)?);
            if enough < 3 * items {
                return Some(enough);
            }
            items *= 3;
        }
    };
    let seat = |(index, contestant)| Some(Seat { contestant: index, items: size(contestant)? });
    contestants.iter_mut().enumerate().filter_map(seat).collect()
}

/// The number of items with which a run would have taken the requested time.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a size")]
fn items_for(args: &Args, load: Load, took: Took) -> u64 {
    let wanted = Duration::from_millis(args.run_ms());
    ((load.items as f64 * wanted.as_secs_f64() / took.wall.as_secs_f64()) as u64).max(64)
}

/// Million items per second, and nanoseconds of processor time an item.
fn per_item(load: Load, took: Took) -> (f64, f64) {
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let items = load.items as f64;
    (items / took.wall.as_secs_f64() / 1e6, took.processor.as_secs_f64() * 1e9 / items)
}
