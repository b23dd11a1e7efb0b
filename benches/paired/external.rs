//! The same grid in other languages: a program that stays alive and runs one cell for each line it reads, so that it takes
//! turns with the peers of this process.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use benches::watch;
use benches::work::Work;
use benches::workload::{Load, Took};
use results::{GO, Shape};
use support::stdout::print;

use crate::args::{Args, ItemSize};
use crate::contestant::Timed;

const PROGRAMS: [(&str, &str, &[&str]); 2] = [
    (GO, "go", &["run", "benches/go/grid.go"]),
    ("Java ArrayBlockingQueue", "java", &["-XX:+UseSerialGC", "benches/java/Grid.java"]),
];

pub(crate) fn names() -> impl Iterator<Item = String> {
    PROGRAMS.iter().map(|program| program.0.to_owned())
}

/// The programs that can run; they have items of 8 bytes only. Prints which cannot.
pub(crate) fn contestants(args: &Args, with_work: bool) -> Vec<Timed> {
    let programs = PROGRAMS.iter().filter(|program| args.item == ItemSize::Word && (!with_work || program.0 == GO));
    let contestant = |&program| {
        let mut started = Program::start(args, program)?;
        Some(Timed::new(program.0, move |load| Some(started.run(load).expect("the program answered before"))))
    };
    programs.filter_map(contestant).collect()
}

/// The Go program, for [`crate::fair`]; `None` if it is not selected or cannot run.
pub(crate) fn go(args: &Args) -> Option<Program> {
    Program::start(args, PROGRAMS[0])
}

/// A process with pipes to its input and from its output, started in the root of the workspace like this one. It ends when this
/// value is dropped. If this process is killed, the input of the other ends.
pub(crate) struct Process {
    child: Child,
    pub(crate) ask: Option<ChildStdin>,
    pub(crate) answer: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(tool: impl AsRef<OsStr>, arguments: &[&str]) -> io::Result<Self> {
        let mut child = Command::new(tool).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let answer = BufReader::new(child.stdout.take().expect("it is piped"));
        Ok(Self { ask: child.stdin.take(), answer, child })
    }

    /// The next line of its output.
    pub(crate) fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.answer.read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Errors are ignored: the process ends when its input ends.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A line in: capacity, producers, consumers, items, nanoseconds of work before a push and after a pop. A line out:
/// nanoseconds that passed, and nanoseconds of processor time.
pub(crate) struct Program(Process);

impl Program {
    /// Returns when the program is ready: a compiler in the background would slow down the peers that are measured first. `None`
    /// if `--peers` does not select it or it cannot run; prints why it cannot.
    fn start(args: &Args, (name, tool, arguments): (&str, &str, &[&str])) -> Option<Self> {
        if !args.wants(name) {
            return None;
        }
        let _alive = watch(format!("the start of {name}"));
        let start = || -> io::Result<Self> {
            let mut program = Self(Process::start(tool, arguments)?);
            program.run(Load::new(Shape { capacity: 1, producers: 1, consumers: 1 }, Work::default(), 64))?;
            Ok(program)
        };
        let explain = |error| print(format_args!("{name}: not measured, `{tool} {}`: {error}", arguments.join(" ")));
        start().map_err(explain).ok()
    }

    fn run(&mut self, load: Load) -> io::Result<Took> {
        let Load { shape: Shape { capacity, producers, consumers }, work, items } = load;
        let (before, after) = (work.before_push.nanos, work.after_pop.nanos);
        let question = format!("{capacity} {producers} {consumers} {items} {before} {after}");
        let nanos = |index: usize, answer: &[u64]| Duration::from_nanos(answer[index]);
        let answer = self.ask(&question, 2)?;
        Ok(Took { wall: nanos(0, &answer), processor: nanos(1, &answer) })
    }

    /// Lets all goroutines push and pop for so long. Returns the nanoseconds of the longest push and of the longest pop, then
    /// the items of each goroutine, the producers first.
    pub(crate) fn saturate(&mut self, shape: Shape, time: Duration) -> Vec<u64> {
        let Shape { capacity, producers, consumers } = shape;
        let question = format!("fair {capacity} {producers} {consumers} {}", time.as_millis());
        self.ask(&question, 2 + producers + consumers).expect("the program answered before")
    }

    /// Sends a line and reads so many numbers.
    fn ask(&mut self, question: &str, count: usize) -> io::Result<Vec<u64>> {
        writeln!(self.0.ask.as_mut().expect("it is open"), "{question}")?;
        let line = self.0.line()?;
        let numbers: Option<Vec<u64>> = line.split_whitespace().map(|number| number.parse().ok()).collect();
        numbers
            .filter(|numbers| numbers.len() == count)
            .ok_or_else(|| io::Error::other(format!("it answered {line:?}, not {count} numbers")))
    }
}
