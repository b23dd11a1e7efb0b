//! The documented scenario in real time, here and in Go, with the same items and delays.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::external::{GO, Process};
use crate::rounds;
use crate::single::{Figures, Measure};
use ::scenario::Scenario;
use ::support::stdout::print;

const TOOL: &str = "go";
const ARGUMENTS: [&str; 3] = ["run", "benches/go/scenario.go", "-plan"];
/// Programs with the items and delays of one seed need about the same time.
const SEED: u64 = 1;

/// `None` if Go cannot run. Prints the reason.
pub(crate) fn run(args: &Args) -> Option<Measure> {
    if !args.wants(GO) {
        return None;
    }
    let scenario = Scenario { seed: Some(SEED), ..Scenario::default() };
    let plan = plan(&scenario);
    if let Err(error) = in_go(&plan) {
        print(format_args!("the documented scenario: not measured, `{TOOL} {}`: {error}", ARGUMENTS.join(" ")));
        return None;
    }
    let ours = || {
        let begin = Instant::now();
        let report = scenario.run().expect("the documented scenario can be run");
        assert!(report.verdict.holds(), "{}", report.verdict);
        millis(begin.elapsed())
    };
    let theirs = || millis(in_go(&plan).expect("it has answered before"));
    let rounds = rounds::repeat(if args.quick() { 1 } else { 3 }, || Figures::of(ours, theirs));
    Some(Measure::new("the documented scenario, same delays", "ms", GO, rounds))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The scenario as `scenario.go` reads it: its size, then each producer's items and delays, then each consumer's delays.
fn plan(scenario: &Scenario) -> String {
    let Scenario { capacity, producers, consumers, items, .. } = *scenario;
    let mut plan = format!("{capacity} {producers} {consumers} {items}\n");
    let mut put = |number: u128| write!(plan, "{number} ").expect("a string takes all that is written");
    let items = usize::try_from(items).expect("a handful");
    for producer in 1..=producers {
        for (value, delay) in scenario.steps(SEED, producer).take(items) {
            put(value.into());
            put(delay.as_micros());
        }
    }
    for consumer in 1..=consumers {
        scenario.delays(SEED, consumer).take(producers * items).for_each(|delay| put(delay.as_micros()));
    }
    plan
}

/// Runs it and returns the time by Go's own clock, which leaves out the compiler.
fn in_go(plan: &str) -> io::Result<Duration> {
    let mut go = Process::start(TOOL, &ARGUMENTS)?;
    go.ask.take().expect("it is open").write_all(plan.as_bytes())?;
    let mut lines = String::new();
    go.answer.read_to_string(&mut lines)?;

    let values = |what| {
        let mut values: Vec<_> = lines.lines().filter_map(|line| line.split_once(what)).map(|line| line.1).collect();
        values.sort_unstable();
        values
    };
    if values("produced: ") != values("consumed: ") {
        return Err(io::Error::other("what it consumed is not what it produced"));
    }
    let nanos = lines.lines().last().and_then(|line| line.strip_prefix("took ")?.strip_suffix(" ns")?.parse().ok());
    nanos
        .map(Duration::from_nanos)
        .ok_or_else(|| io::Error::other(format!("it did not say how long it took: {lines:?}")))
}
