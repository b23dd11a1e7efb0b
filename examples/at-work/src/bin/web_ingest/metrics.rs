//! The counters of a buffer in the text format of Prometheus.

use std::fmt::Write as _;

use bounded_buffer::BoundedBuffer;

/// The content type that belongs to the format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4";

/// Returns a line of help, of type and of value for each metric.
pub(crate) fn text<T>(buffer: &BoundedBuffer<T>) -> String {
    let stats = buffer.stats();
    let seconds = |time: std::time::Duration| time.as_secs_f64().to_string();
    let metrics = [
        ("length", "gauge", "Items in the buffer.", (stats.pushed - stats.popped).to_string()),
        ("capacity", "gauge", "Slots of the buffer.", buffer.capacity().to_string()),
        ("high_water", "gauge", "Largest number of items so far.", stats.high_water.to_string()),
        ("waiting_producers", "gauge", "Producers that wait for a slot.", stats.waiting_producers.to_string()),
        ("waiting_consumers", "gauge", "Consumers that wait for an item.", stats.waiting_consumers.to_string()),
        ("pushed_total", "counter", "Items pushed.", stats.pushed.to_string()),
        ("popped_total", "counter", "Items popped.", stats.popped.to_string()),
        ("push_waits_total", "counter", "Pushes that waited.", stats.push_waits.to_string()),
        ("pop_waits_total", "counter", "Pops that waited.", stats.pop_waits.to_string()),
        ("push_wait_seconds_total", "counter", "Time that pushes waited.", seconds(stats.push_wait_time)),
        ("pop_wait_seconds_total", "counter", "Time that pops waited.", seconds(stats.pop_wait_time)),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in metrics {
        // Writing to a string cannot fail.
        _ = writeln!(text, "# HELP bounded_buffer_{name} {help}");
        _ = writeln!(text, "# TYPE bounded_buffer_{name} {kind}");
        _ = writeln!(text, "bounded_buffer_{name} {value}");
    }
    text
}
