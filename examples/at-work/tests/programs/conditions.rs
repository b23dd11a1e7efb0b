//! The programs under bad conditions: a full disk, a closed pipe, and signals at inconvenient moments.

#![cfg(target_os = "linux")] // /dev/full

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::TypedCommands;

use crate::programs::{
    CSV_REPORT, DISTRIBUTED, LOG_PIPELINE, RATE_LIMIT, SQLITE_WRITER, THUMBNAILS, TICKER, WEB_INGEST, WEBHOOKS,
};
use crate::running::{LIMIT, Running, has_redis};

/// Each program with a small amount of work.
const PROGRAMS: [(&str, &str); 8] = [
    (CSV_REPORT, "--make 2 --records 100"),
    (LOG_PIPELINE, "--lines 1000"),
    (RATE_LIMIT, "--calls 10 --rate 1000"),
    (SQLITE_WRITER, "--rows 100"),
    (THUMBNAILS, "--images 2 --size 16"),
    (TICKER, "--prices 10"),
    (WEB_INGEST, "--requests 20 --events 5"),
    (WEBHOOKS, "--events 50 --fail 0"),
];

/// Runs a program to its end; coreutils' `timeout` kills it if it hangs, and its status is 137.
fn run(program: &str, args: &str, stdout: Stdio, stderr: Stdio) -> (Option<i32>, String) {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", &LIMIT.as_secs().to_string(), program]);
    let output = command.args(args.split_whitespace()).stdout(stdout).stderr(stderr).spawn();
    let output = output.and_then(Child::wait_with_output).expect("the program was built");
    (output.status.code(), String::from_utf8(output.stderr).expect("messages are text"))
}

fn full() -> Stdio {
    File::options().write(true).open(Path::new("/dev/full")).expect("Linux has it").into()
}

/// The lines of stderr without the progress of the program.
fn errors(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| !line.starts_with("making ") && !line.ends_with("drains and reports")).collect()
}

#[test]
fn a_report_that_cannot_be_written_is_one_line_and_status_1() {
    for (program, args) in PROGRAMS.into_iter().chain([(PROGRAMS[0].0, "--help")]) {
        let (status, stderr) = run(program, args, full(), Stdio::piped());
        assert_eq!(status, Some(1), "{program}");
        let errors = errors(&stderr);
        assert!(errors.len() == 1 && errors[0].starts_with("error: cannot write to stdout: "), "{program}: {stderr}");
    }
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    for (program, args) in PROGRAMS {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader); // as `head` does
        let (status, stderr) = run(program, args, writer.into(), Stdio::piped());
        assert_eq!((status, errors(&stderr)), (Some(0), vec![]), "{program}");
    }
}

#[test]
fn the_reader_of_acknowledgements_may_stop_reading() {
    let mut writer = Running::start(SQLITE_WRITER, "--rows 100000000 --acknowledge /dev/null/no");
    assert_eq!(writer.end().0, Some(2), "no database");
    let path = writer.directory.path().join("rows.db");
    let args = format!("--rows 100000000 --acknowledge {}", path.display());
    let mut writer = Running::start(SQLITE_WRITER, &args);
    let mut line = String::new();
    BufReader::new(writer.child.stdout.take().expect("piped")).read_line(&mut line).expect("text");
    assert_eq!(writer.child.wait().expect("a child of this process").code(), Some(0));
    assert_eq!(writer.stderr.next().map(|line| line.expect("text")), None);
}

#[test]
fn a_stderr_that_cannot_be_written_does_not_end_the_program() {
    for (program, args) in PROGRAMS {
        assert_eq!(run(program, args, Stdio::null(), full()).0, Some(0), "{program}");
    }
}

#[test]
fn ctrl_c_ends_the_generation_of_the_input() {
    for (program, args) in [
        (CSV_REPORT, "--make 256 --records 1000000"),
        (LOG_PIPELINE, "--lines 10000000"),
        (THUMBNAILS, "--images 10000 --size 256"),
    ] {
        let mut running = Running::start(program, args);
        running.wait_for("making ");
        running.signal("-INT", 1);
        assert_eq!(running.end(), (Some(130), String::new()), "{program}");
        assert_eq!(running.left_behind(), 0, "{program}");
    }
}

fn interrupt_until_it_ends(running: &mut Running) {
    // Signals in quick succession count as one.
    while running.child.try_wait().expect("a child of this process").is_none() {
        running.signal("-INT", 1);
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(running.end(), (Some(130), String::new()), "it ended before it had drained");
    assert_eq!(running.left_behind(), 0);
}

#[test]
fn a_second_ctrl_c_leaves_no_directory_and_no_process() {
    if !has_redis() {
        return;
    }
    // One consumer needs at least 1.6 s for the first item of each producer.
    let args = "--producers 16 --consumers 1 --items 100000 --time-scale 100";
    let mut running = Running::start(DISTRIBUTED, args);
    let line = running.wait_for("redis://");
    let url = line.split_whitespace().find_map(|word| word.strip_suffix(';').filter(|word| word.contains("://")));
    let url = url.expect("the address of Redis").to_owned();
    let mut connection = redis::Client::open(url.as_str()).and_then(|client| client.get_connection()).expect("Redis");
    while connection.xlen("items").expect("Redis is running") < 16 {
        std::thread::sleep(Duration::from_millis(5));
    }
    interrupt_until_it_ends(&mut running);
    let address = url.trim_start_matches("redis://").trim_end_matches('/');
    assert!(TcpStream::connect(address).is_err(), "Redis is still running");
}

#[test]
fn a_second_ctrl_c_removes_a_directory_that_is_written_to() {
    // A transaction a row: the writers fill the buffer long before it is drained.
    let mut running = Running::start(SQLITE_WRITER, "--rows 100000000 --batch 1 --capacity 100000");
    let database = || {
        let directories = fs::read_dir(running.directory.path()).expect("the directory of this test");
        let mut files = directories.map(|entry| entry.expect("readable").path().join("batch.db-wal"));
        files.any(|file| file.metadata().is_ok_and(|data| data.len() > 100_000))
    };
    while !database() {
        assert!(running.child.try_wait().expect("a child of this process").is_none(), "it has ended, or hangs");
        std::thread::sleep(Duration::from_millis(5));
    }
    interrupt_until_it_ends(&mut running);
}

/// `timeout` signals its child and then the child's process group.
#[test]
fn two_signals_in_succession_are_one_request() {
    for name in ["-TERM", "-INT"] {
        let mut running = Running::start(TICKER, "--prices 1000000");
        running.wait_for("drains");
        running.signal(name, 2);
        let (status, report) = running.end();
        assert_eq!(
            (status, report.lines().filter(|line| line.starts_with("proof")).count()),
            (Some(130), 6),
            "{report}"
        );
    }
}

#[test]
fn kill_9_loses_no_acknowledged_row() {
    let directory = tempfile::tempdir().expect("a place for a directory");
    let path = directory.path().join("rows.db");
    let args = format!("--rows 100000000 --batch 50 --acknowledge {}", path.display());
    let acknowledged = Running::start(SQLITE_WRITER, &args).kill_after(1234);
    let database = rusqlite::Connection::open(path).expect("a database");
    let mut found = database.prepare("SELECT 1 FROM reading WHERE id = ?").expect("a table");
    for id in acknowledged {
        assert!(found.exists([id]).expect("a readable table"), "row {id} was acknowledged and is lost");
    }
}
