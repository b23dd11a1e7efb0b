//! The writer: one transaction a batch.

use std::path::Path;
use std::time::Duration;

use bounded_buffer::Consumer;
use rusqlite::Connection;

use crate::server::Event;

/// Creates the database. The table has no key, so that an event that is written twice is found.
pub(crate) fn create(path: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE event (id INTEGER NOT NULL, text TEXT NOT NULL);",
    )?;
    Ok(database)
}

/// Writes until the buffer is closed and drained. Returns the number of transactions.
pub(crate) fn write(
    mut to: Connection,
    events: &Consumer<Event>,
    max: usize,
    linger: Duration,
) -> rusqlite::Result<u64> {
    let (mut batch, mut transactions) = (Vec::new(), 0);
    while events.pop_batch(&mut batch, max, linger).is_ok() {
        let transaction = to.transaction()?;
        for event in batch.drain(..) {
            let mut insert = transaction.prepare_cached("INSERT INTO event VALUES (?, ?)")?;
            insert.execute((event.id, event.text))?;
        }
        transaction.commit()?;
        transactions += 1;
    }
    Ok(transactions)
}

/// Returns the ids of all events, sorted.
pub(crate) fn ids(path: &Path) -> rusqlite::Result<Vec<u32>> {
    Connection::open(path)?.prepare("SELECT id FROM event ORDER BY id")?.query_map((), |row| row.get(0))?.collect()
}
