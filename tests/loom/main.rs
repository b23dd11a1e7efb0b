//! The models: every schedule of small programs, explored by loom. Run them with `cargo loom`.

// A set `RUSTFLAGS` silently overrides the alias's `--cfg loom`: no model would run, and the run would be green. So the alias
// also sets a variable, and where that comes without the cfg, this does not compile.
#[cfg(not(loom))]
const _: () = assert!(
    option_env!("CARGO_LOOM").is_none(),
    "no model would run: unset RUSTFLAGS, it overrides the `--cfg loom` of the alias `cargo loom`"
);

#[cfg(loom)]
mod explore;
#[cfg(loom)]
mod gallery;
#[cfg(loom)]
mod ladder;
#[cfg(loom)]
#[path = "../linearizability/mod.rs"]
mod linearizability;
#[cfg(loom)]
mod linearizable;
#[cfg(loom)]
mod shipped;
#[cfg(loom)]
mod timeline;

#[cfg(not(loom))]
#[test]
#[ignore = "the models run under loom: `cargo loom`"]
fn the_models_are_run_by_cargo_loom() {
    panic!("no model was compiled; run `cargo loom`");
}
