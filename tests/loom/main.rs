//! The models: loom explores the schedules of small programs. Run them with `cargo loom`.

// A set `RUSTFLAGS` silently overrides the alias's `--cfg loom`: no model would run, and the run would be green. So the alias
// also sets a variable, and this does not compile if the variable is set and the cfg is not.
#[cfg(not(loom))]
const _: () = assert!(
    option_env!("CARGO_LOOM").is_none(),
    "no model would run: unset RUSTFLAGS, it overrides the `--cfg loom` of the alias `cargo loom`"
);

#[cfg(loom)]
mod explore;
#[cfg(loom)]
mod flag;
#[cfg(loom)]
mod gallery;
#[cfg(loom)]
mod harness;
#[cfg(loom)]
mod ladder;
#[cfg(loom)]
mod linearizable;
#[cfg(loom)]
mod litmus;
#[cfg(loom)]
mod shipped;
#[cfg(loom)]
mod timeline;

#[cfg(loom)]
use harness::of;

#[cfg(loom)]
fn main() -> std::process::ExitCode {
    let models = [
        shipped::models(),
        linearizable::models(),
        of("litmus", litmus::MODELS),
        gallery::models(),
        of("ladder", ladder::MODELS),
        of("timeline", timeline::MODELS),
        of("flag", flag::MODELS),
    ];
    harness::main(&models.concat(), gallery::case)
}

#[cfg(not(loom))]
fn main() {
    println!("the models are ignored here; `cargo loom` runs them");
}
