//! A short soak, so that each test run contains threads that panic, leave and close the buffer during the run; and the program.
//! Each run draws new rounds; a failure prints its seed.

use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use soak::plan::Plan;
use soak::round::{self, Outcome};
use test_support::watched;

#[test]
fn random_scenarios_with_faults_lose_duplicate_and_reorder_no_item() {
    let seed = RandomState::new().hash_one(0);
    let mut total = Outcome::default();
    for number in 0..8 {
        println!("cargo run --release --bin soak -- --seed {seed} --round {number}"); // shown if it fails
        let plan = Plan::new(seed, number);
        let outcome = watched(move || round::run(&plan).unwrap_or_else(|violation| panic!("{violation}: {plan:#?}")));
        total += outcome;
    }
    println!("{total}");
    assert!(total.rounds == 8 && total.items > 0, "some items were accepted");
}

/// A failed round can be repeated; only its schedule differs.
#[test]
fn a_seed_draws_the_same_rounds_again() {
    for round in 0..50 {
        let plan = |seed| format!("{:?}", Plan::new(seed, round));
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_soak_reports_its_rounds() {
    watched(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_soak"));
        command.args(["--items", &u64::MAX.to_string(), "--seed", "7"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut report = String::new();
        stdout.read_line(&mut report).unwrap();
        // Twice: `timeout` signals its child and then the child's process group.
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id, &id]).status().unwrap().success());
        stdout.read_to_string(&mut report).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{report}");
        assert!(
            report.starts_with("seed 7\n") && report.ends_with("no item lost, duplicated or reordered\n"),
            "{report}"
        );
    });
}
