//! The example `pattern` and the first program of the README: the output, and that they end if the consumers panic.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use test_support::{unwatched, watched};

use crate::docs::{first_program_of_the_readme, read};
use crate::program::{LIMIT, ROOT, example, path};

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
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        for stdout in [std::process::Stdio::from(writer), full.into()] {
            let output = std::process::Command::new(path("pattern")).stdout(stdout).output().unwrap();
            assert_eq!((output.status.code(), output.stderr), (Some(1), vec![]));
        }
    });
}

/// Builds a program in a package of its own, as a user of the library would, with the versions of this repository.
fn build(name: &str, source: &str) -> Command {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(package.join("src")).unwrap();
    fs::write(package.join("src/main.rs"), source).unwrap();
    fs::copy(Path::new(ROOT).join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n[dependencies]\nbounded-buffer.path = {ROOT:?}\nfastrand = \"2\"\n[workspace]\n"
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline", "--target-dir", "../panicking"]).current_dir(&package);
    unwatched(|| cargo.assert().success());
    Command::new(package.join("../panicking/debug").join(name))
}

/// Runs the program with `consume` replaced by a panic. Its producers find the buffer closed, and the scope ends.
fn ends_when_its_consumers_panic(name: &str, source: &str, consume: &str) {
    assert_eq!(source.matches(consume).count(), 1, "{source}");
    let output =
        build(name, &source.replace(consume, "panic!(\"item {item} is broken\");")).timeout(LIMIT).assert().code(101);
    let errors = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert_eq!(errors.matches(" is broken").count(), 3, "each consumer panics: {errors}");
    assert_eq!(
        errors.matches("a consumer is left: PushError(..)").count(),
        2,
        "each producer sees the close: {errors}"
    );
}

#[test]
fn the_first_program_of_the_readme_ends_when_its_consumers_panic() {
    let source = format!("fn main() {{\n{}}}\n", first_program_of_the_readme());
    let consume = r#"println!("consumer {id}: item {item} of producer {producer}");"#;
    ends_when_its_consumers_panic("first-program", &source, consume);
}

#[test]
fn the_pattern_ends_when_its_consumers_panic() {
    let consume = r#"print(&format!("Consumer {id} consumed: {item}"));"#;
    ends_when_its_consumers_panic("panicking-pattern", &read("examples/pattern.rs"), consume);
}
