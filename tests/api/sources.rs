//! What the source must be. `src/sync.rs` is the facade: the only file of the library that names primitives. Loom would not see a
//! raw primitive elsewhere, and the models would pass. Clippy cannot check that, because it resolves the re-exports of the facade.
//!
//! The watchdog sees only tests that `watched` or `with_each_strategy` runs. Another test that hangs would not be named, so each test
//! of the interface must use one of them.

use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The path, from the root, and the text of each file below the directory.
fn files(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let name = path.strip_prefix(ROOT).unwrap().to_str().unwrap();
            found.push((name.to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// Prefixes of names that could be primitives, and the allowed names: `OnceLock` caches a number, and the others are values
/// without an effect.
const GUARDED: [(&str, &[&str]); 8] = [
    ("parking_lot", &[]),
    ("loom", &[]),
    ("shuttle", &[]),
    ("std::sync", &["::OnceLock", "::atomic::Ordering"]),
    ("std::thread", &["::available_parallelism", "::panicking"]),
    ("std::hint", &[]),
    ("std::{", &[]), // a list could hide one of the above
    ("core::", &[]),
];

/// The primitives that the code names. Comments may name them.
fn violations(source: &str) -> Vec<String> {
    let code = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| line.chars().filter(|c| !c.is_whitespace()))
        .collect::<String>()
        .replace("futures_core::", ""); // traits without a primitive; the name ends like `core::`
    let mut found = Vec::new();
    for (name, allowed) in GUARDED {
        for (at, _) in code.match_indices(name) {
            let after = &code[at + name.len()..];
            let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if !allowed.iter().any(|allowed| after.strip_prefix(allowed).is_some_and(ends)) {
                found.push(code[at..].chars().take(40).collect());
            }
        }
    }
    found
}

#[test]
fn only_the_facade_names_primitives_and_models() {
    let mut files = files(&Path::new(ROOT).join("src"));
    files.retain(|(name, _)| name != "src/sync.rs");
    assert!(files.len() >= 8, "only {} files are checked", files.len());
    for (name, source) in files {
        let found = violations(&source);
        assert!(found.is_empty(), "{name} names primitives outside src/sync.rs: {found:#?}");
    }
}

#[test]
fn a_primitive_outside_the_facade_is_found() {
    for offence in [
        "use parking_lot::Mutex;",
        "let x = parking_lot :: const_mutex(0);",
        "use std::sync::Mutex;",
        "use std::sync::{Arc, OnceLock};",
        "use std::sync::atomic::{AtomicUsize, Ordering};",
        "use std::sync::atomic::AtomicBool;",
        "use std::{sync::Condvar, fmt};",
        "use std::\n    sync::mpsc;",
        "let a = std::sync::Arc::new(1);",
        "std::thread::park();",
        "std::thread::yield_now();",
        "std::hint::spin_loop();",
        "core::hint::spin_loop();",
        "use std::sync::OnceLockless;",
        "#[cfg(loom)] mod other;",
        "if cfg!(loom) {}",
        "loom::thread::yield_now();",
        "shuttle::thread::yield_now();",
    ] {
        assert_eq!(violations(offence).len(), 1, "{offence}");
    }
    for innocent in [
        "use std::sync::OnceLock;",
        "use std::sync::atomic::Ordering;",
        "let n = std::thread::available_parallelism();",
        "/// [`Arc`](std::sync::Arc), checked by loom",
        "use crate::sync::{Arc, Mutex};",
        "use futures_core::{FusedStream, Stream};",
    ] {
        assert_eq!(violations(innocent), [""; 0], "{innocent}");
    }
}

/// The tests whose body is not run by `watched` or `with_each_strategy`.
fn unwatched(source: &str) -> Vec<&str> {
    let tests = source.split("#[test]").skip(1);
    let is_watched = |test: &&str| ["watched(", "with_each_strategy("].iter().any(|call| test.contains(call));
    tests.filter(|test| !is_watched(test)).map(|test| test.split('(').next().unwrap_or(test).trim()).collect()
}

#[test]
fn each_test_that_uses_a_buffer_is_watched() {
    let mut files = files(&Path::new(ROOT).join("tests/api"));
    files.retain(|(name, _)| !["tests/api/sources.rs", "tests/api/main.rs"].contains(&name.as_str()));
    assert!(files.len() >= 15, "only {} files are checked", files.len());
    for (name, source) in files {
        assert_eq!(unwatched(&source), [""; 0], "in {name}");
        assert!(source.contains("#[test]"), "{name} has no test");
    }
}

#[test]
fn a_test_that_is_not_watched_is_found() {
    let source =
        "#[test]\nfn one() { watched(|| {}); }\n#[test]\nfn two() {}\n#[test]\nfn three() { with_each_strategy(f); }";
    assert_eq!(unwatched(source), ["fn two"]);
}
