//! The machine, the time and the commit of a run.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use results::Machine;
use support::stdout::print;

pub(crate) fn describe() -> Machine {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    let clean = output_of("git", &["status", "--porcelain"]).is_empty();
    let machine = Machine {
        cpu: cpu.trim_start_matches([' ', '\t', ':']).to_owned(),
        cores: thread::available_parallelism().map_or(1, Into::into),
        cores_that_ran: cores_that_run(),
        cores_that_ran_after: 0.0,
        kernel: output_of("uname", &["-sr"]),
        rustc: output_of("rustc", &["--version"]),
        versions: versions(),
        commit: output_of("git", &["rev-parse", "--short", "HEAD"]) + if clean { "" } else { " and changes" },
        date: output_of("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        command: command(),
    };
    let Machine { cpu, cores, kernel, rustc, versions, commit, date, command, .. } = &machine;
    let versions = versions.join(", ");
    print(format_args!("{date}, commit {commit}\n{cpu}, {cores} cores; {kernel}; {rustc}; {versions}\n{command}"));
    machine
}

/// The crates whose versions matter: the peers, and the lock that the library uses.
const CRATES: [&str; 8] =
    ["async-channel", "crossbeam-channel", "crossbeam-queue", "flume", "kanal", "parking_lot", "parkring", "tokio"];

/// The versions of the crates in the lock file, and of Go and the JDK if they are there.
fn versions() -> Vec<String> {
    let lock = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
    // All of them, because two peers may depend on two versions.
    let versions = |name: &str| -> Vec<String> {
        let begin = format!("name = \"{name}\"\nversion = \"");
        lock.split(&begin).skip(1).filter_map(|entry| Some(format!("{name} {}", entry.split('"').next()?))).collect()
    };
    let tool = |(program, argument)| {
        let output = output_of(program, &[argument]);
        (output != "unknown").then(|| output.lines().next().unwrap_or_default().to_owned())
    };
    let tools = [("go", "version"), ("java", "--version")];
    CRATES.into_iter().flat_map(versions).chain(tools.into_iter().filter_map(tool)).collect()
}

/// The command that repeats this run on the same number of cores.
fn command() -> String {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    format!("{}cargo bench --bench paired -- {}", taskset(), arguments.join(" ")).trim_end().to_owned()
}

/// The `taskset` command that gives the cores that this process may use.
fn taskset() -> String {
    let listed = |file: &str, of: &str| -> Option<String> {
        let text = std::fs::read_to_string(file).ok()?;
        Some(text.lines().find_map(|line| line.strip_prefix(of))?.trim().to_owned())
    };
    match (listed("/proc/self/status", "Cpus_allowed_list:"), listed("/sys/devices/system/cpu/online", "")) {
        (Some(allowed), Some(online)) if allowed != online => format!("taskset -c {allowed} "),
        _ => String::new(),
    }
}

fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Lets one thread for each core count for a while and divides the sum by what one thread counts alone.
pub(crate) fn cores_that_run() -> f64 {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let counted = |threads: usize| -> u64 {
        thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
            handles.into_iter().map(|handle| handle.join().expect("it only counts")).sum()
        })
    };
    #[allow(clippy::cast_precision_loss, reason = "a ratio of two large counts")]
    let ratio = counted(cores) as f64 / counted(1) as f64;
    ratio
}

fn count() -> u64 {
    let begin = Instant::now();
    let mut count = 0;
    while begin.elapsed() < Duration::from_millis(50) {
        count += 1;
    }
    count
}
