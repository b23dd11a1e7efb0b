//! The items in the buffer, as the value behind the mutex shows them, or as the calls imply.

use super::World;

impl World {
    /// Takes in what `thread`, which holds the lock, has changed.
    pub(crate) fn update_items(&mut self, thread: usize) {
        let value = crate::value::parse(&self.value);
        let before = self.items.clone();
        match value.items {
            Some(items) => self.items = items,
            None => self.derive_items(thread, value.len),
        }
        self.taken += before.iter().filter(|item| !self.items.contains(item)).count();
    }

    /// Derives the items of a buffer whose value shows their number only.
    fn derive_items(&mut self, thread: usize, len: usize) {
        let Some((call, _)) = self.threads[thread].calls.iter().rev().find(|(_, result)| result.is_none()) else {
            return;
        };
        let pushed: Vec<u32> = call
            .strip_prefix("push")
            .map(|rest| rest.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect())
            .unwrap_or_default();
        let all: Vec<u32> = match pushed.as_slice() {
            [first, last] => (*first..=*last).collect(),
            one => one.to_vec(),
        };
        let done = self.threads[thread].observed.iter().filter(|text| text.starts_with("pushed ")).count();
        let more = all.into_iter().skip(done).take(len.saturating_sub(self.items.len()));
        for item in more {
            self.items.push(item);
            self.threads[thread].observed.push(format!("pushed {item}"));
        }
        let gone = self.items.len().saturating_sub(len);
        self.items.drain(..gone);
    }
}
