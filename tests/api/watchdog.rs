//! The watchdog sees only tests that `watched` or `with_each_strategy` runs. Another test that hangs would not be named, so each test
//! must use one of them.

use std::fs;
use std::path::Path;

/// These have no test that uses a buffer.
const EXEMPT: [&str; 3] = ["facade.rs", "watchdog.rs", "data.rs"];

/// The names of the tests whose body is not run by `watched` or `with_each_strategy`.
fn unwatched(source: &str) -> Vec<&str> {
    let tests = source.split("#[test]").skip(1);
    tests.filter(|test| !["watched(", "with_each_strategy("].iter().any(|call| test.contains(call))).map(name).collect()
}

fn name(test: &str) -> &str {
    test.split_once("fn ").and_then(|(_, rest)| rest.split('(').next()).unwrap_or(test)
}

fn check(directory: &Path) -> usize {
    let mut tests = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests += check(&path);
        } else if !EXEMPT.contains(&path.file_name().unwrap().to_str().unwrap()) {
            let source = fs::read_to_string(&path).unwrap();
            assert_eq!(unwatched(&source), [""; 0], "in {}", path.display());
            tests += source.matches("#[test]").count();
        }
    }
    tests
}

#[test]
fn each_test_that_uses_a_buffer_is_watched() {
    let tests = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api"));
    assert!(tests > 100, "{tests} tests found");
}

#[test]
fn a_test_that_is_not_watched_is_found() {
    let source =
        "#[test]\nfn one() { watched(|| {}); }\n#[test]\nfn two() {}\n#[test]\nfn three() { with_each_strategy(f); }";
    assert_eq!(unwatched(source), ["two"]);
}
