use crate::{interrupted, number, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_webhooks");

#[test]
fn delivers_all_that_it_accepts_from_patient_sources() {
    let report = report(PROGRAM, &["--events", "200", "--patience", "1000000"]);
    assert!(report.contains("200 accepted, 0 shed"), "{report}");
}

#[test]
fn sheds_load_at_the_entrance() {
    let report = report(PROGRAM, &["--events", "300", "--workers", "1", "--capacity", "1", "--patience", "0"]);
    assert!(!report.contains(" 0 shed"), "{report}");
}

#[test]
fn events_that_no_attempt_delivers_are_dead_letters() {
    let report = report(PROGRAM, &["--events", "10", "--fail", "100", "--patience", "1000000"]);
    assert!(report.contains("0 delivered, 10 dead letters, after 30 retries"), "{report}");
}

#[test]
fn ctrl_c_delivers_what_was_accepted() {
    let report = interrupted(PROGRAM, &["--events", "1000000"]);
    assert!(number(&report, "offered") < 1_000_000, "{report}");
}

#[test]
fn refuses_bad_input() {
    refused(PROGRAM, &["--fail", "101"], "--fail");
    refused(PROGRAM, &["--capacity", "none"], "--capacity");
}
