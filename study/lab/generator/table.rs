//! Values that many states have in common, each stored once.

use std::collections::BTreeMap;

use serde_json::Value;

#[derive(Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Value>,
    known: BTreeMap<String, usize>,
}

impl Table {
    /// The index of a value, which is added if it is new.
    pub(crate) fn index(&mut self, value: Value) -> usize {
        *self.known.entry(value.to_string()).or_insert_with(|| {
            self.rows.push(value);
            self.rows.len() - 1
        })
    }
}
