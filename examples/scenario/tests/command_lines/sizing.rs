//! The command line of the example `sizing`.

use test_support::program::example;

#[test]
fn the_fewest_consumers_and_slots_that_are_enough_are_recommended() {
    let recommended = |arguments: &str| {
        let output = example("sizing", arguments).assert().success().stderr("");
        let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("Recommended")).expect("it recommends").to_owned();
        line.rsplit(": ").next().unwrap().to_owned()
    };
    // Three consumers take turns, and each slot is free when the next item comes.
    assert_eq!(
        recommended("--producers 1 --produce-ms 10..11 --consume-ms 30..31 --items 50"),
        "3 consumers, capacity 1"
    );
    // The first five items come at the same time. One is popped, and the other four are in the buffer. With fewer slots, producers
    // wait, and from then on no two items come at the same time.
    let burst = "--producers 5 --produce-ms 100..101 --consume-ms 20..21 --consumers 1 --items 20";
    assert_eq!(recommended(&format!("{burst} --blocked 0.3")), "1 consumers, capacity 3");
    assert_eq!(recommended(&format!("{burst} --blocked 0.1")), "1 consumers, capacity 4");
    assert_eq!(
        recommended("--producers 2 --produce-ms 1..2 --consume-ms 30..31 --consumers 1 --items 50"),
        "more consumers or more slots than were tried"
    );
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
