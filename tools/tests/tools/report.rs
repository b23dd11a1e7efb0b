//! The tool `report`: what it makes of results that are written by hand, where what it should say is known.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::{Value, json};

/// A directory of a test's own, in which the program finds nothing but what the test puts there.
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

    /// In it, so that the default paths are those of the test.
    fn report(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_report"));
        command.current_dir(&self.0).args(["--two-cores", "two.json", "--batch", "batch.json"]).args(arguments);
        command
    }
}

/// Each entry: a name, this crate's multiple of it, the interval of that, and the rate of its one round.
fn results(date: &str, commit: &str, entries: &[(&str, f64, (f64, f64), f64)]) -> Value {
    let entries = entries.iter().map(|&(name, ratio, interval, rate)| {
        json!({ "name": name, "rate": rate, "ratio": ratio, "ratio_interval": interval, "rates": [rate] })
    });
    let entries: Vec<_> = entries.collect();
    let cell = |capacity| json!({ "capacity": capacity, "producers": 1, "consumers": 1, "entries": entries });
    json!({
        "machine": {
            "cpu": "a processor", "cores": 2, "cores_that_ran": 2.0, "cores_that_ran_after": 2.0, "kernel": "Linux",
            "rustc": "rustc", "commit": commit, "date": date, "command": "cargo bench --bench paired -- --only grid",
        },
        "grid": { "item": "8 B", "rounds": 1, "run_ms": 20, "cells": [cell(1), cell(64)] },
        "single": [],
    })
}

/// One line, that says what of, and status 2.
fn refused(mut command: Command, of: &str) {
    let output = command.assert().code(2).get_output().clone();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: ") && said.contains(of) && said.lines().count() == 1, "{said:?}");
}

#[test]
fn a_cell_counts_as_won_or_lost_only_if_its_whole_interval_says_so() {
    let place = Place::new("intervals");
    place.put("BENCHMARKS.md", "before <!-- generated: summary two-cores -->\nold\n<!-- end --> after");
    let entries = [
        ("bounded-buffer", 1.0, (1.0, 1.0), 10.0),
        ("bounded-buffer (Park)", 0.5, (0.4, 0.6), 20.0),
        ("wins", 0.5, (0.4, 0.6), 20.0),
        ("loses", 2.0, (1.5, 2.5), 5.0),
        ("even", 1.1, (0.9, 1.2), 9.0),
    ];
    place.put("two.json", &results("2000-01-01 00:00 UTC", "abc", &entries));
    place.report(&[]).assert().success();
    let text = place.text();
    assert!(text.starts_with("before <!-- generated: summary two-cores -->") && text.ends_with("<!-- end --> after"));
    for row in [
        "| wins | **0.50** | **0.50** | 0 | 0 | 2 |",
        "| loses | 2.00 | 2.00 | 2 | 0 | 0 |",
        "| even | 1.10 | 1.10 | 0 | 2 | 0 |",
        "| bounded-buffer (Park) | 0.50 | 0.50 | 0 | 0 | 2 |", // no loss to another
    ] {
        assert!(text.contains(row), "{row} is not in\n{text}");
    }
    assert!(!text.contains("old"));
}

#[test]
fn batches_are_compared_with_the_single_items_of_crossbeam() {
    let place = Place::new("batches");
    place.put("BENCHMARKS.md", "<!-- generated: batch --> <!-- end --> <!-- generated: targets --> <!-- end -->");
    let entries = [
        ("bounded-buffer", 1.0, (1.0, 1.0), 10.0),
        ("bounded-buffer, batches of 64", 0.2, (0.2, 0.2), 50.0),
        ("crossbeam-channel", 2.0, (2.0, 2.0), 5.0),
    ];
    place.put("batch.json", &results("2000-01-01 00:00 UTC", "abc", &entries));
    place.report(&[]).assert().success();
    let text = place.text();
    assert!(text.contains("| 64, 1×1 | 50.0 | 10.0 | 5.00 | 10.00 (10.00–10.00) |"), "{text}");
    assert!(text.contains("slowest cell | ≥ 4 | 10.00 | met |"), "{text}");
}

#[test]
fn runs_that_name_another_winner_do_not_agree() {
    let place = Place::new("agreement");
    place.put("BENCHMARKS.md", "<!-- generated: agreement --><!-- end -->");
    for (date, sometimes) in [("2000-01-01 00:00 UTC", 1.5), ("2000-01-02 00:00 UTC", 0.8)] {
        let entry = |name, ratio| (name, ratio, (ratio, ratio), 1.0);
        let entries =
            [entry("bounded-buffer", 1.0), entry("always", 2.0), entry("never", 0.5), entry("torn", sometimes)];
        place.put("two.json", &results(date, "abc", &entries));
        place.report(&["--record"]).assert().success();
    }
    let text = place.text();
    for row in [
        "| always | 2.00 | 2.00 | bounded-buffer |",
        "| never | 0.50 | 0.50 | never |",
        "| torn | 1.50 | 0.80 | **they do not agree** |",
    ] {
        assert!(text.contains(row), "{row} is not in\n{text}");
    }
}

#[test]
fn a_run_of_uncommitted_changes_is_not_kept() {
    let place = Place::new("uncommitted");
    place.put("BENCHMARKS.md", "");
    place.put("two.json", &results("2000-01-01 00:00 UTC", "abc and changes", &[]));
    refused(place.report(&["--record"]), "abc and changes");
    assert!(!place.0.join("docs/bench/runs").exists());
}

#[test]
fn results_that_are_none_end_it_with_status_2_and_change_nothing() {
    let place = Place::new("no results");
    place.put("BENCHMARKS.md", "<!-- generated: machine -->old<!-- end -->");
    place.put("two.json", "{ \"machine\": 1 }");
    refused(place.report(&[]), "two.json: ");
    assert_eq!(place.text(), "<!-- generated: machine -->old<!-- end -->");
}
