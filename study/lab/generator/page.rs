//! The data of the page: every state and step of each scene, as `page/scenes.js`, and the table in `README.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use gallery::source;
use serde_json::{Value as Json, json};

use crate::graph::{Edge, End, Graph, Node};
use crate::narrate::{narrate, visible};
use crate::scenes::{Group, Scene, scenes};
use crate::source::Excerpts;
use crate::world::{Choice, name_of};
use bounded_buffer_model::step::Operation;

const DATA: &str = "study/lab/page/scenes.js";
const README: &str = "study/lab/README.md";

/// What writes both.
const COMMAND: &str = "scripts/lab";

/// The page with all scenes must open quickly.
const LARGEST_DATA: usize = 3_000_000;

/// Values that many states have in common, each stored once.
#[derive(Default)]
struct Table {
    rows: Vec<Json>,
    known: BTreeMap<String, usize>,
}

impl Table {
    /// The index of a value, which is added if it is new.
    fn index(&mut self, value: Json) -> usize {
        *self.known.entry(value.to_string()).or_insert_with(|| {
            self.rows.push(value);
            self.rows.len() - 1
        })
    }
}

fn scene(scene: &Scene, graph: &Graph, excerpts: &mut Excerpts) -> Json {
    let (mut values, mut queues, mut threads) = (Table::default(), Table::default(), Table::default());
    let (mut sentences, mut reasons) = (Table::default(), Table::default());
    let mut nodes = Vec::new();
    let mut edges = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let shown = visible(graph, at);
        let mut row = vec![
            json!(values.index(json!(shown))),
            json!(node.world.owner.map_or(-1, |owner| i64::try_from(owner).unwrap_or(-1))),
            json!(queues.index(waiters(node, &shown.tasks))),
        ];
        for index in 0..graph.nodes[0].world.threads.len() {
            row.push(json!(threads.index(thread(node, index, excerpts))));
        }
        if let Some(end) = &node.end {
            row.push(json!(reasons.index(json!(end.bad().unwrap_or("")))));
        }
        nodes.push(Json::Array(row));
        let steps = node.edges.iter().map(|edge| {
            let target = edge.target.expect("explored");
            let sentence = sentences.index(json!(narrate(graph, at, edge)));
            json!([edge.thread, target, sentence, label(node, edge.thread, edge.choice)])
        });
        edges.push(Json::Array(steps.collect()));
    }
    let has_tasks = graph.nodes.iter().any(|node| node.world.has_tasks());
    let names: Vec<_> = graph.nodes[0].world.threads.iter().map(|thread| thread.name.as_str()).collect();
    json!({
        "id": scene.id,
        "group": format!("{:?}", scene.group).to_lowercase(),
        "title": scene.title,
        "program": scene.program,
        "model": scene.model,
        "correct": scene.correct,
        "code": scene.code,
        "tasks": has_tasks,
        "capacity": graph.capacity(),
        "names": names,
        "values": values.rows,
        "queues": queues.rows,
        "threads": threads.rows,
        "sentences": sentences.rows,
        "reasons": reasons.rows,
        "nodes": nodes,
        "edges": edges,
    })
}

/// The queues of the condition variables, and the list of wakers. In it, a text stands for a waker that wakes no thread.
fn waiters(node: &Node, tasks: &[String]) -> Json {
    let queues = node.world.queues.iter().filter(|(_, queue)| !queue.is_empty());
    let mut queues: serde_json::Map<_, _> = queues.map(|(condvar, queue)| (name_of(condvar), json!(queue))).collect();
    let threads = &node.world.threads;
    let of_thread = |task: &String| threads.iter().position(|thread| thread.name == *task);
    let tasks: Vec<_> = tasks.iter().map(|task| of_thread(task).map_or(json!(task), |index| json!(index))).collect();
    if !tasks.is_empty() {
        queues.insert("tasks".to_owned(), json!(tasks));
    }
    Json::Object(queues)
}

/// Where a thread stands, what it did, and what it does next.
fn thread(node: &Node, index: usize, excerpts: &mut Excerpts) -> Json {
    let thread = &node.world.threads[index];
    let calls: Vec<_> = thread.calls.iter().map(|(call, result)| json!([call, result])).collect();
    let mut row = json!({ "calls": calls });
    if thread.woken {
        row["woken"] = json!(true);
    }
    let Some(stop) = thread.stop else {
        let ended = thread.ended || matches!(node.end, Some(End::Done));
        row["next"] = json!(if ended { "end" } else { "join" });
        return row;
    };
    let (next, on) = match stop.operation {
        Operation::Lock => ("lock", None),
        Operation::Unlock => ("unlock", None),
        Operation::Wait(condvar) => ("wait", Some(condvar)),
        Operation::Resume { timed: false } => ("resume", None),
        Operation::Resume { timed: true } => ("timed", None),
        Operation::NotifyOne(condvar) => ("notify_one", Some(condvar)),
        Operation::NotifyAll(condvar) => ("notify_all", Some(condvar)),
        Operation::Load(atomic) => ("load", Some(atomic)),
        Operation::Store(atomic) => ("store", Some(atomic)),
        Operation::Modify(atomic) => ("modify", Some(atomic)),
        Operation::Yield => ("yield", None),
        Operation::CallWaker => ("call_waker", None),
        Operation::Poll => ("poll", None),
    };
    let (excerpt, line) = excerpts.find(stop.location, stop.operation);
    row["next"] = json!(next);
    row["on"] = json!(on.map(name_of));
    row["at"] = json!([excerpt, line]);
    row
}

/// Distinguishes the steps that one thread can take.
fn label(node: &Node, thread: usize, choice: Choice) -> String {
    match choice {
        Choice::Go => String::new(),
        Choice::TimeOut => "time out".to_owned(),
        Choice::Read(0) => "newest value".to_owned(),
        Choice::Read(_) => "old value".to_owned(),
        Choice::Wake(place) => {
            let stop = node.world.threads[thread].stop.expect("it notifies");
            let Operation::NotifyOne(condvar) = stop.operation else { return String::new() };
            let queue = node.world.queues.iter().find(|(known, _)| *known == condvar);
            let woken = queue.and_then(|(_, queue)| queue.get(place)).expect("it waits there");
            format!("wake {}", node.world.threads[*woken].name)
        }
    }
}

fn data(explored: &[(Scene, Graph)]) -> String {
    let mut excerpts = Excerpts::default();
    let rows: Vec<_> = explored.iter().map(|(of, graph)| scene(of, graph, &mut excerpts).to_string()).collect();
    format!(
        "// Generated by `{COMMAND}`; a test fails when it is out of date.\nconst LAB = {{\n\"code\": {},\n\"scenes\": [\n{}\n]}};\n",
        excerpts.json(),
        rows.join(",\n")
    )
}

/// The tables of `README.md`. Its other text is written by hand.
const LESSONS: &str = "| lesson | program |\n|---|---|\n";
const SCENES: &str =
    "| scene | program | states | steps | shortest bad schedule | bad state | loom |\n|---|---|---|---|---|---|---|\n";

/// Replaces the tables of the page.
fn readme(written: &str, explored: &[(Scene, Graph)]) -> String {
    let (head, rest) = written.split_once(LESSONS).expect("the page has the table of the lessons");
    let (_, rest) = rest.split_once("\n\n").expect("a text follows the table");
    let (text, _) = rest.split_once(SCENES).expect("the page has the table of the scenes");
    let mut page = format!("{head}{LESSONS}");
    for (scene, _) in explored.iter().filter(|(scene, _)| scene.group == Group::Lesson) {
        _ = writeln!(page, "| [{}](page/index.html#{}) | {} |", scene.title, scene.id, scene.program);
    }
    _ = write!(page, "\n{text}{SCENES}");
    for (scene, graph) in explored {
        let shortest = graph.shortest_to_bad();
        let loom = match scene.group {
            Group::Bug => "fails, too",
            _ => "passes, too",
        };
        let row = [
            format!("[{}](page/index.html#{})", scene.id, scene.id),
            format!("`{}`", scene.model),
            graph.nodes.len().to_string(),
            graph.edges().to_string(),
            shortest.map_or("none".to_owned(), |steps| {
                format!("[{steps} steps](page/index.html#{}/{})", scene.id, schedule(graph))
            }),
            kind(graph).to_owned(),
            loom.to_owned(),
        ];
        _ = writeln!(page, "| {} |", row.join(" | ")); // a string takes all
    }
    let states: usize = explored.iter().map(|(_, graph)| graph.nodes.len()).sum();
    let edges: usize = explored.iter().map(|(_, graph)| graph.edges()).sum();
    _ = writeln!(page, "\n{} scenes, {states} states, {edges} steps.", explored.len());
    page
}

/// The shortest bad schedule, as the address of the page has it: the threads by number, and a letter for a thread's second
/// choice.
fn schedule(graph: &Graph) -> String {
    let distances = graph.distances(|node| node.end.as_ref().is_some_and(|end| end.bad().is_some()));
    let mut schedule = String::new();
    let mut at = 0;
    while distances[at] > Some(0) {
        let edges = &graph.nodes[at].edges;
        let closer = |edge: &&Edge| distances[edge.target.expect("explored")].map(|next| next + 1) == distances[at];
        let next = edges.iter().find(closer).expect("a bad state can be reached");
        let of_thread = edges.iter().filter(|edge| edge.thread == next.thread);
        let choice = of_thread.take_while(|edge| edge.choice != next.choice).count();
        _ = write!(schedule, "{}{}", next.thread + 1, ["", "b", "c", "d"][choice]); // a string takes all
        at = next.target.expect("explored");
    }
    schedule
}

fn kind(graph: &Graph) -> &'static str {
    let bad = graph.nodes.iter().filter_map(|node| node.end.as_ref()).find(|end| end.bad().is_some());
    match bad {
        None => "none",
        Some(End::Deadlock(_)) => "deadlock",
        Some(_) => "wrong result",
    }
}

fn explored() -> Vec<(Scene, Graph)> {
    scenes()
        .into_iter()
        .map(|scene| {
            let graph = scene.explore();
            let shortest = graph.shortest_to_bad().map_or(String::new(), |steps| format!(", bad after {steps} steps"));
            println!("{}: {} states, {} steps{shortest}", scene.id, graph.nodes.len(), graph.edges());
            (scene, graph)
        })
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(source::path(path)).unwrap_or_default()
}

#[test]
fn the_page_is_up_to_date() {
    let explored = explored();
    for (path, expected) in [(DATA, data(&explored)), (README, readme(&read(README), &explored))] {
        assert!(read(path) == expected, "{path} is out of date: run `{COMMAND}`");
        assert!(expected.len() < LARGEST_DATA, "{path}: {} bytes", expected.len());
    }
}

#[test]
#[ignore = "writes the page"]
fn write_the_page() {
    let explored = explored();
    fs::write(source::path(DATA), data(&explored)).expect("the directory is there");
    fs::write(source::path(README), readme(&read(README), &explored)).expect("the directory is there");
}
