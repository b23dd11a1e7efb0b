//! The programs, run: what they report, what they do under bad conditions, and that a killed process loses nothing.

#![cfg(unix)] // signals

mod conditions;
mod programs;
mod running;
mod web_ingest;

use running::{LIMIT, Running};

/// Runs a program to its end; gives its report, of which every proof holds.
fn report(program: &str, args: &str) -> String {
    let run = assert_cmd::Command::new(program).args(args.split_whitespace()).timeout(LIMIT).assert().success();
    let report = String::from_utf8(run.get_output().stdout.clone()).expect("reports are text");
    check(&report);
    report
}

fn check(report: &str) {
    let proofs: Vec<_> = report.lines().filter(|line| line.starts_with("proof")).collect();
    assert!(!proofs.is_empty(), "a report without a proof:\n{report}");
    assert!(proofs.iter().all(|proof| proof.ends_with(": yes")), "a proof that fails:\n{report}");
}

/// The first number of the report's line of that name.
fn number(report: &str, name: &str) -> u64 {
    let line = report.lines().find_map(|line| line.strip_prefix(name)).expect(name);
    line.split(|c: char| !c.is_ascii_digit()).find_map(|word| word.parse().ok()).expect(line)
}

/// Starts a program on more than it can do in the time, sends SIGINT once it is under way, gives the report.
fn interrupted(program: &str, args: &str) -> String {
    let mut running = Running::start(program, args);
    running.wait_for("Ctrl-C");
    running.signal("-INT", 1);
    let (status, report) = running.end();
    assert_eq!(status, Some(130), "{program}: {report}");
    check(&report);
    report
}

/// Bad input: exit status 2, one line on stderr that has `words` in it, and nothing on stdout.
fn refused(program: &str, args: &str, words: &str) {
    let run =
        assert_cmd::Command::new(program).args(args.split_whitespace()).timeout(LIMIT).assert().code(2).stdout("");
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.lines().count() == 1 && stderr.contains(words), "{program} {args}: {stderr}");
}
