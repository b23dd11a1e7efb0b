//! The same grid in other languages: a program that stays alive and runs one cell when asked, so that it takes turns with the
//! peers of this process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::args::Args;
use crate::contestant::{Contestant, wanted};
use crate::support::workload::Shape;

/// Those whose tool is on the PATH; says which are not.
pub(crate) fn contestants(args: &Args) -> Vec<Contestant> {
    let go = ("Go channel", "go", ["run", "benches/go/grid.go"]);
    let java = ("Java ArrayBlockingQueue", "java", ["-XX:+UseSerialGC", "benches/java/Grid.java"]);
    let mut all = Vec::new();
    for (name, tool, arguments) in [go, java] {
        if !wanted(args, name) {
            continue;
        }
        match Program::start(tool, &arguments) {
            Ok(mut program) => all.push(Contestant::new(name, move |shape, items| Some(program.run(shape, items)))),
            Err(error) => println!("{name}: not measured, `{tool}` does not start: {error}"),
        }
    }
    all
}

/// A line in: capacity, producers, consumers, items. A line out: nanoseconds.
struct Program {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
}

impl Program {
    fn start(tool: &str, arguments: &[&str]) -> std::io::Result<Self> {
        let mut child = Command::new(tool)
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let ask = child.stdin.take().expect("it is piped");
        let answer = BufReader::new(child.stdout.take().expect("it is piped"));
        Ok(Self { child, ask, answer })
    }

    fn run(&mut self, shape: Shape, items: u64) -> Duration {
        let Shape { capacity, producers, consumers } = shape;
        writeln!(self.ask, "{capacity} {producers} {consumers} {}", shape.round(items)).expect("the program listens");
        let mut line = String::new();
        self.answer.read_line(&mut line).expect("the program answers");
        Duration::from_nanos(line.trim().parse().expect("nanoseconds"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It ends by itself when its input does; what comes after a kill is of no interest.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
