//! `src/sync.rs` is the one door to the primitives. A raw one elsewhere in the library would be invisible to loom, and the
//! models would stay green; Clippy cannot watch it, because it sees through the door's own re-exports.

use std::fs;
use std::path::Path;

/// The door itself, and the runner, which is never modelled.
const EXEMPT: [&str; 3] = ["sync.rs", "sync", "runner"];

/// Where a name begins that could be a primitive, and what may follow: `OnceLock` caches a number, an `Ordering` does
/// nothing by itself, and neither do a thread's name or the number of cores.
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

/// The names the code takes past the door. Comments may name what they like.
fn trespasses(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| line.chars().filter(|c| !c.is_whitespace()))
        .collect();
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

fn check(directory: &Path) -> usize {
    let mut checked = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if EXEMPT.contains(&name) {
            continue;
        }
        if path.is_dir() {
            checked += check(&path);
            continue;
        }
        let mut source = fs::read_to_string(&path).unwrap();
        if name == "lib.rs" {
            // The one marked place: the models are built on the door, so that under a checker it is public.
            for line in [
                "#[cfg(not(any(all(loom, feature = \"loom\"), all(shuttle, feature = \"shuttle\"))))]\nmod sync;\n",
                "#[cfg(any(all(loom, feature = \"loom\"), all(shuttle, feature = \"shuttle\")))]\n#[doc(hidden)]\npub mod sync;\n",
            ] {
                assert_eq!(source.matches(line).count(), 1, "lib.rs opens the door once each way");
                source = source.replace(line, "");
            }
        }
        let found = trespasses(&source);
        assert!(found.is_empty(), "{} goes past src/sync.rs: {found:#?}", path.display());
        checked += 1;
    }
    checked
}

#[test]
fn only_the_door_names_primitives_or_the_model() {
    let checked = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(checked >= 8, "only {checked} files were looked at");
}

#[test]
fn a_primitive_past_the_door_is_found() {
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
        assert_eq!(trespasses(offence).len(), 1, "{offence}");
    }
    for innocent in [
        "use std::sync::OnceLock;",
        "use std::sync::atomic::Ordering;",
        "let n = std::thread::available_parallelism();",
        "/// [`Arc`](std::sync::Arc), checked by loom",
        "use crate::sync::{Arc, Mutex};",
    ] {
        assert_eq!(trespasses(innocent), [""; 0], "{innocent}");
    }
}
