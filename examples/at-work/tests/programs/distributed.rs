use std::process::Command;

use crate::running::LIMIT;
use crate::{interrupted, number, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_distributed");

/// Says so and gives false where there is no Redis: a skipped test is better than a red one for want of a package.
fn redis() -> bool {
    let there = Command::new("redis-server").arg("--version").output().is_ok();
    if !there {
        eprintln!("SKIPPED: redis-server is not installed");
    }
    there
}

#[test]
fn a_killed_process_loses_no_item() {
    if redis() {
        let report = report(PROGRAM, &["--items", "40", "--time-scale", "10"]);
        assert!(report.contains("80 added, 80 processed"), "{report}");
        assert!(number(&report, "outcome") == 0 && report.contains("items pending, which others claimed"), "{report}");
    }
}

#[test]
fn ctrl_c_processes_what_was_added() {
    if redis() {
        let report = interrupted(PROGRAM, &["--items", "100000", "--time-scale", "10"]);
        assert!(number(&report, "items") < 200_000, "{report}");
    }
}

#[test]
fn says_what_is_missing() {
    let run = assert_cmd::Command::new(PROGRAM).env("PATH", "/nowhere").timeout(LIMIT).assert().code(3);
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.lines().count() == 1 && stderr.contains("redis-server is not installed"), "{stderr}");
}

#[test]
fn refuses_bad_input() {
    refused(PROGRAM, &["--consumers", "0"], "--consumers");
    refused(PROGRAM, &["--worker", "producer-1"], "--redis");
}
