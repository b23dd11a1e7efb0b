//! A command of a document, and whether its targets, files and flags exist.

use std::fs;
use std::path::{Path, PathBuf};

use super::{files, read, root};
use crate::program::example;

/// The fault of a command; `None` if there is none.
pub(super) fn fault(command: &str) -> Option<String> {
    let command = command.split(" #").next().unwrap_or_default();
    let mut words: Vec<_> = command.split_whitespace().skip_while(|word| word.contains('=')).collect();
    if words.first() == Some(&"taskset") {
        words.drain(..3); // taskset -c 0
    }
    match words[..] {
        ["cargo", subcommand, ref arguments @ ..] => cargo(subcommand, arguments),
        [file] if is_not_a_program(file) => (!root().join(file).exists()).then(|| "does not exist".to_owned()),
        [program, ..] => (!is_executable(&root().join(program))).then(|| "is not executable".to_owned()),
        [] => Some("is empty".to_owned()),
    }
}

/// A directory, or a file with an extension: the text names it and does not run it.
fn is_not_a_program(file: &str) -> bool {
    root().join(file).is_dir() || Path::new(file).extension().is_some()
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn cargo(subcommand: &str, arguments: &[&str]) -> Option<String> {
    let at = arguments.iter().position(|word| *word == "--").unwrap_or(arguments.len());
    let (own, rest) = (&arguments[..at], arguments.get(at + 1..).unwrap_or_default());
    let value = |flag: &str| own.iter().position(|word| *word == flag).and_then(|at| own.get(at + 1)).copied();
    match subcommand {
        "loom" | "shuttle" | "lab" => alias(subcommand).or_else(|| filter(own)).or_else(|| unknown(rest, &LIBTEST)),
        "live" => alias(subcommand).or_else(|| unknown(arguments, &flags_of_help("producer_consumer"))),
        "run" | "test" | "bench" | "build" => {
            for (flag, places) in TARGETS {
                let Some(name) = value(flag) else { continue };
                let place = |place: &&str| root().join(place.replace("NAME", name)).exists();
                if !places.iter().any(place) {
                    return Some(format!("there is no {flag} {name}"));
                }
            }
            match (value("--example"), value("--bench")) {
                (Some(name), _) => unknown(rest, &flags_of_help(name)),
                (_, Some("paired")) => unknown(rest, &flags_of_source("benches/paired/args.rs")),
                _ if subcommand == "test" => filter(own).or_else(|| unknown(rest, &LIBTEST)),
                _ => None,
            }
        }
        "add" | "clippy" | "doc" | "fmt" | "install" | "fuzz" => None,
        _ => Some("this project does not use this subcommand".to_owned()),
    }
}

/// The possible paths of a flag's target.
const TARGETS: [(&str, &[&str]); 5] = [
    ("--example", &["examples/NAME.rs", "examples/scenario/programs/NAME/main.rs", "study/NAME/examples/NAME/main.rs"]),
    ("--bench", &["benches/NAME.rs", "benches/NAME/main.rs"]),
    ("--test", &["tests/NAME.rs", "tests/NAME/main.rs", "tests/loom/NAME/main.rs", "tools/tests/NAME.rs"]),
    (
        "--bin",
        &[
            "examples/at-work/src/bin/NAME.rs",
            "examples/at-work/src/bin/NAME/main.rs",
            "examples/recipes/src/bin/NAME.rs",
            "tools/src/bin/NAME.rs",
            "tools/src/bin/NAME/main.rs",
            "tests/NAME/src/main.rs",
        ],
    ),
    ("-p", &["examples/NAME/Cargo.toml", "study/NAME/Cargo.toml", "tests/NAME/Cargo.toml", "NAME/Cargo.toml"]),
];

const LIBTEST: [&str; 5] = ["--nocapture", "--ignored", "--exact", "--skip", "--list"];

fn alias(name: &str) -> Option<String> {
    let known = read(".cargo/config.toml").lines().any(|line| line.split('=').next().map(str::trim) == Some(name));
    (!known).then(|| format!("there is no alias {name}"))
}

/// The first test filter that is not a part of the name of a test or a module.
fn filter(own: &[&str]) -> Option<String> {
    let takes_value = |word: &str| matches!(word, "--test" | "--bench" | "--example" | "-p" | "--features");
    let is_value = |at: usize| at > 0 && takes_value(own[at - 1]);
    let names = own.iter().enumerate().filter(|(at, word)| !word.starts_with('-') && !is_value(*at));
    let sources: Vec<PathBuf> =
        ["tests", "examples/scenario", "study", "tools/tests", "src"].map(|directory| files(directory, ".rs")).concat();
    let unknown = |name: &str| {
        let last = name.rsplit("::").next().unwrap_or(name);
        !sources.iter().any(|path| {
            let text = fs::read_to_string(path).unwrap();
            let names = text.lines().filter_map(|line| {
                let line = line.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
                // The last two are in the lists of `cargo loom`.
                ["fn ", "mod ", "model(\"", "test(\""].iter().find_map(|before| line.strip_prefix(before))
            });
            names
                .into_iter()
                .any(|name| name.split(['(', '<', ';', ' ', '"']).next().is_some_and(|name| name.contains(last)))
        })
    };
    names.map(|(_, name)| *name).find(|name| unknown(name)).map(|name| format!("no test is called {name}"))
}

/// The first flag that is not known.
fn unknown<S: AsRef<str>>(arguments: &[&str], known: &[S]) -> Option<String> {
    let flags =
        arguments.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap_or(word));
    let is_known = |flag: &str| known.iter().any(|known| known.as_ref() == flag);
    flags.into_iter().find(|flag| !is_known(flag)).map(|flag| format!("it has no flag {flag}"))
}

fn flags_of_help(name: &str) -> Vec<String> {
    let output = example(Box::leak(name.to_owned().into_boxed_str()), "--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let words = help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

/// The fields of a clap structure, as flags. For a bench: its `--help` would require a build.
fn flags_of_source(path: &str) -> Vec<String> {
    let source = read(path);
    let fields = source.lines().filter_map(|line| line.trim().trim_start_matches("pub(crate) ").split_once(": "));
    fields.map(|(name, _)| format!("--{}", name.replace('_', "-"))).collect()
}

#[test]
fn an_existing_target_has_no_fault() {
    for command in [
        "cargo test",
        "cargo test --test programs docs",
        "cargo loom gallery -- --nocapture # prints",
        "cargo run --release --example producer_consumer -- --seed 1",
        "cargo live --seed 1",
        "cargo run --release -p at-work --bin log_pipeline",
        "cargo run --release --bin soak",
        "taskset -c 0 cargo bench --bench paired -- --only grid",
        "SEED=7 cargo shuttle",
        "scripts/cost",
        "clippy.toml",
    ] {
        assert_eq!(fault(command), None, "{command}");
    }
}

#[test]
fn a_missing_target_is_a_fault() {
    for command in [
        "cargo test --test none",
        "cargo test a_test_that_does_not_exist",
        "cargo loom a_test_that_does_not_exist",
        "cargo loom -- --no-such-flag",
        "cargo run --release --example none",
        "cargo run --release --example sizing -- --no-such-flag",
        "cargo live --no-such-flag",
        "cargo run -p at-work --bin none",
        "cargo bench --bench none",
        "cargo bench --bench paired -- --no-such-flag",
        "cargo nothing",
        "scripts/none",
        "clippy.toml --all",
        "src/none.rs",
    ] {
        assert!(fault(command).is_some(), "{command}");
    }
}
