//! The command line of the example `sizing`.

use test_support::program::example;

#[test]
fn the_fewest_consumers_and_slots_that_are_enough_are_recommended() {
    let recommended = |arguments: &str| {
        let output = example("sizing", &format!("{arguments} --check-items 0 --runs 2")).assert().success().stderr("");
        let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("Recommended")).expect("it recommends").to_owned();
        line.rsplit(": ").next().unwrap().to_owned()
    };
    // Three consumers take turns, and each slot is free when the next item comes.
    assert_eq!(recommended("--producers 1 --produce-ms 10..11 --consume-ms 30..31"), "3 consumers, capacity 1");
    // The first five items come at the same time. One is popped, and the other four are in the buffer. With fewer slots, producers
    // wait, and from then on no two items come at the same time.
    let burst = "--producers 5 --produce-ms 100..101 --consume-ms 20..21 --consumers 1 --items 20";
    assert_eq!(recommended(&format!("{burst} --blocked 0.3")), "1 consumers, capacity 3");
    assert_eq!(recommended(&format!("{burst} --blocked 0.1")), "1 consumers, capacity 4");
    assert_eq!(
        recommended("--producers 2 --produce-ms 1..2 --consume-ms 30..31 --consumers 1"),
        "more consumers or more slots than were tried"
    );
}

#[test]
fn a_virtual_run_agrees_with_a_real_one() {
    let arguments = "--consumers 2,3 --capacity 1,5 --runs 2 --items 50 --check-items 10 --time-scale 0.02";
    let output = example("sizing", arguments).assert().success().stderr("");
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let (_, checks) = text.split_once("In real time, 10 items for each producer").unwrap();
    let rows: Vec<Vec<f64>> = checks
        .lines()
        .skip(3)
        .map(|line| line.split_whitespace().map(|number| number.trim_end_matches('%').parse().unwrap()).collect())
        .collect();
    assert!((2..=4).contains(&rows.len()), "{checks}");
    for row in rows {
        let (in_virtual, in_real, percent) = (row[2], row[3], row[4]);
        assert!(in_virtual > 0.0 && in_real > 0.0);
        // Both are rounded for printing.
        assert!(((in_real / in_virtual - 1.0) * 100.0 - percent).abs() < 0.5, "{checks}");
    }
}

#[test]
fn an_impossible_scenario_prints_one_line_and_exits_with_status_2() {
    for (arguments, line) in [
        ("--capacity 0", "the capacity must be from 1 to 1048576, not 0"),
        ("--produce-ms 0..1 --consume-ms 0..1", "without delays there is nothing to size; see `cargo bench`"),
        ("--blocked 0", "invalid value '0' for '--blocked <X>': expected a number above 0, up to 100"),
    ] {
        let output = example("sizing", arguments).assert().code(2);
        let error = String::from_utf8(output.get_output().stderr.clone()).unwrap();
        assert_eq!(error, format!("error: {line}\n"));
    }
}
