use crate::{interrupted, number, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rate_limit");

#[test]
fn the_service_sees_every_call_and_no_more_than_it_allows() {
    let report = report(PROGRAM, &["--calls", "100", "--rate", "100"]);
    assert!(report.contains("100 accepted, 100 answered, 100 in the service's log"), "{report}");
}

#[test]
fn an_idle_caller_closes_its_connection() {
    let report = report(PROGRAM, &["--calls", "20", "--callers", "1", "--rate", "1000"]);
    assert_ne!(number(&report, "callers"), 0, "{report}");
}

#[test]
fn ctrl_c_makes_the_calls_that_were_accepted() {
    let report = interrupted(PROGRAM, &["--calls", "1000000"]);
    assert!(number(&report, "calls") < 1_000_000, "{report}");
}

#[test]
fn refuses_bad_input() {
    refused(PROGRAM, &["--rate", "0"], "--rate");
    refused(PROGRAM, &["stray"], "stray");
}
