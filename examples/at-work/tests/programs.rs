//! Each program on a small input: its report holds, Ctrl-C ends it cleanly, bad input is answered with one line.

#![cfg(unix)] // signals

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where cargo put a program.
macro_rules! program {
    ($name:literal) => {
        env!(concat!("CARGO_BIN_EXE_", $name))
    };
}

/// Far more than any of the runs takes; a program that hangs is killed, and its test fails.
const WATCHDOG: Duration = Duration::from_mins(5);

/// Runs a program to its end; gives its report, of which every proof holds.
fn report(program: &str, args: &[&str]) -> String {
    let run = assert_cmd::Command::new(program).args(args).timeout(WATCHDOG).assert().success();
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
fn interrupted(program: &str, args: &[&str]) -> String {
    let mut child = Command::new("timeout") // coreutils: the watchdog
        .arg("--foreground")
        .arg(WATCHDOG.as_secs().to_string())
        .arg(program)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("coreutils are there");
    let mut stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
    let under_way = stderr.find(|line| line.as_ref().is_ok_and(|line| line.contains("Ctrl-C")));
    assert!(under_way.is_some(), "it never said that it started");
    // `timeout` hands the signal on.
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "it had ended before it was interrupted");
    let mut report = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut report).expect("reports are text");
    assert_eq!(child.wait().expect("it is our child").code(), Some(130), "{report}");
    check(&report);
    report
}

/// Bad input: exit status 2, one line on stderr that has `words` in it, and nothing on stdout.
fn refused(program: &str, args: &[&str], words: &str) {
    let run = assert_cmd::Command::new(program).args(args).timeout(WATCHDOG).assert().code(2).stdout("");
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(words), "{stderr}");
}

mod log_pipeline {
    use super::*;

    const PROGRAM: &str = program!("log_pipeline");

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
}

mod webhooks {
    use super::*;

    const PROGRAM: &str = program!("webhooks");

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
    fn makes_dead_letters_of_what_nobody_takes() {
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
}

mod csv_report {
    use super::*;

    const PROGRAM: &str = program!("csv_report");

    #[test]
    fn one_broken_file_does_not_hold_up_the_others() {
        let report = report(PROGRAM, &["--make", "5", "--records", "1000", "--capacity", "1"]);
        assert_eq!(number(&report, "records"), 4500);
        assert!(report.contains("sales-5.csv: line 502: invalid digit"), "{report}");
    }

    #[test]
    fn reports_the_users_own_files_and_refuses_the_broken_one() {
        let directory = tempfile::tempdir().expect("a place for a directory");
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).expect("a place for a file");
            path.to_str().expect("plain letters").to_string()
        };
        let good = write("good.csv", "region,quantity,cents\nTea,2,150\n\"Tea\",1,50\n");
        let broken = write("broken.csv", "region,quantity,cents\nTea,1,100\nTea,x,1\n");
        assert!(report(PROGRAM, &[&good]).contains("2 sales, 3.50"));
        let run = assert_cmd::Command::new(PROGRAM).args([&good, &broken]).timeout(WATCHDOG).assert().code(2);
        let [stdout, stderr] =
            [&run.get_output().stdout, &run.get_output().stderr].map(|text| String::from_utf8_lossy(text).into_owned());
        assert!(stdout.contains("3 sales, 4.50"), "{stdout}");
        assert!(stderr.contains("broken.csv: line 3: invalid digit"), "{stderr}");
    }

    #[test]
    fn ctrl_c_reports_what_was_read() {
        let report = interrupted(PROGRAM, &["--make", "8", "--records", "200000", "--capacity", "1"]);
        assert!(number(&report, "records") < 1_500_000, "{report}");
    }

    #[test]
    fn refuses_bad_input() {
        refused(PROGRAM, &["--make", "-1"], "-1");
        refused(PROGRAM, &["/nowhere.csv"], "/nowhere.csv");
    }
}

mod ticker {
    use super::*;

    const PROGRAM: &str = program!("ticker");

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
}

mod rate_limit {
    use super::*;

    const PROGRAM: &str = program!("rate_limit");

    #[test]
    fn the_service_sees_every_call_and_no_more_than_it_allows() {
        let report = report(PROGRAM, &["--calls", "100", "--rate", "100"]);
        assert!(report.contains("100 wanted, 100 answered, 100 in the service's log"), "{report}");
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
}

mod sqlite_writer {
    use super::*;

    const PROGRAM: &str = program!("sqlite_writer");

    #[test]
    fn commits_every_row_once() {
        let report = report(PROGRAM, &["--rows", "1003", "--batch", "100", "--capacity", "10", "--linger", "1"]);
        assert_eq!(number(&report, "batches"), 1003);
        assert!(number(&report, "kill -9") > 0, "{report}");
    }

    /// The same proof as the program's own, but with a killer and a judge outside it.
    #[test]
    fn kill_9_loses_no_acknowledged_row() {
        let directory = tempfile::tempdir().expect("a place for a directory");
        let path = directory.path().join("rows.db");
        let mut child = Command::new(PROGRAM)
            .args(["--rows", "100000000", "--batch", "50", "--acknowledge"])
            .arg(&path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it was built");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        let mut acknowledged = Vec::new();
        while out.read_line(&mut line).expect("text") > 0 {
            acknowledged.extend(line.strip_suffix('\n').map(|id| id.parse::<i64>().expect("a number")));
            line.clear();
            if acknowledged.len() == 1234 {
                child.kill().expect("it is our child");
            }
        }
        assert_eq!(child.wait().expect("it is our child").code(), None, "it was killed, not done");
        let database = rusqlite::Connection::open(path).expect("a database");
        let mut found = database.prepare("SELECT 1 FROM reading WHERE id = ?").expect("a table");
        assert!(acknowledged.len() >= 1234);
        for id in acknowledged {
            assert!(found.exists([id]).expect("a readable table"), "row {id} was acknowledged and is lost");
        }
    }

    #[test]
    fn ctrl_c_commits_what_was_accepted() {
        let report = interrupted(PROGRAM, &["--rows", "100000000"]);
        assert!(number(&report, "batches") < 100_000_000, "{report}");
    }

    #[test]
    fn refuses_bad_input() {
        refused(PROGRAM, &["--batch", "0"], "--batch");
        refused(PROGRAM, &["--acknowledge", "/nowhere/rows.db"], "/nowhere/rows.db");
    }
}

mod thumbnails {
    use super::*;

    const PROGRAM: &str = program!("thumbnails");

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
}

mod distributed {
    use super::*;

    const PROGRAM: &str = program!("distributed");

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
            assert!(
                number(&report, "outcome") == 0 && report.contains("items pending, which others claimed"),
                "{report}"
            );
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
        let run = assert_cmd::Command::new(PROGRAM).env("PATH", "/nowhere").timeout(WATCHDOG).assert().code(3);
        let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(stderr.lines().count() == 1 && stderr.contains("redis-server is not installed"), "{stderr}");
    }

    #[test]
    fn refuses_bad_input() {
        refused(PROGRAM, &["--consumers", "0"], "--consumers");
        refused(PROGRAM, &["--worker", "producer-1"], "--redis");
    }
}
