//! What criterion measured without contention: the time of a push and a pop.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tables::Table;

/// The table of each benchmark whose group begins with `uncontended`; `None` if there is none.
pub(crate) fn table(directory: &Path) -> Option<String> {
    let mut rows: Vec<_> = estimates(directory).iter().filter_map(|path| row(path)).collect();
    rows.sort_by(|a, b| a.group.cmp(&b.group).then(a.nanos.total_cmp(&b.nanos)));
    if rows.is_empty() {
        return None;
    }
    let mut table = Table::new(["group, benchmark", "ns, median", "95 % interval", "an item"]);
    for Row { group, name, nanos, interval, items } in rows {
        table.row([
            format!("{group}, {name}"),
            format!("{nanos:.1}"),
            format!("{:.1}–{:.1}", interval.0, interval.1),
            format!("{:.2}", nanos / items),
        ]);
    }
    Some(table.text())
}

struct Row {
    group: String,
    name: String,
    nanos: f64,
    interval: (f64, f64),
    items: f64,
}

fn row(path: &Path) -> Option<Row> {
    let read = |name| -> Option<Value> { serde_json::from_str(&fs::read_to_string(path.join(name)).ok()?).ok() };
    let (benchmark, estimates) = (read("benchmark.json")?, read("estimates.json")?);
    let group = benchmark["group_id"].as_str()?.strip_prefix("uncontended/")?.to_owned();
    let name = benchmark["function_id"].as_str().or(benchmark["value_str"].as_str())?.to_owned();
    let median = &estimates["median"];
    let interval = &median["confidence_interval"];
    Some(Row {
        group,
        name,
        nanos: median["point_estimate"].as_f64()?,
        interval: (interval["lower_bound"].as_f64()?, interval["upper_bound"].as_f64()?),
        items: benchmark["throughput"]["Elements"].as_f64().unwrap_or(1.0),
    })
}

/// The directories called `new`, at any depth.
fn estimates(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let (mut found, mut deeper) = (Vec::new(), Vec::new());
    for path in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        if path.ends_with("new") { found.push(path) } else { deeper.push(path) }
    }
    found.extend(deeper.iter().flat_map(|path| estimates(path)));
    found
}
