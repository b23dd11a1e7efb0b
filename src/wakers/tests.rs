//! The list of wakers against a queue.

use std::collections::VecDeque;
use std::task::Wake;

use proptest::prelude::*;

use super::*;
use crate::sync::Arc;

struct NoOp;

impl Wake for NoOp {
    fn wake(self: Arc<Self>) {}
}

/// One task: its key, and the waker that the list must hold, if it waits.
type Task = (Option<Key>, Option<Waker>);

/// Steps on a list and on the model of it, a queue of the tasks that wait. A step names a task among those that it can
/// be about.
#[derive(Clone, Debug)]
enum Step {
    New,
    WaitAgain(prop::sample::Index),
    TakeOldest,
    Remove(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::New),
        2 => any::<prop::sample::Index>().prop_map(Step::WaitAgain),
        2 => Just(Step::TakeOldest),
        2 => any::<prop::sample::Index>().prop_map(Step::Remove),
    ]
}

/// As `TaskWait::poll`: makes room where there is none.
fn wait(list: &mut WakerList, key: &mut Option<Key>, waker: Waker) -> Option<Waker> {
    list.wait(key, waker).unwrap_or_else(|NoRoom(waker)| {
        let chunks = list.chunks();
        list.add(WakerList::allocate(chunks));
        assert_eq!(list.chunks(), chunks + 1);
        list.wait(key, waker).ok().expect("there is room now")
    })
}

fn is_same(one: Option<&Waker>, other: Option<&Waker>) -> bool {
    one.map(Waker::data) == other.map(Waker::data)
}

proptest! {
    /// Also checks that slots are reused, and that the list has no more chunks than the most tasks need, and few when it is empty.
    #[test]
    fn the_list_is_a_queue_from_which_each_task_can_leave(steps in prop::collection::vec(step(), 1..80)) {
        let mut list = WakerList::default();
        let mut tasks: Vec<Task> = Vec::new();
        let mut order: VecDeque<Waker> = VecDeque::new();
        let mut most = 0;
        for step in steps {
            match step {
                Step::New => {
                    let (mut key, waker) = (None, Waker::from(Arc::new(NoOp)));
                    assert!(wait(&mut list, &mut key, waker.clone()).is_none());
                    order.push_back(waker.clone());
                    tasks.push((key, Some(waker)));
                }
                Step::WaitAgain(index) if !tasks.is_empty() => {
                    let (key, own) = index.get_mut(&mut tasks);
                    let waker = Waker::from(Arc::new(NoOp));
                    assert!(!list.waits_with(key.as_ref(), &waker));
                    let replaced = wait(&mut list, key, waker.clone());
                    assert!(is_same(replaced.as_ref(), own.as_ref()));
                    match order.iter_mut().find(|waiting| own.as_ref().is_some_and(|own| own.will_wake(waiting))) {
                        Some(waiting) => *waiting = waker.clone(), // in its place
                        None => order.push_back(waker.clone()),
                    }
                    assert!(list.waits_with(key.as_ref(), &waker));
                    *own = Some(waker);
                }
                Step::TakeOldest => {
                    let taken = list.take_oldest();
                    assert!(is_same(taken.as_ref(), order.pop_front().as_ref()));
                    for (key, own) in &mut tasks {
                        if is_same(own.as_ref(), taken.as_ref()) {
                            *own = None;
                        }
                        assert_eq!(own.is_some(), own.as_ref().is_some_and(|own| list.waits_with(key.as_ref(), own)));
                    }
                }
                Step::Remove(index) if !tasks.is_empty() => {
                    let (key, own) = tasks.swap_remove(index.index(tasks.len()));
                    let removed = list.remove(key.expect("the task is registered")).waker;
                    assert!(is_same(removed.as_ref(), own.as_ref()));
                    order.retain(|waiting| !own.as_ref().is_some_and(|own| own.will_wake(waiting)));
                }
                Step::WaitAgain(_) | Step::Remove(_) => {}
            }
            most = most.max(tasks.len());
            assert_eq!(list.waiting() as usize, order.len());
            assert_eq!(list.woken() as usize, tasks.len() - order.len());
            assert!(list.used as usize <= most && list.chunks() < (most + FIRST).ilog2() as usize);
            assert!(!tasks.is_empty() || list.chunks() <= KEPT);
        }
        assert_eq!(list.into_wakers().count(), order.len());
    }
}

#[test]
fn each_slot_has_a_place_of_its_own_in_the_chunks() {
    let mut expected = (0, 0);
    for number in (1..10_000).filter_map(NonZeroU32::new) {
        assert_eq!(place(number), expected);
        expected.1 += 1;
        if expected.1 == FIRST << expected.0 {
            expected = (expected.0 + 1, 0);
        }
    }
    let last = NonZeroU32::new((1 << 31) - 4).expect("not 0");
    assert_eq!(place(last), (MOST - 1, (1 << 30) - 1), "the last slot of the longest list");
}

/// The first chunk of a list that another thread has enlarged meanwhile is not needed.
#[test]
fn a_chunk_that_the_list_does_not_lack_is_returned() {
    let mut list = WakerList::default();
    assert!(list.add(Room::default()).0.is_empty());
    let (one, other, next) = (WakerList::allocate(0), WakerList::allocate(0), WakerList::allocate(1));
    assert!(list.add(one).0.is_empty());
    assert_eq!(list.add(other).0.len(), 1);
    assert!(list.add(next).0.is_empty());
    assert_eq!(list.chunks(), 2);
}

/// The lock is held meanwhile.
#[test]
fn a_list_that_grows_allocates_nothing_itself() {
    let mut list = WakerList::default();
    for chunks in 0..6 {
        let (room, mut rest) = (WakerList::allocate(chunks), Room::default());
        let allocations = allocation_counter::measure(|| rest = list.add(room));
        assert_eq!((allocations.count_total, list.chunks()), (0, chunks + 1));
        assert!(rest.0.is_empty());
    }
}

#[test]
fn a_list_that_becomes_empty_keeps_room_for_a_few_tasks_only() {
    let mut list = WakerList::default();
    for (tasks, chunks_before, chunks_after) in [(61, 5, 0), (60, 4, 4), (61, 5, 0)] {
        let mut keys: Vec<_> = (0..tasks).map(|_| None).collect();
        for key in &mut keys {
            assert!(wait(&mut list, key, Waker::noop().clone()).is_none());
        }
        assert_eq!(list.chunks(), chunks_before);
        let end = keys.pop();
        for key in keys.into_iter().flatten() {
            let Unused { _room: room, .. } = list.remove(key);
            assert!(room.is_none(), "a task is left");
        }
        let Unused { _room: room, .. } = list.remove(end.flatten().expect("the task is registered"));
        assert_eq!(
            (list.chunks(), room.map_or(0, |Room(room)| room.len())),
            (chunks_after, chunks_before - chunks_after)
        );
    }
}
