//! The command line of the tool `cost`.

use std::time::Duration;

use assert_cmd::Command;

#[test]
fn bad_flags_are_one_line_and_status_2() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cost"));
    let output = command.args(["bursts", "0", "--sideways"]).timeout(Duration::from_secs(50)).output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(2), vec![]));
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.starts_with("error: ") && line.lines().count() == 1, "{line}");
}
