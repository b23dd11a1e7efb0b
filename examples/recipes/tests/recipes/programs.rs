//! The programs, run under a limit.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use test_support::watched;

/// Runs a program. The watchdog of the test ends one that hangs.
fn run(program: &str, arguments: &str) -> Output {
    Command::new(program).args(arguments.split_whitespace()).output().expect("the program was built")
}

/// The lines on stdout of a program that succeeds.
#[track_caller]
fn lines(program: &str, arguments: &str) -> Vec<String> {
    let output = run(program, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints text").lines().map(str::to_owned).collect()
}

/// The numbers in a line.
fn numbers(line: &str) -> Vec<u32> {
    line.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn each_recipe_has_at_most_40_lines() {
    let programs = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin")).unwrap();
    let lengths: Vec<_> = programs
        .map(|program| {
            let path = program.unwrap().path();
            (fs::read_to_string(&path).unwrap().lines().count(), path)
        })
        .collect();
    assert!(lengths.iter().all(|(length, _)| *length <= 40), "{lengths:?}");
    assert_eq!(lengths.len(), 8);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_source_and_drains_the_buffer() {
    watched(|| {
        for signal in ["-INT", "-TERM"] {
            let mut program = Command::new(env!("CARGO_BIN_EXE_ctrl_c"))
                .stdout(Stdio::piped())
                .spawn()
                .expect("the program was built");
            let mut output = BufReader::new(program.stdout.take().expect("piped")).lines().map(Result::unwrap);
            assert_eq!(output.next().as_deref(), Some("item 0")); // the handler is set before the first item is printed
            assert!(Command::new("kill").args([signal, &program.id().to_string()]).status().unwrap().success());
            let rest: Vec<_> = output.collect();
            let items = u32::try_from(rest.len()).unwrap(); // "item 0" instead of the last line
            assert_eq!(rest.last().unwrap(), &format!("{items} items accepted, {items} consumed"));
            assert!(program.wait().unwrap().success());
        }
    });
}

#[test]
fn without_ctrl_c_the_program_ends_after_its_input() {
    watched(|| {
        let expected = ["item 0", "item 1", "item 2", "3 items accepted, 3 consumed"];
        assert_eq!(lines(env!("CARGO_BIN_EXE_ctrl_c"), "3"), expected);
    });
}

#[test]
fn a_worker_that_panics_is_replaced() {
    watched(|| {
        let lines = lines(env!("CARGO_BIN_EXE_worker_pool"), "10");
        assert_eq!(lines[2], "20 jobs accepted: 20 taken by a worker, 0 dropped");
        assert_eq!(numbers(&lines[..2].concat()).iter().sum::<u32>(), 3, "jobs 3, 11 and 19 are broken: {lines:?}");
    });
}

/// The first two broken jobs end both workers. The last consumer then drops what was accepted and not taken.
#[test]
fn the_jobs_that_a_pool_without_workers_loses_are_counted() {
    watched(|| {
        let lines = lines(env!("CARGO_BIN_EXE_worker_pool"), "0");
        assert_eq!(lines.iter().filter(|line| *line == "a worker panicked too often").count(), 2);
        let report = |end: &str| numbers(lines.iter().find(|line| line.ends_with(end)).expect("it is printed"));
        let (refused, accepted) = (report("were not accepted"), report("dropped"));
        assert_eq!(refused[0] + accepted[0], 20, "{lines:?}");
        assert_eq!(accepted[1..], [12, accepted[0] - 12], "{lines:?}");
    });
}

#[test]
fn a_pipeline_reports_the_error_that_ended_it() {
    watched(|| {
        let program = env!("CARGO_BIN_EXE_root_error");
        assert_eq!(lines(program, "1 2 3"), ["sum: 6"]);
        for (numbers, error) in [
            ("1 x 3 4 5 6 7 8 9", r#"Error: "\"x\" is no number: invalid digit found in string""#),
            ("4294967295 1 3 4 5 6 7 8 9", r#"Error: "the sum is too large""#),
        ] {
            let output = run(program, numbers);
            assert_eq!((output.status.code(), output.stdout), (Some(1), vec![]));
            assert_eq!(String::from_utf8(output.stderr).unwrap().trim_end(), error);
        }
    });
}

#[test]
fn workers_that_feed_their_own_buffer_process_all_items() {
    watched(|| assert_eq!(lines(env!("CARGO_BIN_EXE_self_feeding"), ""), ["511 items done, 0 left"]));
}

#[test]
fn a_time_out_in_a_task_returns_the_item() {
    let expected = ["pushed", "timed out waiting for a free slot: second", "the buffer is closed: third"];
    watched(|| assert_eq!(lines(env!("CARGO_BIN_EXE_task_timeout"), ""), expected));
}

/// The items arrive in bursts of 10. A batch that did not wait for more, or for too many, would be smaller or larger.
#[test]
fn a_writer_gets_full_batches() {
    watched(|| {
        for program in [env!("CARGO_BIN_EXE_batches"), env!("CARGO_BIN_EXE_task_batches")] {
            let batches: Vec<_> = lines(program, "").iter().map(|line| numbers(line)).collect();
            assert_eq!(batches, [[32, 31], [32, 63], [32, 95], [4, 99]], "{program}");
        }
    });
}

#[test]
fn metrics_report_the_state_of_the_buffer() {
    watched(|| {
        let lines = lines(env!("CARGO_BIN_EXE_metrics"), "");
        let (reports, end) = lines.split_at(lines.len() - 3);
        assert!(reports.iter().any(|line| line.contains(" of 4 slots taken; ")), "{lines:?}");
        assert!(reports.iter().any(|line| line.contains(" producers wait; ")), "{lines:?}");
        assert_eq!(end[0], "40 pushed, 40 popped, 0 dropped");
        assert_eq!(end[1], "at most 4 items at the same time");
    });
}
