use crate::running::LIMIT;
use crate::{interrupted, number, refused, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_csv_report");

#[test]
fn one_broken_file_does_not_hold_up_the_others() {
    let report = report(PROGRAM, &["--make", "5", "--records", "1000", "--capacity", "1"]);
    assert_eq!(number(&report, "records"), 4500);
    assert!(report.contains("sales-5.csv: line 502: invalid digit"), "{report}");
}

#[test]
fn reports_the_users_own_files_and_refuses_the_broken_one() {
    let directory = tempfile::tempdir().expect("a place for a directory");
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("a place for a file");
        path.to_str().expect("plain letters").to_string()
    };
    let good = write("good.csv", "region,quantity,cents\nTea,2,150\n\"Tea\",1,50\n");
    let broken = write("broken.csv", "region,quantity,cents\nTea,1,100\nTea,x,1\n");
    assert!(report(PROGRAM, &[&good]).contains("2 sales, 3.50"));
    let run = assert_cmd::Command::new(PROGRAM).args([&good, &broken]).timeout(LIMIT).assert().code(2);
    let [stdout, stderr] =
        [&run.get_output().stdout, &run.get_output().stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(stdout.contains("3 sales, 4.50"), "{stdout}");
    assert!(stderr.contains("broken.csv: line 3: invalid digit"), "{stderr}");
}

#[test]
fn ctrl_c_reports_what_was_read() {
    let report = interrupted(PROGRAM, &["--make", "8", "--records", "200000", "--capacity", "1"]);
    assert!(number(&report, "records") < 1_500_000, "{report}");
}

#[test]
fn refuses_bad_input() {
    refused(PROGRAM, &["--make", "-1"], "-1");
    refused(PROGRAM, &["/nowhere.csv"], "/nowhere.csv");
}
