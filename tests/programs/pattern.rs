//! The output of the example `pattern`.

use crate::program::{example, path};
use test_support::watched;

#[test]
fn the_pattern_consumes_each_item_that_it_produces() {
    let output = example("pattern", "").assert().success().stderr("");
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let values = |threads: std::ops::RangeInclusive<u32>, role: &str, verb: &str| {
        let mut values: Vec<u32> = Vec::new();
        for id in threads {
            let begin = format!("{role} {id} {verb}: ");
            let of_thread = text.lines().filter_map(|line| line.strip_prefix(&begin));
            values.extend(of_thread.map(|value| value.parse::<u32>().expect("a whole number ends the line")));
        }
        values.sort_unstable();
        values
    };
    let produced = values(1..=2, "Producer", "produced");
    assert_eq!(produced, values(1..=3, "Consumer", "consumed"), "{text}");
    assert_eq!((produced.len(), text.lines().count()), (20, 40), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn it_ends_if_its_lines_cannot_be_written() {
    watched(|| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader); // as `head` does
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        for stdout in [std::process::Stdio::from(writer), full.into()] {
            let output = std::process::Command::new(path("pattern")).stdout(stdout).output().unwrap();
            assert_eq!((output.status.code(), output.stderr), (Some(1), vec![]));
        }
    });
}
