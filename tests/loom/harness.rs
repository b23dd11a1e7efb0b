//! The test harness of the models: one process per model.
//!
//! A model that fails can abort its process, because loom's destructors then run outside of the model. In a process of its
//! own it takes no other result with it: the harness names it, prints the execution that failed, and continues.
//!
//! The processes of the models of the shipped buffer write the executions that they explored, and in the end `spec/trace.py`
//! compares these with the proof.

use std::env;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode, Output, exit};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use bounded_buffer::WaitStrategy;
use bounded_buffer_model::trace;
use libtest_mimic::{Arguments, Failed, Trial};

use crate::explore;

/// A model, or another test that needs loom.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
    /// Runs only with `--ignored`.
    pub(crate) ignored: bool,
    /// Runs once more with the default strategy.
    pub(crate) spins: bool,
    /// Its executions are compared with the proof, which is about the shipped buffer.
    pub(crate) compared: bool,
}

/// Defines `MODELS`, the list of the models of a module. The compiler reports a function that is missing in it as unused.
macro_rules! models {
    ($($(#[$ignored:ident])? $name:ident),+ $(,)?) => {
        pub(crate) const MODELS: &[$crate::harness::Model] = &[$($crate::harness::Model {
            name: concat!(module_path!(), "::", stringify!($name)),
            run: $name,
            ignored: !stringify!($($ignored)?).is_empty(),
            spins: false,
            compared: false,
        }),+];
    };
}
pub(crate) use models;

/// The variable that names the model in the process that runs it.
const MODEL: &str = "LOOM_MODEL";

/// The variable that selects the default strategy in that process.
const SPINS: &str = "LOOM_SPINS";

/// The variable that names the directory for the executions that it explores.
const TRACES: &str = "LOOM_TRACES";

/// The exit status of a process whose model failed.
pub(crate) const FAILED: i32 = 17;

/// The longest model takes a few seconds: one that takes this long does not end. The limit is below that of `scripts/repeat`, so
/// that the model fails by name before the whole run is ended.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// Runs the models that the command line selects, each in a process of its own.
///
/// In such a process, runs its model. `hidden` finds models that no command line selects.
pub(crate) fn main(models: &[Model], hidden: impl Fn(&str) -> Option<Box<dyn FnOnce()>>) -> ExitCode {
    if let Some(name) = current() {
        let listed = models.iter().find(|model| short(model.name) == name);
        match (listed, hidden(name)) {
            (Some(model), _) => run_here(model.run),
            (None, Some(run)) => run_here(run),
            (None, None) => panic!("there is no model {name}"),
        }
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::from_args();
    let traces = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("traces-{}", process::id()));
    fs::create_dir_all(&traces).expect("the directory for the traces can be created");
    let trials = models.iter().flat_map(|model| [Some((model, false)), model.spins.then_some((model, true))]).flatten();
    let trials = trials.map(|(model, spins)| {
        let (name, traces) = (short(model.name), model.compared.then(|| traces.clone()));
        let title = if spins { format!("{name}, spinning") } else { name.to_owned() };
        Trial::test(title, move || report(&process(name, spins, traces))).with_ignored_flag(model.ignored)
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let none = fs::read_dir(&traces).is_ok_and(|mut files| files.next().is_none()); // of the shipped buffer was selected
    let follows_the_proof = none || conclusion.has_failed() || trace::compare(&traces);
    fs::remove_dir_all(&traces).expect("the directory for the traces can be removed");
    if follows_the_proof { conclusion.exit_code() } else { ExitCode::FAILURE }
}

/// What threads do before they park, in the models that run with both strategies.
pub(crate) fn strategy() -> WaitStrategy {
    if env::var_os(SPINS).is_some() { WaitStrategy::Adaptive } else { WaitStrategy::Park }
}

/// The directory for the executions of the model that this process runs.
pub(crate) fn traces() -> Option<PathBuf> {
    env::var_os(TRACES).map(PathBuf::from)
}

/// The name of the model that this process runs.
pub(crate) fn current() -> Option<&'static str> {
    static NAME: OnceLock<Option<String>> = OnceLock::new();
    NAME.get_or_init(|| env::var(MODEL).ok()).as_deref()
}

/// The command that runs a model in a process of its own.
pub(crate) fn command(model: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("the path of this program is known"));
    command.env(MODEL, model);
    command
}

fn process(model: &str, spins: bool, traces: Option<PathBuf>) -> Output {
    let mut command = command(model);
    command.envs(spins.then_some((SPINS, "1"))).envs(traces.map(|traces| (TRACES, traces)));
    command.output().expect("this program starts once more")
}

/// Prints the numbers of executions, or returns what the process printed as the reason of the failure.
fn report(output: &Output) -> Result<(), Failed> {
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    if output.status.success() {
        print!("{stdout}");
        return Ok(());
    }
    let status = if output.status.code() == Some(FAILED) { String::new() } else { format!("\n{}", output.status) };
    Err(format!("{stdout}{stderr}{status}").into())
}

fn run_here(model: impl FnOnce()) {
    let print_message = panic::take_hook();
    // A hook, because the code after a panic does not run for certain: a destructor can abort the process.
    panic::set_hook(Box::new(move |panic| {
        print_message(panic);
        explore::print_failure(panic);
        exit(FAILED);
    }));
    thread::spawn(|| {
        thread::sleep(TIME_LIMIT);
        eprintln!("the model did not end within {} s", TIME_LIMIT.as_secs());
        exit(FAILED);
    });
    model();
}

/// The path of a model without the name of this crate.
fn short(path: &'static str) -> &'static str {
    path.split_once("::").map_or(path, |(_, rest)| rest)
}
