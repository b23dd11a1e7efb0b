//! The lab: all executions of small programs, as a page in which the reader is the scheduler (`study/lab/page`). Run it with
//! `cargo lab`; `scripts/lab` writes the page's data.

// As in tests/shuttle.rs: a set RUSTFLAGS would override the alias's cfg, nothing would run, and the run would be green.
#[cfg(not(shuttle))]
const _: () = assert!(
    option_env!("CARGO_SHUTTLE").is_none(),
    "nothing would run: unset RUSTFLAGS, it overrides the `--cfg shuttle` of the alias `cargo lab`"
);

#[cfg(shuttle)]
mod explore;
#[cfg(shuttle)]
mod graph;
#[cfg(shuttle)]
mod narrate;
#[cfg(shuttle)]
mod page;
#[cfg(shuttle)]
mod scenes;
#[cfg(shuttle)]
mod source;
#[cfg(shuttle)]
mod value;
#[cfg(shuttle)]
mod verdict;
#[cfg(shuttle)]
mod world;

#[cfg(not(shuttle))]
#[test]
#[ignore = "the lab runs under shuttle: `cargo lab`"]
fn the_lab_is_run_by_cargo_lab() {
    panic!("nothing was compiled for shuttle; run `cargo lab`");
}
