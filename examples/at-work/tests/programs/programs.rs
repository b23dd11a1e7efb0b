//! Each program on a small input: its report holds, Ctrl-C ends it cleanly, and bad input is answered with one line.

use crate::running::{LIMIT, has_redis};
use crate::{interrupted, number, refused, report};

/// The paths of the programs.
pub(crate) const CSV_REPORT: &str = env!("CARGO_BIN_EXE_csv_report");
pub(crate) const DISTRIBUTED: &str = env!("CARGO_BIN_EXE_distributed");
pub(crate) const LOG_PIPELINE: &str = env!("CARGO_BIN_EXE_log_pipeline");
pub(crate) const RATE_LIMIT: &str = env!("CARGO_BIN_EXE_rate_limit");
pub(crate) const SQLITE_WRITER: &str = env!("CARGO_BIN_EXE_sqlite_writer");
pub(crate) const THUMBNAILS: &str = env!("CARGO_BIN_EXE_thumbnails");
pub(crate) const TICKER: &str = env!("CARGO_BIN_EXE_ticker");
pub(crate) const WEB_INGEST: &str = env!("CARGO_BIN_EXE_web_ingest");
pub(crate) const WEBHOOKS: &str = env!("CARGO_BIN_EXE_webhooks");

/// A program, its arguments, and what its report must contain.
type Contains = (&'static str, &'static str, &'static str);

/// Their proofs must hold, too.
#[test]
fn each_report_accounts_for_each_item() {
    let programs: [Contains; 10] = [
        (LOG_PIPELINE, "--lines 20003 --capacity 1", "20003, of which"),
        (SQLITE_WRITER, "--rows 1003 --batch 100 --capacity 10 --linger 1", "1003 rows in"),
        (RATE_LIMIT, "--calls 100 --rate 100", "100 accepted, 100 answered, 100 in the service's log"),
        (THUMBNAILS, "--images 60 --size 128 --workers 2 --capacity 1", "60, 0 of which failed"),
        (TICKER, "--prices 50 --interval 100 --capacity 1", "200 issued, 200 read, 0 evicted"),
        (WEB_INGEST, "--requests 200 --events 20 --patience 60000", "0.0 % of the events shed"),
        (WEBHOOKS, "--events 200 --patience 1000000", "200 accepted, 0 shed"),
        (WEBHOOKS, "--events 10 --fail 100 --patience 1000000", "0 delivered, 10 dead letters, after 30 retries"),
        (CSV_REPORT, "--make 5 --records 1000 --capacity 1", "4500 of 5 files"),
        (CSV_REPORT, "--make 5 --records 1000 --capacity 1", "sales-5.csv: line 502: invalid digit"),
    ];
    for (program, args, expected) in programs {
        let report = report(program, args);
        assert!(report.contains(expected), "{program}: {report}");
    }
}

#[test]
fn a_full_buffer_refuses_evicts_or_gets_another_worker() {
    let evicts = report(TICKER, "--prices 50 --interval 100 --capacity 1");
    let line = evicts.lines().find(|line| line.starts_with("force_push")).expect("a line of its own");
    assert!(line.contains("200 issued") && !line.contains(" 0 evicted"), "{evicts}");
    let sheds = report(WEBHOOKS, "--events 300 --workers 1 --capacity 1 --patience 0");
    assert!(!sheds.contains(" 0 shed"), "{sheds}");
    let sheds = report(WEB_INGEST, "--requests 200 --capacity 1 --patience 0");
    assert!(!sheds.contains(" 0.0 % of the events shed"), "{sheds}");
    let grows = report(THUMBNAILS, "--images 60 --size 128 --workers 2 --capacity 1");
    assert!(grows.contains("2 from"), "no second worker in the flood: {grows}");
}

#[test]
fn an_idle_caller_closes_its_connection() {
    let report = report(RATE_LIMIT, "--calls 20 --callers 1 --rate 1000");
    assert_ne!(number(&report, "callers"), 0, "{report}");
}

#[test]
fn a_killed_process_loses_no_item() {
    if has_redis() {
        let report = report(DISTRIBUTED, "--items 40 --time-scale 10");
        assert!(report.contains("80 added, 80 processed"), "{report}");
        assert!(number(&report, "outcome") == 0 && report.contains("items pending, which others claimed"), "{report}");
    }
}

/// Each program has more work than it can do before the signal, and reports what it had accepted.
#[test]
fn ctrl_c_drains_and_reports() {
    for (program, args, line, all) in [
        (CSV_REPORT, "--make 8 --records 200000 --capacity 1", "records", 1_500_000),
        (DISTRIBUTED, "--items 100000 --time-scale 10", "items", 200_000),
        (LOG_PIPELINE, "--lines 1000000", "lines", 1_000_000),
        (RATE_LIMIT, "--calls 1000000", "calls", 1_000_000),
        (SQLITE_WRITER, "--rows 100000000", "batches", 100_000_000),
        (THUMBNAILS, "--images 500 --size 64 --capacity 1 --workers 1", "images", 500),
        (TICKER, "--prices 1000000", "force_push", 4_000_000),
        (WEB_INGEST, "--requests 10000000", "buffer", 1_000_000_000),
        (WEBHOOKS, "--events 1000000", "offered", 1_000_000),
    ] {
        if program != DISTRIBUTED || has_redis() {
            let report = interrupted(program, args);
            assert!(number(&report, line) < all, "{program}: {report}");
        }
    }
}

#[test]
fn refuses_bad_input() {
    for (program, args, named) in [
        (CSV_REPORT, "--make -1", "-1"),
        (CSV_REPORT, "/nowhere.csv", "/nowhere.csv"),
        (DISTRIBUTED, "--consumers 0", "--consumers"),
        (DISTRIBUTED, "--worker producer-1", "--redis"),
        (LOG_PIPELINE, "--lines 0", "--lines"),
        (LOG_PIPELINE, "--lines 10000001", "not in 1 to 10000000"),
        (LOG_PIPELINE, "--sideways", "--sideways"),
        (LOG_PIPELINE, "/nowhere/access.log", "/nowhere/access.log"),
        (LOG_PIPELINE, "/", "not a file"),
        (RATE_LIMIT, "--rate 0", "--rate"),
        (RATE_LIMIT, "stray", "stray"),
        (SQLITE_WRITER, "--batch 0", "--batch"),
        (SQLITE_WRITER, "--acknowledge /nowhere/rows.db", "/nowhere/rows.db"),
        (THUMBNAILS, "--images 0", "--images"),
        (THUMBNAILS, "--size big", "--size"),
        (TICKER, "--interval 0", "--interval"),
        (TICKER, "--feeds many", "--feeds"),
        (WEB_INGEST, "--listen nowhere", "--listen"),
        (WEB_INGEST, "--listen 192.0.2.1:80", "192.0.2.1:80"),
        (WEB_INGEST, "--database /nowhere/events.db", "/nowhere/events.db"),
        (WEBHOOKS, "--fail 101", "--fail"),
        (WEBHOOKS, "--capacity none", "--capacity"),
    ] {
        refused(program, args, named);
    }
}

#[test]
fn says_what_is_missing() {
    let run = assert_cmd::Command::new(DISTRIBUTED).env("PATH", "/nowhere").timeout(LIMIT).assert().code(3);
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.lines().count() == 1 && stderr.contains("redis-server is not installed"), "{stderr}");
}

#[test]
fn reads_the_users_own_files_and_reports_what_is_broken() {
    let directory = tempfile::tempdir().expect("a place for a directory");
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("a place for a file");
        path.to_str().expect("plain letters").to_string()
    };
    let good = write("good.csv", "region,quantity,cents\nTea,2,150\n\"Tea\",1,50\n");
    let broken = write("broken.csv", "region,quantity,cents\nTea,1,100\nTea,x,1\n");
    assert!(report(CSV_REPORT, &good).contains("2 sales, 3.50"));
    let run = assert_cmd::Command::new(CSV_REPORT).args([&good, &broken]).timeout(LIMIT).assert().code(2);
    let [stdout, stderr] =
        [&run.get_output().stdout, &run.get_output().stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(stdout.contains("3 sales, 4.50"), "{stdout}");
    assert!(stderr.contains("broken.csv: line 3: invalid digit"), "{stderr}");

    let line = r#"::1 - - [10/Oct/2026:13:55:36 -0700] "GET /tea HTTP/1.0" 503 -"#;
    let report = report(LOG_PIPELINE, &write("access.log", &format!("{line}\nnonsense\n{line}")));
    assert!(report.contains("3, of which 1 in another format"), "{report}");
    assert!(report.contains("/tea: 2 requests, 2 failures"), "{report}");
}
