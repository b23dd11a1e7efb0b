use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::running::Running;
use crate::{check, interrupted, number, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_web_ingest");

/// A server with a database of its own.
struct Server {
    running: Running,
    address: String,
    database: PathBuf,
    _directory: TempDir,
}

impl Server {
    fn start(args: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let database = directory.path().join("events.db");
        let args = format!("--listen 127.0.0.1:0 --database {} {args}", database.display());
        let mut running = Running::start(PROGRAM, &args);
        let line = running.wait_for("listening on http://");
        let address = line.trim_start_matches("listening on http://").split(';').next().expect("an address").to_owned();
        Self { running, address, database, _directory: directory }
    }

    /// Sends Ctrl-C, checks the report, and returns the ids in the database.
    fn stop(&mut self) -> Vec<u32> {
        self.running.signal("-INT", 1);
        let (status, report) = self.running.end();
        assert_eq!(status, Some(130), "{report}");
        check(&report);
        let database = rusqlite::Connection::open(&self.database).expect("a database");
        let mut query = database.prepare("SELECT id FROM event ORDER BY id").expect("a table");
        query.query_map((), |row| row.get(0)).expect("ids").map(|id| id.expect("a number")).collect()
    }

    /// Returns the status and the body of the answer.
    fn post(&self, body: &str) -> (u16, String) {
        let agent = ureq::Agent::from(ureq::Agent::config_builder().http_status_as_error(false).build());
        let mut response = agent.post(format!("http://{}/events", self.address)).send(body).expect("an answer");
        let body = response.body_mut().read_to_string().expect("text");
        let retry = response.headers().contains_key("retry-after");
        assert_eq!(retry, response.status() == 429, "Retry-After");
        (response.status().as_u16(), body)
    }
}

#[test]
fn writes_each_accepted_event_once() {
    let report = report(PROGRAM, &["--requests", "200", "--events", "20", "--patience", "60000"]);
    assert!(report.contains("0.0 % of the events shed"), "{report}");
}

#[test]
fn sheds_what_does_not_fit_before_the_deadline() {
    let report = report(PROGRAM, &["--requests", "200", "--capacity", "1", "--patience", "0"]);
    assert!(!report.contains(" 0.0 % of the events shed"), "{report}");
}

/// A client is killed while it sends: each event that it saw accepted is in the database, and no event is there twice.
#[test]
fn a_killed_client_loses_and_duplicates_nothing() {
    let mut server = Server::start("--capacity 100 --batch 50");
    let mut client = Running::start(PROGRAM, &format!("--send {} --requests 10000000 --events 10", server.address));
    let mut out = BufReader::new(client.child.stdout.take().expect("piped"));
    let (mut accepted, mut line) = (BTreeSet::new(), String::new());
    while out.read_line(&mut line).expect("text") > 0 {
        // The last line may be incomplete.
        accepted.extend(line.strip_suffix('\n').map(|id| id.parse::<u32>().expect("a number")));
        line.clear();
        if accepted.len() == 5000 {
            client.child.kill().expect("it is a child of this process");
        }
    }
    assert_eq!(client.child.wait().expect("a child of this process").code(), None, "it was killed, not done");
    let found = server.stop();
    assert!(found.is_sorted_by(|a, b| a < b), "an event is there twice");
    let lost: Vec<_> = accepted.iter().filter(|id| found.binary_search(id).is_err()).collect();
    assert!(accepted.len() >= 5000 && lost.is_empty(), "lost: {lost:?}");
}

#[test]
fn a_connection_that_stalls_does_not_prevent_the_end() {
    let mut server = Server::start("");
    let mut stalled = TcpStream::connect(&server.address).expect("it listens");
    stalled.write_all(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[").expect("it reads");
    assert_eq!(server.post(r#"{"id":7,"text":"a"}"#), (202, "{\"accepted\":1}\n".to_owned()));
    assert_eq!(server.stop(), [7]);
}

#[test]
fn answers_bad_requests_with_one_line() {
    let mut server = Server::start("--body-limit 1000");
    for body in ["", "{", "[1]", r#"{"id":1}"#, r#"{"id":-1,"text":"a"}"#, r#"{"id":1,"text":"a","x":2}"#] {
        let (status, text) = server.post(body);
        assert_eq!((status, text.lines().count()), (400, 1), "{body}: {text}");
    }
    let (status, text) = server.post(&" ".repeat(1001));
    assert_eq!((status, text.lines().count()), (413, 1), "{text}");
    assert_eq!(server.post(r#"[{"id":1,"text":"a"},{"id":2,"text":"b"}]"#), (202, "{\"accepted\":2}\n".to_owned()));
    let mut metrics = ureq::get(format!("http://{}/metrics", server.address)).call().expect("an answer");
    let metrics = metrics.body_mut().read_to_string().expect("text");
    assert!(
        metrics.contains("# TYPE bounded_buffer_pushed_total counter\nbounded_buffer_pushed_total 2\n"),
        "{metrics}"
    );
    assert_eq!(server.stop(), [1, 2]);
}

#[test]
fn ctrl_c_writes_what_was_accepted() {
    let report = interrupted(PROGRAM, &["--requests", "10000000"]);
    assert!(number(&report, "buffer") < 1_000_000_000, "{report}");
}

#[test]
fn refuses_bad_input() {
    refused(PROGRAM, &["--listen", "nowhere"], "--listen");
    refused(PROGRAM, &["--listen", "192.0.2.1:80"], "192.0.2.1:80");
    refused(PROGRAM, &["--database", "/nowhere/events.db"], "/nowhere/events.db");
}
