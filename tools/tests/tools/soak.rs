//! A short soak: a few rounds of the tool `soak`, so that every test run has threads that panic, leave and close in mid-run.
//! The rounds are drawn anew each time; a failure names its seed.

use std::hash::{BuildHasher, RandomState};

use crate::support::watched;

#[path = "../../src/bin/soak/plan.rs"]
mod plan;
#[path = "../../src/bin/soak/round.rs"]
mod round;
#[path = "../../src/bin/soak/threads.rs"]
mod threads;
#[path = "../../src/bin/soak/total.rs"]
mod total;

#[test]
fn random_shapes_with_faults_lose_nothing_and_keep_every_order() {
    let seed = RandomState::new().hash_one(0);
    let mut total = total::Total::default();
    for number in 0..8 {
        println!("cargo run --release --bin soak -- --seed {seed} --round {number}"); // shown if it fails
        let plan = plan::Plan::new(seed, number);
        let outcome = watched(move || round::run(&plan).unwrap_or_else(|violation| panic!("{violation}: {plan:#?}")));
        total.add(&outcome);
    }
    println!("{total}");
    assert!(total.rounds == 8 && total.items > 0, "something went through");
}

/// The plan is the seed's, and only the schedule is the machine's: so a failure can be run again.
#[test]
fn a_seed_draws_the_same_rounds_again() {
    for round in 0..50 {
        let plan = |seed| format!("{:?}", plan::Plan::new(seed, round));
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }
}
