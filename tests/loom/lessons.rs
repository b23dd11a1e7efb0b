//! The programs of the lab's lessons, so that the lab's verdict on them is loom's, too.

use gallery::lessons::LESSONS;

use crate::explore::{explore_part, explore_part_both_orders};
use crate::harness::models;

fn each_lesson_ends_in_each_schedule() {
    for lesson in LESSONS {
        // Two consumers can wait on one side.
        let explore = if lesson.name == "chained_wakeups" { explore_part_both_orders } else { explore_part };
        explore(lesson.name, lesson.run);
    }
}

models!(each_lesson_ends_in_each_schedule);
