//! The server of `web_ingest`, called by clients that are killed, stall or send bad requests.

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::check;
use crate::programs::WEB_INGEST;
use crate::running::Running;

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
        let mut running = Running::start(WEB_INGEST, &args);
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

/// A client is killed while it sends: each event that it saw accepted is in the database, and no event is there twice.
#[test]
fn a_killed_client_loses_and_duplicates_nothing() {
    let mut server = Server::start("--capacity 100 --batch 50");
    let mut client = Running::start(WEB_INGEST, &format!("--send {} --requests 10000000 --events 10", server.address));
    let accepted = client.kill_after(5000);
    let found = server.stop();
    assert!(found.is_sorted_by(|a, b| a < b), "an event is there twice");
    let lost: Vec<_> = accepted.iter().filter(|id| found.binary_search(id).is_err()).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
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
