//! The models: every schedule of small programs, explored by loom. Run them with `cargo loom`.

#[cfg(loom)]
mod explore;
#[cfg(loom)]
mod shipped;

/// A set `RUSTFLAGS` silently overrides the alias's `--cfg loom`; no model would run, and the run would be green.
#[cfg(not(loom))]
#[test]
#[ignore = "the models need --cfg loom: run `cargo loom`, with RUSTFLAGS unset"]
fn the_models_need_cargo_loom() {
    panic!("no model was compiled: is RUSTFLAGS set? It overrides the `--cfg loom` of the alias `cargo loom`");
}
