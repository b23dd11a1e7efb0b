//! The programs of the lab's lessons, so that the lab's verdict on them is loom's, too.

use gallery::lessons;

use crate::explore::explore;
use crate::harness::models;

fn one_thread_and_a_ring() {
    explore(lessons::one_thread_and_a_ring);
}

fn a_lock_and_a_busy_wait() {
    explore(lessons::a_lock_and_a_busy_wait);
}

fn a_condition_variable() {
    explore(lessons::a_condition_variable);
}

models!(one_thread_and_a_ring, a_lock_and_a_busy_wait, a_condition_variable);
