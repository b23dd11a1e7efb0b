//! The command lines of the programs `producer_consumer` and `sizing`, tested by running them.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{self, Stdio};

use assert_cmd::Command;

use test_support::program::{example, path};
use test_support::watched;

/// The command that runs it with these arguments.
fn run(arguments: &str) -> Command {
    example("producer_consumer", arguments)
}

/// Its output, after a successful run that prints nothing to stderr.
fn stdout(arguments: &str) -> String {
    let output = run(arguments).assert().success().stderr("").get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// The rest of each line that begins with `begin`.
fn after<'a>(text: &'a str, begin: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(begin)).collect()
}

fn values(text: &str, worker: &str, verb: &str) -> Vec<u32> {
    after(text, worker)
        .iter()
        .filter_map(|rest| rest.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).strip_prefix(verb))
        .map(|value| value.parse().expect("a whole number ends the line"))
        .collect()
}

const HOLDS: &str = "Verdict         nothing lost, nothing duplicated, per-producer order kept";

#[test]
fn twenty_items_are_produced_and_consumed() {
    for arguments in ["", "--consumers 1"] {
        let text = stdout(&format!("--time-scale 0.01 {arguments}"));
        let (lines, report) = text.split_once("\n\n").unwrap();
        let mut produced = values(lines, "Producer", "produced: ");
        let mut consumed = values(lines, "Consumer", "consumed: ");
        assert_eq!((produced.len(), lines.lines().count()), (20, 40), "{text}");
        assert!(produced.iter().all(|value| *value < 100), "{text}");
        produced.sort_unstable();
        consumed.sort_unstable();
        assert_eq!(produced, consumed, "{text}");
        assert!(report.ends_with(&format!("{HOLDS}\n")), "{text}");
        assert!(report.contains("20 items pushed, 20 popped in "), "{text}");
    }
}

/// `scripts/live` tests the view in a terminal.
#[test]
fn live_without_a_terminal_prints_the_lines() {
    let note = "note: --live prints lines, because stdout is not a terminal\n";
    let result = run("--time-scale 0 --live --producers 1 --seed 5").assert().success().stderr(note);
    let text = String::from_utf8(result.get_output().stdout.clone()).unwrap();
    let plain = stdout("--time-scale 0 --producers 1 --seed 5");
    assert_eq!(values(&text, "Producer 1", " produced: "), values(&plain, "Producer 1", " produced: "));
    let (lines, report) = text.split_once("\n\n").unwrap();
    assert_eq!((values(&text, "Consumer", "consumed: ").len(), lines.lines().count()), (10, 20), "{text}");
    assert!(report.contains(HOLDS) && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn quiet_prints_the_report_only() {
    let text = stdout("--time-scale 0 --quiet --seed 5");
    assert!(text.starts_with("bounded-buffer, capacity 5, seed 5\n"), "{text}");
    assert!(!text.contains("produced") && text.contains(HOLDS), "{text}");
}

#[test]
fn a_failing_producer_prints_one_line_and_is_named_in_the_report() {
    let result = run("--time-scale 0 --fail-producer 2@3").assert().success().stderr("Producer 2 failed\n");
    let text = String::from_utf8_lossy(&result.get_output().stdout).into_owned();
    assert_eq!(after(&text, "Producer 1 produced: ").len(), 10, "{text}");
    assert_eq!(after(&text, "Producer 2 produced: ").len(), 2, "{text}");
    assert_eq!(values(&text, "Consumer", "consumed: ").len(), 12, "{text}");
    assert!(text.contains("Producer 2 failed after 2 items") && text.contains(HOLDS), "{text}");
}

#[test]
fn bad_input_prints_one_line_and_exits_with_status_2() {
    let cases = [
        ("--capacity 0", "the capacity must be from 1 to 1048576, not 0"),
        ("--produce-ms 5", "invalid value '5' for '--produce-ms <A..B>': expected two whole numbers, as in 100..300"),
        ("--time-scale -1", "the time scale must be a finite number of at least 0, not -1"),
        (
            "--fail-producer 1",
            "invalid value '1' for '--fail-producer <N@ITEM>': expected two whole numbers, as in 1@3",
        ),
        ("--quiet --live", "the argument '--quiet' cannot be used with '--live'"),
        ("--items", "a value is required for '--items <N>' but none was supplied"),
        ("--fast", "unexpected argument '--fast' found"),
    ];
    for (arguments, line) in cases {
        run(arguments).assert().code(2).stdout("").stderr(format!("error: {line}\n"));
    }
}

#[test]
fn help_fits_eighty_columns() {
    let text = stdout("--help");
    assert!(text.contains("--seed") && text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

/// Starts the program, for tests that read its output or signal it while it runs. Needs `watched`.
fn start(arguments: &str) -> process::Child {
    let mut command = process::Command::new(path("producer_consumer"));
    command.args(arguments.split_whitespace()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn first_line(stdout: &mut impl BufRead) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    line
}

fn all_of(mut stream: impl Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_closed_pipe_ends_the_run_without_an_error() {
    watched(|| {
        let mut child = start("--items 1000000 --time-scale 0");
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        assert_ne!(first_line(&mut stdout), "");
        drop(stdout); // as `head -1` does
        let status = child.wait().unwrap().code();
        assert_eq!((status, all_of(child.stderr.take().unwrap()).as_str()), (Some(0), ""));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_prints_one_line_and_exits_with_status_1() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    watched(move || {
        for arguments in ["--time-scale 0 --quiet", "--items 1000000", "--help"] {
            let mut command = process::Command::new(path("producer_consumer"));
            let output = command.args(arguments.split_whitespace()).stdout(full()).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{arguments}");
            let line = String::from_utf8(output.stderr).unwrap();
            assert_eq!(line, "error: cannot write to stdout: No space left on device (os error 28)\n", "{arguments}");
        }
        // The report is printed, although the picture cannot be written.
        let text = run("--time-scale 0 --quiet --timeline /dev/full").assert().code(1);
        let text = text.stderr("error: cannot write /dev/full: No space left on device (os error 28)\n");
        assert!(String::from_utf8_lossy(&text.get_output().stdout).contains(HOLDS));
        // A failed write to stderr does not end the run.
        let mut command = process::Command::new(path("producer_consumer"));
        let arguments = ["--time-scale", "0", "--fail-producer", "1@2", "--live"];
        let output = command.args(arguments).stderr(full()).output().unwrap();
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(HOLDS));
    });
}

/// Runs the program and signals it after its first line. Returns what it prints.
#[cfg(unix)]
fn interrupted(arguments: &str, signal: &str, times: usize) -> String {
    let mut child = start(arguments);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let first = first_line(&mut stdout);
    let mut kill = process::Command::new("kill");
    // One call, so that the signals follow each other immediately.
    let kill = kill.arg(signal).args(vec![child.id().to_string(); times]);
    assert!(kill.status().unwrap().success());
    let text = first + &all_of(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
    assert_eq!(all_of(child.stderr.take().unwrap()), "");
    assert!(text.contains("closed before the producers were done") && text.contains(HOLDS), "{signal}: {text}");
    text
}

/// `timeout` signals its child and then the process group of the child, so the child receives two signals.
#[cfg(unix)]
#[test]
fn a_signal_sent_twice_in_a_row_loses_no_report() {
    watched(|| {
        for signal in ["-TERM", "-INT"] {
            interrupted("--items 1000000 --capacity 1000 --time-scale 0.00001", signal, 2);
        }
    });
}

#[cfg(unix)]
#[test]
fn ctrl_c_closes_drains_reports_and_exits_with_status_130() {
    watched(|| {
        // The first delays are ten minutes long, so the run ends soon only if the signal interrupts them.
        let delays = "--produce-ms 600000..600001 --consume-ms 600000..600001";
        let text = interrupted(&format!("{delays} --producers 4 --consumers 1 --capacity 2"), "-INT", 1);
        let [produced, consumed] = [("Producer", "produced: "), ("Consumer", "consumed: ")]
            .map(|(worker, verb)| values(&text, worker, verb).len());
        assert_eq!(produced, consumed, "{text}");
    });
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn a_timeline_shows_each_thread_and_its_waits() {
    let path = file("lanes.svg");
    let report = stdout(&format!(
        "--produce-ms 0..1 --consume-ms 5..6 --consumers 1 --capacity 2 --seed 1 --quiet --timeline {}",
        path.display()
    ));
    let svg = fs::read_to_string(path).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("width=\"900\"") && svg.contains("font-size: 14px"));
    for part in ["<title id=\"title\">", "<desc id=\"description\">", "@media (prefers-color-scheme: dark)"] {
        assert_eq!(svg.matches(part).count(), 1, "{part}");
    }
    let texts = "Producer 1,Producer 2,Consumer 1,capacity 2,seed 1,blocked on full,blocked on empty,close,wake-up,\
                 items in the buffer,time in ms";
    for text in texts.split(',') {
        assert!(svg.contains(text), "{text}");
    }
    // One is the entry of the legend. Two waits are drawn as one if only a push was between them.
    let full = svg.matches("<rect class=\"full\"").count() - 1;
    let blocked = |row: &str| row.split_whitespace().nth(2).unwrap().parse::<usize>().unwrap();
    let waits: usize = after(&report, "Producer ").into_iter().map(blocked).sum();
    assert!(full > 0 && full <= waits, "{full} rectangles, {waits} waits");
    let (_, arrows) = svg.split_once("<path class=\"head\" d=\"").unwrap();
    assert!(arrows.split_once('"').unwrap().0.contains('z'), "an arrow for each wake-up");
}

#[test]
fn a_timeline_of_a_long_run_is_no_larger_than_its_pixels() {
    let path = file("long.svg");
    stdout(&format!("--time-scale 0 --items 50000 --quiet --timeline {}", path.display()));
    let size = fs::metadata(path).unwrap().len();
    assert!(size < 2_000_000, "{size} bytes");
}

#[test]
fn a_timeline_that_cannot_be_written_is_an_error_before_the_run() {
    let path = file("no such directory").join("x");
    let line = format!("error: cannot write {}: No such file or directory (os error 2)\n", path.display());
    let mut command = run("--items 1000000000");
    command.arg("--timeline").arg(&path).assert().code(2).stdout("").stderr(line);
}

#[test]
fn a_scenario_that_cannot_run_leaves_the_file_as_it_is() {
    let path = file("same.svg");
    fs::write(&path, "before").unwrap();
    run("--capacity 0").arg("--timeline").arg(&path).assert().code(2);
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    run("--time-scale 0").arg("--timeline").arg(&path).assert().success();
    assert!(fs::read_to_string(&path).unwrap().ends_with("</svg>"));
}

#[test]
fn the_fewest_consumers_and_slots_that_are_enough_are_recommended() {
    let recommended = |arguments: &str| {
        let output = example("sizing", arguments).assert().success().stderr("");
        let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("Recommended")).expect("it recommends").to_owned();
        line.rsplit(": ").next().unwrap().to_owned()
    };
    // Three consumers take turns, and each slot is free when the next item comes.
    assert_eq!(
        recommended("--producers 1 --produce-ms 10..11 --consume-ms 30..31 --items 50"),
        "3 consumers, capacity 1"
    );
    // The first five items come at the same time. One is popped, and the other four are in the buffer. With fewer slots, producers
    // wait, and from then on no two items come at the same time.
    let burst = "--producers 5 --produce-ms 100..101 --consume-ms 20..21 --consumers 1 --items 20";
    assert_eq!(recommended(&format!("{burst} --blocked 0.3")), "1 consumers, capacity 3");
    assert_eq!(recommended(&format!("{burst} --blocked 0.1")), "1 consumers, capacity 4");
    assert_eq!(
        recommended("--producers 2 --produce-ms 1..2 --consume-ms 30..31 --consumers 1 --items 50"),
        "more consumers or more slots than were tried"
    );
}

#[test]
fn what_cannot_be_sized_prints_one_line_and_exits_with_status_2() {
    for (arguments, line) in [
        ("--produce-ms 0..1 --consume-ms 0..1", "without delays there is nothing to size; see `cargo bench`"),
        ("--blocked 0", "invalid value '0' for '--blocked <X>': expected a number above 0, up to 100"),
    ] {
        let output = example("sizing", arguments).assert().code(2);
        let error = String::from_utf8(output.get_output().stderr.clone()).unwrap();
        assert_eq!(error, format!("error: {line}\n"));
    }
}
