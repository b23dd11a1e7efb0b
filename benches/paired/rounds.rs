//! Repeats measurements in rounds until each mode of the machine has enough of them.

use std::fmt::Debug;
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use results::{Contest, ContestCell, Mode, Round, Rounds, Runs};
use support::stdout::print;

use crate::args::Limits;
use crate::contestant::Contestant;
use crate::distance::{self, mode_of, possible_modes};

fn lacks<T>(cell: &Rounds<T>, mode: Mode, limits: Limits) -> bool {
    cell.of(mode).count() < limits.rounds
}

/// Measures the cells in turn. Leaves out a cell that has enough rounds in the present mode.
pub(crate) fn collect<T>(
    cells: usize,
    limits: Limits,
    mut measure: impl FnMut(usize, &mut StdRng) -> T,
) -> Vec<Rounds<T>> {
    let modes = possible_modes();
    let mut all: Vec<_> = (0..cells).map(|_| Rounds { rounds: Vec::new(), dropped: 0 }).collect();
    let wanted = cells * modes.len() * limits.rounds;
    let bar = ProgressBar::new(wanted as u64); // prints nothing if stderr is not a terminal
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} rounds {elapsed}").expect("a valid template"));
    let begin = Instant::now();
    let mut order: Vec<usize> = (0..cells).collect();
    let mut rng = StdRng::seed_from_u64(0);
    let incomplete = |all: &[Rounds<T>]| all.iter().any(|cell| modes.iter().any(|&mode| lacks(cell, mode, limits)));
    'sweeps: while incomplete(&all) {
        order.shuffle(&mut rng);
        let mut measured = false;
        let mut before = distance::measure();
        for &cell in &order {
            if begin.elapsed() > limits.time {
                break 'sweeps;
            }
            let Some(mode) = mode_of(before).filter(|&mode| lacks(&all[cell], mode, limits)) else { continue };
            measured = true;
            let value = measure(cell, &mut rng);
            let after = distance::measure();
            if mode_of(after) == Some(mode) {
                all[cell].rounds.push(Round { mode, distance: before.zip(after), measured: value });
                bar.inc(1);
            } else {
                all[cell].dropped += 1;
            }
            before = after;
        }
        if !measured {
            if !limits.waits_for_modes {
                break;
            }
            thread::sleep(Duration::from_millis(20)); // until the mode changes
        }
    }
    bar.finish_and_clear();
    report_missing(&all, limits);
    all
}

/// Lets each contestant run once in a round of each load. What `surround` returns for a load lives during its round.
pub(crate) fn contest<S, L: Copy + Debug, T, A>(
    limits: Limits,
    setting: S,
    loads: Vec<L>,
    mut contestants: Vec<Contestant<L, T>>,
    surround: impl Fn(L) -> A,
) -> Contest<S, L, T> {
    let rounds = collect(loads.len(), limits, |cell, rng| {
        let _around = surround(loads[cell]);
        let count = contestants.len();
        Runs { runs: in_changing_order(rng, count, |index| contestants[index].run(loads[cell])) }
    });
    let cells = loads.into_iter().zip(rounds).map(|(load, rounds)| ContestCell { load, rounds });
    let names = contestants.into_iter().map(|contestant| contestant.name);
    Contest { setting, names: names.collect(), cells: cells.collect() }
}

/// The given number of rounds of a measurement that does not depend on the distance of the cores.
pub(crate) fn repeat<T>(rounds: usize, mut measure: impl FnMut() -> T) -> Rounds<T> {
    let rounds = (0..rounds).map(|_| Round { mode: Mode::Any, distance: None, measured: measure() });
    Rounds { rounds: rounds.collect(), dropped: 0 }
}

/// The length of a run, as the results state it.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).expect("a short time")
}

/// Runs each of `count` contestants once and returns the results by number. Which one runs after which is random, because each
/// leaves its own caches and clock frequency.
pub(crate) fn in_changing_order<T>(rng: &mut StdRng, count: usize, mut run: impl FnMut(usize) -> T) -> Vec<T> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(rng);
    let mut results: Vec<(usize, T)> = order.into_iter().map(|index| (index, run(index))).collect();
    results.sort_by_key(|result| result.0);
    results.into_iter().map(|result| result.1).collect()
}

fn report_missing<T>(all: &[Rounds<T>], limits: Limits) {
    let dropped: usize = all.iter().map(|cell| cell.dropped).sum();
    let kept: usize = all.iter().map(|cell| cell.rounds.len()).sum();
    print(format_args!("\n{kept} rounds; {dropped} more were dropped, because the distance of the cores changed"));
    for &mode in possible_modes() {
        let lacking = all.iter().filter(|cell| lacks(cell, mode, limits)).count();
        let without = all.iter().filter(|cell| cell.of(mode).next().is_none()).count();
        if lacking > 0 {
            print(format_args!(
                "missing: {mode}: {lacking} of {} cells have fewer than {} rounds, {without} have none",
                all.len(),
                limits.rounds
            ));
        }
    }
}
