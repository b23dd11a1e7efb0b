use std::io::{BufRead, BufReader};

use crate::running::Running;
use crate::{interrupted, number, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sqlite_writer");

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
    let args = format!("--rows 100000000 --batch 50 --acknowledge {}", path.display());
    let mut running = Running::start(PROGRAM, &args);
    let mut out = BufReader::new(running.child.stdout.take().expect("piped"));
    let mut line = String::new();
    let mut acknowledged = Vec::new();
    while out.read_line(&mut line).expect("text") > 0 {
        acknowledged.extend(line.strip_suffix('\n').map(|id| id.parse::<i64>().expect("a number")));
        line.clear();
        if acknowledged.len() == 1234 {
            running.child.kill().expect("it is our child");
        }
    }
    assert_eq!(running.child.wait().expect("it is our child").code(), None, "it was killed, not done");
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
