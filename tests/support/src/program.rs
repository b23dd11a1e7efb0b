//! The example programs, built and run.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use assert_cmd::Command;
use parking_lot::Mutex;

use crate::unwatched;

/// The root of the workspace.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A program that runs longer than this hangs. Next to four busy loops on two cores the slowest takes 10 s.
pub const LIMIT: Duration = Duration::from_secs(50);

/// The command that runs an example with these arguments. If the program hangs, it is killed, and the test fails.
pub fn example(name: &'static str, arguments: &str) -> Command {
    let mut command = Command::new(path(name));
    command.args(arguments.split_whitespace()).timeout(LIMIT);
    command
}

/// The path of an example. Builds it first: `cargo test` builds the examples, but `cargo test --test programs` does not.
pub fn path(name: &'static str) -> PathBuf {
    static BUILT: LazyLock<Mutex<HashMap<&'static str, PathBuf>>> = LazyLock::new(Mutex::default);
    unwatched(|| BUILT.lock().entry(name).or_insert_with(|| build(name)).clone())
}

fn build(name: &str) -> PathBuf {
    // target/PROFILE/deps/programs-HASH
    let this = std::env::current_exe().unwrap();
    let profile = this.ancestors().nth(2).unwrap();
    let name_of_profile = match profile.file_name().and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        name => name,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--example", name, "--profile", name_of_profile]).arg("--target-dir");
    cargo.arg(profile.parent().unwrap()).current_dir(ROOT).assert().success();
    profile.join("examples").join(name)
}
