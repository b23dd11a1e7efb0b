//! The tool `report` on runs written by hand, whose summary is known. And the command line of the tool `cost`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use assert_cmd::Command;
use results::Results;
use serde_json::{Value, json};

/// A directory for one test, which contains only the files of that test.
struct Place(PathBuf);

impl Place {
    /// Puts this page there as BENCHMARKS.md.
    fn new(test: &str, page: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("report").join(test);
        _ = fs::remove_dir_all(&path); // of the run before
        fs::create_dir_all(&path).unwrap();
        let place = Self(path);
        place.put("BENCHMARKS.md", page);
        place
    }

    fn put(&self, name: &str, content: &(impl ToString + ?Sized)) {
        fs::write(self.0.join(name), content.to_string()).unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.0.join("BENCHMARKS.md")).unwrap()
    }

    /// A page of `docs/bench`.
    fn page(&self, name: &str) -> String {
        fs::read_to_string(self.0.join("docs/bench").join(name)).unwrap()
    }

    /// The number of runs that are kept.
    fn runs(&self) -> usize {
        let files = fs::read_dir(self.0.join("docs/bench/runs")).unwrap();
        files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "json")).count()
    }

    /// The program in this directory, so that its default paths are those of the test.
    fn report(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_report"));
        command.current_dir(&self.0).args(arguments).timeout(Duration::from_secs(50)); // a report takes less than 1 s
        command
    }

    /// Keeps a run and writes the report.
    fn record(&self, run: &Value) {
        self.put("run.json", run);
        self.report(&["--record", "run.json"]).assert().success();
    }
}

/// A run of the grid with two cells and six rounds near. Each contestant: its name and its rates, which repeat after three.
fn run(date: &str, commit: &str, command: &str, contestants: &[(&str, [f64; 3])]) -> Value {
    let names: Vec<_> = contestants.iter().map(|contestant| contestant.0).collect();
    let round = |index: usize| {
        let rates: Vec<_> = contestants.iter().map(|contestant| contestant.1[index]).collect();
        json!({ "mode": "near", "distance": null, "rates": rates, "processor_time_ns": vec![1.0; rates.len()] })
    };
    let cell = |capacity| {
        json!({
            "capacity": capacity, "producers": 1, "consumers": 1, "before_push_ns": 0, "after_pop_ns": 0, "ideal": null,
            "names": names, "rounds": (0..6).map(|index| round(index % 3)).collect::<Vec<_>>(), "dropped": 0,
        })
    };
    json!({
        "machine": {
            "cpu": "a processor", "cores": 2, "cores_that_ran": 2.0, "cores_that_ran_after": 2.0, "kernel": "Linux",
            "rustc": "rustc", "commit": commit, "date": date, "command": command,
        },
        "grid": { "item": "8 B", "rounds": 3, "run_ms": 10, "cells": [cell(1), cell(64)] },
        "work": null, "rate": null, "fair": null, "tasks": [], "single": [],
    })
}

const DATE: &str = "2000-01-01 00:00 UTC";
const COMMAND: &str = "cargo bench --bench paired -- --only grid";

/// One line that names the cause, and status 2.
fn refused(mut command: Command, cause: &str) {
    let output = command.assert().code(2).stdout("").get_output().clone();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: ") && stderr.contains(cause) && stderr.lines().count() == 1, "{stderr:?}");
}

#[test]
fn a_cell_counts_as_won_or_lost_only_if_its_whole_interval_does() {
    let place = Place::new("intervals", "before <!-- generated: machine -->\nold\n<!-- end --> after");
    place.record(&run(
        DATE,
        "abc",
        COMMAND,
        &[
            ("bounded-buffer", [10.0, 10.0, 10.0]),
            ("bounded-buffer (Park)", [20.0, 20.0, 20.0]),
            ("wins", [20.0, 20.0, 20.0]),
            ("loses", [5.0, 5.0, 5.0]),
            ("even", [5.0, 11.0, 20.0]),
        ],
    ));
    let text = place.text();
    assert!(text.starts_with("before <!-- generated: machine -->") && text.ends_with("<!-- end --> after"));
    assert!(text.contains("Measured on a processor (2 cores, 2000-01-01).") && !text.contains("old"), "{text}");
    let text = place.page("grid.md");
    for row in [
        "| wins | **0.50** (0.50–0.50) | 0.50 | 0 | 0 | 2 |",
        "| loses | 2.00 (2.00–2.00) | 2.00 | 2 | 0 | 0 |",
        "| bounded-buffer (Park) | **0.50** (0.50–0.50) | 0.50 | 0 | 0 | 2 |",
    ] {
        assert!(text.contains(row), "{row} is not in\n{text}");
    }
    let even = text.lines().find(|line| line.starts_with("| even | 0.91 (")).unwrap();
    assert!(even.ends_with("| 0.91 | 0 | 2 | 0 |"), "an interval around 1 is neither bold nor a loss: {even}");
}

#[test]
fn the_ratio_is_that_of_the_printed_rates() {
    let place = Place::new("estimator", "");
    // The median of the ratios within a round is 2.0; the printed medians are 10 and 8.
    let contestants = [("bounded-buffer", [10.0, 4.0, 16.0]), ("peer", [5.0, 8.0, 8.0])];
    place.record(&run(DATE, "abc", COMMAND, &contestants));
    let page = place.page("grid.md");
    assert!(page.contains("| 0/0 | 1, 1×1 | 6 | – | 10.0 | 8.00 (1.25) |"), "{page}");
}

#[test]
fn batches_are_compared_with_the_single_items_of_crossbeam() {
    let place = Place::new("batches", "<!-- generated: batches --> <!-- end -->");
    let contestants = [
        ("bounded-buffer", [10.0, 10.0, 10.0]),
        ("bounded-buffer, batches of 64", [50.0, 50.0, 50.0]),
        ("crossbeam-channel", [5.0, 5.0, 5.0]),
    ];
    place.record(&run(DATE, "abc", COMMAND, &contestants));
    let text = place.text();
    assert!(text.contains("| batches of 64, 64 slots | faster: 5.00 | faster: 10.00 |"), "{text}");
}

#[test]
fn a_verdict_is_what_all_runs_on_all_processors_say() {
    let place = Place::new("verdicts", "<!-- generated: one core --><!-- end -->");
    // The ratio of each peer in the runs: two on one processor, then one on another.
    for (day, cpu, [crossbeam, kanal, flume, async_channel]) in
        [(1, "one", [0.5, 2.0, 1.0, 1.0]), (2, "one", [0.5, 2.0, 2.0, 1.05]), (3, "other", [0.5, 0.5, 2.0, 0.95])]
    {
        let rates = |ratio: f64| [1.0 / ratio; 3];
        let contestants = [
            ("bounded-buffer", [1.0; 3]),
            ("crossbeam-channel", rates(crossbeam)),
            ("kanal", rates(kanal)),
            ("flume", rates(flume)),
            ("async-channel", rates(async_channel)),
        ];
        let mut run = run(&format!("2000-01-0{day} 00:00 UTC"), "abc", COMMAND, &contestants);
        (run["machine"]["cpu"], run["machine"]["cores"]) = (cpu.into(), 1.into());
        place.record(&run);
    }
    // The rounds of one processor have a common median.
    let row = "slower: 0.50; 0.50 | it depends: 0.50; 2.00 | equal or faster: 2.00; 1.33 | about equal: 0.95; 1.02 | not measured |";
    let text = place.text();
    assert!(text.contains(row), "{text}");
    let page = place.page("agreement.md");
    let (other, one) = page.split_once("## one, 2000-01-01, 2000-01-02 (commit abc)").unwrap();
    assert!(other.contains("| kanal | **0.50** (0.50–0.50) | slower |"), "{other}");
    assert!(one.contains("| kanal | 2.00 (2.00–2.00) | 2.00 (2.00–2.00) | faster |"), "{one}");
}

#[test]
fn fewer_than_five_rounds_are_no_measurement() {
    let mut few = run(DATE, "abc", COMMAND, &[("bounded-buffer", [1.0; 3]), ("kanal", [2.0; 3])]);
    few["machine"]["cores"] = 1.into();
    for (rounds, is_measured) in [(5, true), (4, false)] {
        for cell in few["grid"]["cells"].as_array_mut().unwrap() {
            cell["rounds"].as_array_mut().unwrap().truncate(rounds);
        }
        let place = Place::new("few rounds", "<!-- generated: one core --><!-- end -->");
        place.record(&few);
        assert_eq!(place.text().contains("| slower: 0.50 |"), is_measured, "{rounds} rounds: {}", place.text());
    }
}

/// Latencies of one run: the rate, the number of busy processes and the median in the buffer of each cell.
fn latencies(producer_sleeps: bool, cells: &[(Option<u64>, usize, f64)]) -> Value {
    let times = |p50: f64| json!({ "p50": p50, "p99": 2.0 * p50, "p999": 1.0, "max": 1.0 });
    let cell = |&(items_per_second, busy, p50): &(Option<u64>, usize, f64)| {
        let run = json!({ "rate": 0.001, "in_buffer": times(p50), "push": times(1.0), "consumer_percent": 3.0 });
        json!({
            "items_per_second": items_per_second, "busy": busy, "dropped": 0,
            "rounds": [{ "mode": "near", "distance": null, "runs": [run] }],
        })
    };
    json!({
        "capacity": 64, "run_ms": 200, "producer_sleeps": producer_sleeps, "names": ["bounded-buffer"],
        "cells": cells.iter().map(cell).collect::<Vec<_>>(),
    })
}

#[test]
fn quiet_and_busy_are_side_by_side_and_apart_from_runs_with_another_producer() {
    let place = Place::new("busy", "<!-- generated: latency --><!-- end -->");
    let mut old = run(DATE, "abc", COMMAND, &[]);
    old["grid"] = Value::Null;
    let mut new = old.clone();
    old["rate"] = latencies(false, &[(Some(1000), 0, 1e3)]);
    place.record(&old);
    let text = place.text();
    assert!(text.contains("| 1 000/s, quiet | 1.0, 2.0, 3 % |"), "{text}");

    new["machine"]["date"] = "2000-01-02 00:00 UTC".into();
    new.as_object_mut().unwrap().remove("rate");
    new["busy"] = latencies(true, &[(Some(1000), 0, 3e3), (None, 0, 4e3), (Some(1000), 2, 9e3), (None, 2, 8e3)]);
    place.record(&new);
    let text = place.text();
    assert!(text.contains("a processor, 2000-01-02 (commit abc), near, 1 round:"), "{text}");
    let rows: Vec<_> = text.lines().filter(|line| line.contains(" %")).collect();
    let expected = [
        "| 1 000/s, quiet | 3.0, 6.0, 3 % |",
        "| 1 000/s, 2 busy | 9.0, 18.0, 3 % |",
        "| 1 µs of work, quiet | 4.0, 8.0, 3 % |",
        "| 1 µs of work, 2 busy | 8.0, 16.0, 3 % |",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn each_kept_run_can_be_read() {
    let runs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench/runs");
    let files = fs::read_dir(runs).unwrap().map(|file| file.unwrap().path());
    let mut number = 0;
    for path in files.filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let run = serde_json::from_str::<Results>(&fs::read_to_string(&path).unwrap());
        assert!(run.is_ok(), "{}: {}", path.display(), run.err().unwrap());
        number += 1;
    }
    assert!(number > 0, "there are runs");
}

#[test]
fn a_run_of_uncommitted_changes_and_a_quick_run_are_refused() {
    let place = Place::new("refused", "unchanged");
    for (commit, command, cause) in
        [("abc and changes", COMMAND, "abc and changes"), ("abc", "cargo bench --bench paired -- --quick", "quick")]
    {
        place.put("run.json", &run(DATE, commit, command, &[]));
        refused(place.report(&["--record", "run.json"]), cause);
    }
    assert!(!place.0.join("docs/bench/runs").exists());
    assert_eq!(place.text(), "unchanged");
}

#[test]
fn a_run_does_not_replace_another_of_the_same_minute() {
    let place = Place::new("same minute", "");
    let of_rate = |rate: f64| run(DATE, "abc", COMMAND, &[("bounded-buffer", [rate; 3])]);
    place.record(&of_rate(1.0));
    place.record(&of_rate(1.0)); // the same run again
    place.put("run.json", &of_rate(2.0));
    refused(place.report(&["--record", "run.json"]), "is another run of the same minute");
    let batches = [("bounded-buffer", [1.0; 3]), ("bounded-buffer, batches of 64", [2.0; 3])];
    place.record(&run(DATE, "abc", COMMAND, &batches));
    let mut large = of_rate(3.0);
    large["grid"]["item"] = "64 B".into();
    place.record(&large);
    assert_eq!(place.runs(), 3);
}

#[test]
fn bad_input_ends_it_with_one_line_and_status_2_and_changes_nothing() {
    let place = Place::new("bad input", "<!-- generated: machine -->old<!-- end -->");
    place.put("run.json", "{ \"machine\": 1 }");
    refused(place.report(&["--record", "run.json"]), "run.json: ");
    refused(place.report(&["--record", "absent.json"]), "absent.json: ");
    refused(place.report(&["--unknown"]), "--unknown");
    assert_eq!(place.text(), "<!-- generated: machine -->old<!-- end -->");
    fs::remove_file(place.0.join("BENCHMARKS.md")).unwrap();
    refused(place.report(&[]), "BENCHMARKS.md: ");
    let mut cost = Command::new(env!("CARGO_BIN_EXE_cost"));
    cost.args(["bursts", "0", "--sideways"]).timeout(Duration::from_secs(50));
    refused(cost, "--sideways");
}
