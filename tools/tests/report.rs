//! The tool `report` on runs written by hand, whose summary is known.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::{Value, json};

/// A directory for one test, which contains only the files of that test.
struct Place(PathBuf);

impl Place {
    fn new(test: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("report").join(test);
        _ = fs::remove_dir_all(&path); // of the run before
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, content: &(impl ToString + ?Sized)) {
        fs::write(self.0.join(name), content.to_string()).unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.0.join("BENCHMARKS.md")).unwrap()
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
    let output = command.assert().code(2).get_output().clone();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: ") && stderr.contains(cause) && stderr.lines().count() == 1, "{stderr:?}");
}

#[test]
fn a_cell_counts_as_won_or_lost_only_if_its_whole_interval_does() {
    let place = Place::new("intervals");
    place.put("BENCHMARKS.md", "before <!-- generated: summary all-cores -->\nold\n<!-- end --> after");
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
    assert!(text.starts_with("before <!-- generated: summary all-cores -->") && text.ends_with("<!-- end --> after"));
    for row in [
        "| wins | **0.50** (0.50–0.50) | 0.50 | 0 | 0 | 2 |",
        "| loses | 2.00 (2.00–2.00) | 2.00 | 2 | 0 | 0 |",
        "| bounded-buffer (Park) | **0.50** (0.50–0.50) | 0.50 | 0 | 0 | 2 |",
    ] {
        assert!(text.contains(row), "{row} is not in\n{text}");
    }
    let even = text.lines().find(|line| line.starts_with("| even | 0.91 (")).unwrap();
    assert!(even.ends_with("| 0.91 | 0 | 2 | 0 |"), "an interval around 1 is neither bold nor a loss: {even}");
    assert!(!text.contains("old"));
}

#[test]
fn the_ratio_is_that_of_the_printed_rates() {
    let place = Place::new("estimator");
    place.put("BENCHMARKS.md", "");
    // The median of the ratios within a round is 2.0; the printed medians are 10 and 8.
    let contestants = [("bounded-buffer", [10.0, 4.0, 16.0]), ("peer", [5.0, 8.0, 8.0])];
    place.record(&run(DATE, "abc", COMMAND, &contestants));
    let page = fs::read_to_string(place.0.join("docs/bench/grid.md")).unwrap();
    assert!(page.contains("| 1, 1×1 | 6 | 10.0 | 8.00 (1.25) |"), "{page}");
}

#[test]
fn batches_are_compared_with_the_single_items_of_crossbeam() {
    let place = Place::new("batches");
    place.put("BENCHMARKS.md", "<!-- generated: batches --> <!-- end --> <!-- generated: targets --> <!-- end -->");
    let contestants = [
        ("bounded-buffer", [10.0, 10.0, 10.0]),
        ("bounded-buffer, batches of 64", [50.0, 50.0, 50.0]),
        ("crossbeam-channel", [5.0, 5.0, 5.0]),
    ];
    place.record(&run(DATE, "abc", COMMAND, &contestants));
    let text = place.text();
    assert!(text.contains("| 64, 1×1 | 50.0 | 10.0 | 5.00 | 10.00 (10.00–10.00) |"), "{text}");
    assert!(text.contains("near, to crossbeam's single items, mean | ≥ 4 | 10.00 | met |"), "{text}");
}

#[test]
fn runs_with_different_winners_leave_it_undecided() {
    let place = Place::new("agreement");
    place.put("BENCHMARKS.md", "<!-- generated: agreement all-cores --><!-- end -->");
    for (date, changing) in [("2000-01-01 00:00 UTC", 2.0), ("2000-01-02 00:00 UTC", 0.5)] {
        let rates = |rate: f64| [rate, rate, rate];
        place.record(&run(
            date,
            "abc",
            COMMAND,
            &[
                ("bounded-buffer", rates(1.0)),
                ("loser", rates(0.5)),
                ("winner", rates(2.0)),
                ("changing", rates(changing)),
            ],
        ));
    }
    let text = place.text();
    for row in [
        "| loser | 2.00 (2.00–2.00) | 2.00 (2.00–2.00) | bounded-buffer |",
        "| winner | **0.50** (0.50–0.50) | **0.50** (0.50–0.50) | winner |",
        "| changing | **0.50** (0.50–0.50) | 2.00 (2.00–2.00) | undecided |",
    ] {
        assert!(text.contains(row), "{row} is not in\n{text}");
    }
}

#[test]
fn the_tables_are_of_the_newest_processor_and_the_agreement_of_each() {
    let place = Place::new("processors");
    let part = |name: &str| format!("<!-- generated: {name} --><!-- end -->");
    place.put("BENCHMARKS.md", &["summary all-cores", "agreement all-cores", "machine"].map(part).concat());
    for (date, cpu, peer) in [("2000-01-01 00:00 UTC", "old one", 2.0), ("2000-01-02 00:00 UTC", "new one", 0.5)] {
        let mut run = run(date, "abc", COMMAND, &[("bounded-buffer", [1.0; 3]), ("peer", [peer; 3])]);
        run["machine"]["cpu"] = cpu.into();
        place.record(&run);
    }
    let text = place.text();
    assert!(text.contains("| peer | 2.00 (2.00–2.00) | 2.00 | 2 | 0 | 0 |"), "{text}");
    let agreement = text.split("agreement").nth(1).unwrap();
    let (new, old) = agreement.split_once("old one, cores near:").unwrap();
    assert!(new.contains("new one, cores near:") && new.contains("| peer | 2.00 (2.00–2.00) | one run |"), "{new}");
    assert!(old.contains("| peer | **0.50** (0.50–0.50) | one run |"), "{old}");
    let others = fs::read_to_string(place.0.join("docs/bench/other-processors.md")).unwrap();
    assert!(others.contains("## old one") && !others.contains("new one"), "{others}");
    assert!(others.contains("empty loop, near: worst cell to") && others.contains("| – | not measured |"), "{others}");
    assert!(text.contains("abc; old one") && text.contains("abc; new one"), "{text}");
}

#[test]
fn a_run_of_uncommitted_changes_and_a_quick_run_are_refused() {
    let place = Place::new("refused");
    place.put("BENCHMARKS.md", "unchanged");
    for (commit, command, cause) in [
        ("abc and changes", COMMAND, "abc and changes"),
        ("abc", "cargo bench --bench paired -- --quick", "quick"),
        ("abc", "QUICK=1 cargo bench --bench paired --", "quick"),
    ] {
        place.put("run.json", &run(DATE, commit, command, &[]));
        refused(place.report(&["--record", "run.json"]), cause);
    }
    assert!(!place.0.join("docs/bench/runs").exists());
    assert_eq!(place.text(), "unchanged");
}

#[test]
fn a_run_does_not_replace_another_of_the_same_minute() {
    let place = Place::new("same minute");
    place.put("BENCHMARKS.md", "");
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
    assert_eq!(fs::read_dir(place.0.join("docs/bench/runs")).unwrap().count(), 3);
}

#[test]
fn bad_input_ends_it_with_one_line_and_status_2_and_changes_nothing() {
    let place = Place::new("bad input");
    place.put("BENCHMARKS.md", "<!-- generated: machine -->old<!-- end -->");
    place.put("run.json", "{ \"machine\": 1 }");
    refused(place.report(&["--record", "run.json"]), "run.json: ");
    refused(place.report(&["--record", "absent.json"]), "absent.json: ");
    refused(place.report(&["--output", "/dev/full"]), "/dev/full: not a regular file");
    refused(place.report(&["--output", "absent.md"]), "absent.md: ");
    refused(place.report(&["--unknown"]), "--unknown");
    assert_eq!(place.text(), "<!-- generated: machine -->old<!-- end -->");
}
