//! The steps: each is a bounded buffer. Their models are in tests/loom/ladder.rs. And the program that measures them.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use ladder::{
    Step, step1_textbook, step2_parking_lot, step3_notify_if_waiting, step4_chained_wakeups, step5_spin, step6_batches,
};
use test_support::program::{example, path};
use test_support::watched;

const PRODUCERS: u64 = 3;
const ITEMS: u64 = 400;

/// Three producers and three consumers use a small buffer, so that all of them wait. Then it is closed.
fn all_items_once_and_in_order<S: Step<u64>>() {
    watched(|| {
        let buffer = Arc::new(S::new(2));
        let producers: Vec<_> = (0..PRODUCERS)
            .map(|id| {
                let buffer = buffer.clone();
                thread::spawn(move || assert!(buffer.push_all(id * ITEMS..(id + 1) * ITEMS), "the buffer is open"))
            })
            .collect();
        let consumers: Vec<_> = (0..3)
            .map(|_| {
                let buffer = buffer.clone();
                thread::spawn(move || std::iter::from_fn(|| buffer.pop()).collect::<Vec<_>>())
            })
            .collect();
        for producer in producers {
            producer.join().unwrap();
        }
        buffer.close(); // the consumers drain it and end
        let taken: Vec<_> = consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect();
        for items in &taken {
            for producer in 0..PRODUCERS {
                assert!(items.iter().filter(|&item| item / ITEMS == producer).is_sorted());
            }
        }
        let mut all = taken.concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..PRODUCERS * ITEMS));
    });
}

macro_rules! steps {
    ($($step:ident)+) => {
        $(
            #[test]
            fn $step() {
                all_items_once_and_in_order::<$step::Buffer<u64>>();
            }
        )+
    };
}
steps!(step1_textbook step2_parking_lot step3_notify_if_waiting step4_chained_wakeups step5_spin step6_batches);

/// So that the difference between two neighbours is one idea.
#[test]
fn each_step_is_short() {
    let steps = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    let steps: Vec<_> = steps
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("step"))
        .collect();
    assert_eq!(steps.len(), 6);
    for step in steps {
        let lines = std::fs::read_to_string(&step).unwrap().lines().count();
        assert!(lines <= 120, "{}: {lines} lines", step.display());
    }
}

const SHORT: &str = "--rounds 1 --run-ms 1 --capacity 4 --threads 1";

#[test]
fn bad_input_prints_one_line_and_exits_with_status_2_before_the_run() {
    let rows = "'1 textbook, std', '2 parking_lot', '3 notify if waiting', '4 chained wake-ups', '5 spin, then park', \
                '6 batches of 64', 'shipped, single items', 'crossbeam-channel'";
    let cases = [
        ("--only nothing", format!("no row contains 'nothing'; the rows are {rows}")),
        (
            "--json /nowhere/ladder.json",
            "cannot write /nowhere/ladder.json: No such file or directory (os error 2)".into(),
        ),
        (
            "--capacity 4294967295",
            "invalid value '4294967295' for '--capacity <CAPACITY>': 4294967295 is not in 1..=1048576".into(),
        ),
        ("--capacity 0", "invalid value '0' for '--capacity <CAPACITY>': 0 is not in 1..=1048576".into()),
        ("--sideways", "unexpected argument '--sideways' found".into()),
    ];
    for (arguments, line) in cases {
        example("ladder", arguments).assert().code(2).stdout("").stderr(format!("error: {line}\n"));
    }
}

#[test]
fn each_whole_table_ends_with_what_was_gained() {
    let output = example("ladder", SHORT).assert().success().get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert!(
        text.contains("; 'shipped, single items' has ") && text.contains(" times the rate of '1 textbook, std'."),
        "{text}"
    );
    let output = example("ladder", &format!("{SHORT} --only textbook")).assert().success().get_output().stdout.clone();
    assert!(!String::from_utf8(output).unwrap().contains(" times the rate of "));
}

#[test]
fn its_json_has_each_row_and_the_cost_of_parking() {
    let directory = std::env::temp_dir().join(format!("ladder-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("ladder.json");
    example("ladder", &format!("{SHORT} --json {}", path.display())).assert().success().stderr("");
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(json["tables"][0]["rows"].as_array().unwrap().len(), 8);
    assert_eq!(json["parking"].as_array().unwrap().len(), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_pipe_ends_it_quietly_and_a_full_disk_with_one_line() {
    watched(|| {
        let run = |stdout: Stdio| {
            let mut command = Command::new(path("ladder"));
            command.args(SHORT.split_whitespace()).args(["--only", "parking_lot"]).stdout(stdout).output().unwrap()
        };
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader); // as `head` closes it
        let output = run(writer.into());
        assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));

        let output = run(std::fs::File::options().write(true).open("/dev/full").unwrap().into());
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(line.starts_with("error: cannot write to stdout: ") && line.lines().count() == 1, "{line}");
    });
}
