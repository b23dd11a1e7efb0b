//! How the exploration drives shuttle's threads: the scheduler that shuttle asks, and the observer that the facade reports to.

use bounded_buffer_model::record::{self, Origin};
use bounded_buffer_model::step::{Observer, Operation};
use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use super::LAB;
use crate::value::display_name;
use crate::world::World;

/// shuttle's side: switches threads only where the facade reports a stop.
#[derive(Default)]
pub(super) struct Chooser {
    started: bool,
}

impl Scheduler for Chooser {
    fn new_execution(&mut self) -> Option<Schedule> {
        (!std::mem::replace(&mut self.started, true)).then(|| Schedule::new(0))
    }

    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, _: bool) -> Option<TaskId> {
        LAB.with_borrow_mut(|lab| {
            let is_between_stops = |task: &&&Task| {
                let index: usize = task.id().into();
                lab.world.threads.get(index).is_none_or(|thread| thread.stop.is_none())
            };
            // What lies between two stops is local to a thread: it runs on, and the order of such parts does not matter.
            let on = runnable.iter().find(|task| Some(task.id()) == current && is_between_stops(task));
            if let Some(task) = on.or_else(|| runnable.iter().find(is_between_stops)) {
                return Some(task.id());
            }
            lab.world.catch_up();
            for index in 1..lab.world.threads.len() {
                // The main thread joins the others; any other thread without a stop has ended.
                let stops = lab.world.threads[index].stop.is_some();
                lab.world.threads[index].ended = !stops;
            }
            lab.choose().map(TaskId::from)
        })
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

/// The facade's side.
pub(super) struct Reports;

fn current() -> usize {
    shuttle::current::me().into()
}

fn with_world<R>(default: R, f: impl FnOnce(&mut World, usize) -> R) -> R {
    let name = || shuttle::thread::current().name().map_or("main".to_owned(), display_name);
    LAB.with_borrow_mut(|lab| {
        if lab.over {
            return default;
        }
        let thread = current();
        lab.world.thread(thread, name);
        f(&mut lab.world, thread)
    })
}

impl Observer for Reports {
    fn before(&self, operation: Operation, location: Origin) {
        if !record::read(|log| log.enabled) {
            return; // the buffer is being filled
        }
        let stops = with_world(false, |world, thread| {
            world.catch_up();
            if world.owner == Some(thread) {
                world.update_items(thread);
            }
            let stops = world.stops_at(thread, operation);
            if stops {
                world.stop(thread, operation, location);
            }
            stops
        });
        if stops {
            shuttle::thread::yield_now();
        }
    }

    fn chooses_waiter(&self, _waiters: usize) -> usize {
        with_world(0, |world, _| world.chooses_waiter())
    }

    fn uses_state(&self, location: Origin) {
        with_world((), |world, thread| world.uses_state(thread, location));
    }

    fn writes(&self, atomic: Origin, value: usize) {
        with_world((), |world, thread| world.writes(thread, atomic, value));
    }

    fn reads(&self, atomic: Origin, newest: usize) -> usize {
        if !record::read(|log| log.enabled) {
            return newest; // the buffer is being filled
        }
        with_world(newest, |world, thread| world.reads(thread, atomic, newest))
    }
}
