//! A short soak, so that each test run contains threads that panic, leave and close the buffer during the run; and the tool's
//! command line. Each run draws new rounds; a failure prints its seed.

use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use soak::plan::{self, Plan};
use soak::round::{self, Outcome};
use test_support::watched;

#[test]
fn random_scenarios_with_faults_lose_duplicate_and_reorder_no_item() {
    let seed = RandomState::new().hash_one(0);
    let mut total = Outcome::default();
    for number in 0..8 {
        println!("cargo run --release --bin soak -- --seed {seed} --round {number}"); // shown if it fails
        let plan = Plan::new(seed, number, plan::TASKS);
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
        let plan = |seed| format!("{:?}", Plan::new(seed, round, plan::TASKS));
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }
}

fn program(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_soak"));
    command.args(arguments.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("the soak prints text")
}

#[cfg(unix)]
#[test]
fn an_interrupted_soak_reports_where_to_continue() {
    watched(|| {
        let mut child = program(&format!("--items {} --seed 7 --from 3", u64::MAX)).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut report = String::new();
        stdout.read_line(&mut report).unwrap();
        // Twice: `timeout` signals its child and then the child's process group.
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id, &id]).status().unwrap().success());
        stdout.read_to_string(&mut report).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{report}");
        assert!(report.starts_with("seed 7\nseed 7, rounds 3 to "), "{report}");
        assert!(report.contains("interrupted; continue with --seed 7 --from "), "{report}");
    });
}

#[test]
fn bad_flags_are_one_line_and_status_2() {
    watched(|| {
        let output = program("--sideways").output().unwrap();
        assert_eq!((output.status.code(), output.stdout), (Some(2), vec![]));
        let line = text(output.stderr);
        assert!(line.starts_with("error: ") && line.lines().count() == 1, "{line}");
        assert_eq!(program("--items 0").output().unwrap().status.code(), Some(2));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_pipe_ends_it_quietly_and_a_full_disk_with_one_line() {
    watched(|| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader); // as `head` does
        let output = program("--items 1").stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), text(output.stderr).as_str()), (Some(0), ""));

        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = program("--items 1").stdout(full).output().unwrap();
        let line = text(output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(line.starts_with("error: cannot write to stdout: ") && line.lines().count() == 1, "{line}");
    });
}
