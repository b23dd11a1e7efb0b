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
mod lessons;
#[cfg(loom)]
mod linearizable;
#[cfg(loom)]
mod litmus;
#[cfg(loom)]
mod shipped;
#[cfg(loom)]
mod task;
#[cfg(loom)]
mod timeline;

#[cfg(loom)]
fn main() -> std::process::ExitCode {
    let models = [
        shipped::models(),
        linearizable::models(),
        litmus::MODELS.to_vec(),
        gallery::models(),
        ladder::MODELS.to_vec(),
        lessons::MODELS.to_vec(),
        timeline::MODELS.to_vec(),
        flag::MODELS.to_vec(),
    ];
    harness::main(&models.concat(), gallery::case)
}

#[cfg(not(loom))]
fn main() {
    println!("the models are ignored here; `cargo loom` runs them");
}
