use crate::{interrupted, number, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_thumbnails");

#[test]
fn makes_every_thumbnail_with_workers_that_come_and_go() {
    let report = report(PROGRAM, &["--images", "60", "--size", "128", "--workers", "2", "--capacity", "1"]);
    assert_eq!(number(&report, "images"), 60);
    assert!(report.contains("2 from"), "no second worker in the flood: {report}");
}

#[test]
fn ctrl_c_finishes_what_was_handed_on() {
    let report = interrupted(PROGRAM, &["--images", "500", "--size", "64", "--capacity", "1", "--workers", "1"]);
    assert!(number(&report, "images") < 500, "{report}");
}

#[test]
fn refuses_bad_input() {
    refused(PROGRAM, &["--images", "0"], "--images");
    refused(PROGRAM, &["--size", "big"], "--size");
}
