use crate::{interrupted, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ticker");

#[test]
fn evicts_with_force_push_alone() {
    let report = report(PROGRAM, &["--prices", "50", "--interval", "100", "--capacity", "1"]);
    assert!(report.contains("200 issued, 200 read, 0 evicted"), "{report}");
    let line = report.lines().find(|line| line.starts_with("force_push")).expect("a line of its own");
    assert!(line.contains("200 issued") && !line.contains(" 0 evicted"), "{report}");
}

#[test]
fn ctrl_c_reads_what_was_issued() {
    interrupted(PROGRAM, &["--prices", "1000000"]);
}

#[test]
fn refuses_bad_input() {
    refused(PROGRAM, &["--interval", "0"], "--interval");
    refused(PROGRAM, &["--feeds", "many"], "--feeds");
}
