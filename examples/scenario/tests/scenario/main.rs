//! The documented scenario as data, and in other files the runner, and what is inferred from a run.

use std::time::Duration;

use scenario::{Failure, Scenario};

mod lanes;
mod runs;
mod virtual_run;

/// The documented scenario without delays.
fn quick() -> Scenario {
    Scenario { time_scale: 0.0, ..Scenario::default() }
}

#[test]
fn the_default_is_the_documented_scenario() {
    let documented = Scenario {
        capacity: 5,
        producers: 2,
        consumers: 3,
        items: 10,
        produce_ms: 100..300,
        consume_ms: 100..400,
        seed: None,
        time_scale: 1.0,
        phase_ms: 0,
        fail: None,
    };
    assert_eq!(Scenario::default(), documented);
    assert_eq!(documented.validate(), Ok(()));
}

#[test]
fn an_impossible_scenario_is_refused_with_one_line() {
    let default = Scenario::default;
    let fail = |producer, item| Scenario { fail: Some(Failure { producer, item }), ..default() };
    #[allow(clippy::reversed_empty_ranges, reason = "this is what is tested")]
    let cases = [
        (Scenario { capacity: 0, ..default() }, "the capacity must be from 1 to 1048576, not 0"),
        (Scenario { capacity: 1_048_577, ..default() }, "the capacity must be from 1 to 1048576, not 1048577"),
        (Scenario { producers: 0, ..default() }, "the number of producers must be from 1 to 1024, not 0"),
        (Scenario { consumers: 0, ..default() }, "the number of consumers must be from 1 to 1024, not 0"),
        (Scenario { consumers: 1025, ..default() }, "the number of consumers must be from 1 to 1024, not 1025"),
        (Scenario { produce_ms: 5..2, ..default() }, "the range of produce delays 5..2 is empty"),
        (Scenario { consume_ms: 0..0, ..default() }, "the range of consume delays 0..0 is empty"),
        (Scenario { time_scale: -0.5, ..default() }, "the time scale must be a finite number of at least 0, not -0.5"),
        (
            Scenario { time_scale: f64::NAN, ..default() },
            "the time scale must be a finite number of at least 0, not NaN",
        ),
        (fail(3, 1), "producer 3 cannot fail at item 1: there are 2 producers of 10 items each"),
        (fail(1, 0), "producer 1 cannot fail at item 0: there are 2 producers of 10 items each"),
        (fail(1, 11), "producer 1 cannot fail at item 11: there are 2 producers of 10 items each"),
    ];
    for (scenario, line) in cases {
        assert_eq!(scenario.validate().unwrap_err(), line);
        assert_eq!(scenario.run().unwrap_err(), line);
    }
}

#[test]
fn delays_are_drawn_from_the_whole_half_open_range() {
    let scenario = Scenario::default();
    let (values, delays): (Vec<_>, Vec<_>) = scenario.steps(1, 1).take(10_000).unzip();
    assert_eq!((values.iter().min(), values.iter().max()), (Some(&0), Some(&99)));
    let ms = Duration::from_millis;
    assert_eq!((delays.iter().min(), delays.iter().max()), (Some(&ms(100)), Some(&ms(299))));
    let delays: Vec<_> = scenario.delays(1, 1).take(10_000).collect();
    assert_eq!((delays.iter().min(), delays.iter().max()), (Some(&ms(100)), Some(&ms(399))));
}

#[test]
fn the_time_scale_stretches_delays_and_nothing_else() {
    let half = Scenario { time_scale: 0.5, ..Scenario::default() };
    for ((value, delay), (same_value, half_delay)) in Scenario::default().steps(7, 2).zip(half.steps(7, 2)).take(100) {
        assert_eq!((value, delay), (same_value, half_delay * 2));
    }
    assert!(quick().steps(7, 2).take(100).all(|(_, delay)| delay.is_zero()));
    let endless = Scenario { time_scale: f64::MAX, ..Scenario::default() };
    assert_eq!(endless.delays(7, 1).next(), Some(Duration::MAX));
}

/// If this fails after an update of `rand`, seeds have changed their meaning: say so in the changelog.
#[test]
fn a_seed_keeps_its_meaning() {
    let steps: Vec<_> =
        Scenario::default().steps(42, 1).take(4).map(|(value, delay)| (value, delay.as_millis())).collect();
    let pauses: Vec<_> = Scenario::default().delays(42, 1).take(4).map(|delay| delay.as_millis()).collect();
    assert_eq!(steps, [(29, 190), (15, 170), (98, 284), (58, 121)]);
    assert_eq!(pauses, [287, 272, 310, 210]);
}

#[test]
fn seed_role_and_number_each_make_another_sequence() {
    let scenario = Scenario { consume_ms: 100..300, ..Scenario::default() };
    let delays = |seed, id| scenario.steps(seed, id).take(20).map(|(_, delay)| delay).collect::<Vec<_>>();
    let pauses = |seed, id| scenario.delays(seed, id).take(20).collect::<Vec<_>>();
    let all = [delays(1, 1), delays(2, 1), delays(1, 2), pauses(1, 1), pauses(1, 2)];
    for (index, one) in all.iter().enumerate() {
        assert!(!all[..index].contains(one), "number {index}");
    }
}
