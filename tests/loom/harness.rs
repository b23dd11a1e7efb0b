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

use crate::explore::{self, Exploration};

/// A model, or another test that needs loom.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    module: &'static str,
    /// The name, and after a comma that of a part: the parts of a model run one after the other.
    name: &'static str,
    run: Run,
    is_ignored: bool,
    is_compared: bool,
    spins: bool,
}

#[derive(Clone, Copy)]
enum Run {
    Explore(Exploration, fn()),
    Test(fn()),
}

/// A program, and how it is explored. A name with a comma is that of a part: `model, part`.
pub(crate) const fn model(name: &'static str, exploration: Exploration, program: fn()) -> Model {
    Model { run: Run::Explore(exploration, program), ..test(name, program) }
}

/// A test that is no single program.
pub(crate) const fn test(name: &'static str, run: fn()) -> Model {
    Model { module: "", name, run: Run::Test(run), is_ignored: false, is_compared: false, spins: false }
}

impl Model {
    /// Runs only with `--ignored`.
    pub(crate) const fn ignored(self) -> Self {
        Self { is_ignored: true, ..self }
    }

    /// Its executions are compared with the proof, which is about the shipped buffer.
    pub(crate) const fn compared(self) -> Self {
        Self { is_compared: true, ..self }
    }

    /// Runs once more with the default strategy.
    pub(crate) const fn spinning(self) -> Self {
        Self { spins: true, ..self }
    }

    /// Its name on the command line.
    fn path(&self) -> String {
        format!("{}::{}", self.module, self.split().0)
    }

    /// The name, and that of the part.
    pub(crate) fn split(&self) -> (&'static str, &'static str) {
        self.name.split_once(", ").unwrap_or((self.name, ""))
    }

    fn run(&self) {
        match self.run {
            Run::Explore(exploration, program) => exploration.explore(self.split().1, program),
            Run::Test(run) => run(),
        }
    }
}

/// The models of a module, by its path.
pub(crate) fn of(module: &'static str, models: &[Model]) -> Vec<Model> {
    models.iter().map(|&model| Model { module, ..model }).collect()
}

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
        let parts: Vec<_> = models.iter().filter(|model| model.path() == name).collect();
        match (parts.is_empty(), hidden(name)) {
            (_, Some(run)) => run_here(run),
            (false, None) => run_here(|| parts.iter().for_each(|part| part.run())),
            (true, None) => panic!("there is no model {name}"),
        }
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::from_args();
    let traces = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("traces-{}", process::id()));
    fs::create_dir_all(&traces).expect("the directory for the traces can be created");
    let models = models.chunk_by(|one, next| one.path() == next.path()).map(|parts| parts[0]);
    let trials = models.flat_map(|model| [Some((model, false)), model.spins.then_some((model, true))]).flatten();
    let trials = trials.map(|(model, spins)| {
        let (name, traces) = (model.path(), model.is_compared.then(|| traces.clone()));
        let title = if spins { format!("{name}, spinning") } else { name.clone() };
        Trial::test(title, move || report(&process(&name, spins, traces))).with_ignored_flag(model.is_ignored)
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
