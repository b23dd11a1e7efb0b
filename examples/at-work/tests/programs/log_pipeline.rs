use crate::{interrupted, number, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_log_pipeline");

#[test]
fn counts_every_line_once() {
    assert_eq!(number(&report(PROGRAM, &["--lines", "20003", "--capacity", "1"]), "lines"), 20_003);
}

#[test]
fn reads_the_users_own_files_as_far_as_they_are_in_the_format() {
    let directory = tempfile::tempdir().expect("a place for a directory");
    let path = directory.path().join("access.log");
    let good = r#"::1 - - [10/Oct/2026:13:55:36 -0700] "GET /tea HTTP/1.0" 503 -"#;
    std::fs::write(&path, format!("{good}\nnonsense\n{good}")).expect("a place for a file");
    let report = report(PROGRAM, &[path.to_str().expect("plain letters")]);
    assert_eq!(number(&report, "lines"), 3);
    assert!(report.contains("1 in another format") && report.contains("/tea: 2 requests, 2 failures"), "{report}");
}

#[test]
fn ctrl_c_summarises_what_was_read() {
    let report = interrupted(PROGRAM, &["--lines", "1000000"]);
    assert!(number(&report, "lines") < 1_000_000, "{report}");
}

#[test]
fn refuses_bad_input() {
    refused(PROGRAM, &["--lines", "0"], "--lines");
    refused(PROGRAM, &["--lines", "10000001"], "not in 1 to 10000000");
    refused(PROGRAM, &["--sideways"], "--sideways");
    refused(PROGRAM, &["/nowhere/access.log"], "/nowhere/access.log");
    refused(PROGRAM, &["/"], "not a file");
}
