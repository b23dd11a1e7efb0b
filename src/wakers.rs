//! The wakers of the tasks that wait on one side of a buffer, oldest first.
//!
//! Single-threaded: the caller of each function holds the lock, except where a function says that it allocates. A waker
//! is code of the user, so no function here clones, calls or drops one: each waker that leaves the list is returned.
//!
//! The list is doubly linked through the numbers of its slots, so that a cancelled task leaves it in constant time.

use std::num::NonZeroU32;
use std::task::Waker;

/// The registered tasks of one side. A task is registered until it is polled to its end or dropped. It *waits* while
/// its waker is in the list, and is *woken* from the moment that its waker was taken out.
#[derive(Default)]
pub(crate) struct WakerList {
    /// Chunk `n` has `FIRST << n` slots, and none of them moves. So a list of a million tasks grows without a long
    /// stop.
    chunks: Vec<Box<[Slot]>>,
    /// Number of slots that have been in use since the list was empty.
    used: u32,
    /// First free slot among those; free slots are linked by `next`.
    free: Link,
    oldest: Link,
    newest: Link,
    waiting: u32,
    woken: u32,
}

#[derive(Default)]
pub(crate) struct Slot {
    /// The waker of a task that waits. `None` if the slot is free or its task is woken.
    waker: Option<Waker>,
    previous: Link,
    next: Link,
}

/// The number of a slot, or the end of a linked list. The slots are numbered from 1, so that a link fits 32 bits.
type Link = Option<NonZeroU32>;

/// Names the slot of one registered task. It cannot be copied, so that no task can leave the list twice.
pub(crate) struct Key(NonZeroU32);

/// The list has no free slot. Returns the waker that found none.
pub(crate) struct NoRoom(pub(crate) Waker);

/// Memory for a list, allocated or to be freed while the lock is not held.
#[derive(Default)]
pub(crate) struct Room(Vec<Box<[Slot]>>);

/// What is not needed any more: a waker, and memory. Dropped after the unlock, because a waker is user code.
#[derive(Default)]
pub(crate) struct Unused {
    pub(crate) waker: Option<Waker>,
    pub(crate) _room: Option<Room>,
}

/// Number of slots of the first chunk.
const FIRST: usize = 4;

/// An empty list keeps this many chunks, together 60 slots of 24 bytes, so that a few tasks that come and go allocate
/// nothing.
const KEPT: usize = 4;

/// Number of chunks of the longest list: 2^31 tasks.
const MOST: usize = 29;

impl WakerList {
    /// Returns the number of tasks that wait.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting
    }

    /// Returns the number of tasks that were woken, and neither polled nor dropped since.
    pub(crate) fn woken(&self) -> u32 {
        self.woken
    }

    /// Returns whether the task waits with a waker that wakes the same task as `waker`.
    pub(crate) fn waits_with(&self, key: Option<&Key>, waker: &Waker) -> bool {
        let own = key.and_then(|key| self.slot(key.0).waker.as_ref());
        own.is_some_and(|own| own.will_wake(waker))
    }

    /// Lets a task wait with `waker`: a new one and a woken one at the end of the list, a waiting one in its place.
    /// Sets `key` for a new task. Returns the waker that was replaced.
    pub(crate) fn wait(&mut self, key: &mut Option<Key>, waker: Waker) -> Result<Option<Waker>, NoRoom> {
        let (number, is_new) = match key {
            Some(key) => (key.0, false),
            None => match self.take_free_slot() {
                Some(number) => (key.insert(Key(number)).0, true),
                None => return Err(NoRoom(waker)),
            },
        };
        let newest = self.newest;
        let slot = self.slot_mut(number);
        let replaced = slot.waker.replace(waker);
        if replaced.is_some() {
            return Ok(replaced);
        }
        (slot.previous, slot.next) = (newest, None);
        match newest {
            Some(previous) => self.slot_mut(previous).next = Some(number),
            None => self.oldest = Some(number),
        }
        self.newest = Some(number);
        self.waiting += 1;
        self.woken -= u32::from(!is_new);
        Ok(None)
    }

    /// Takes out the waker of the task that has waited longest. The task is woken from now on.
    pub(crate) fn take_oldest(&mut self) -> Option<Waker> {
        let waker = self.take_waker(self.oldest?);
        self.woken += 1;
        waker
    }

    /// Removes a task. Returns its waker, if it was not woken. After a close has taken the list, there is nothing to
    /// remove: step 6.
    #[allow(clippy::needless_pass_by_value, reason = "the key ends here")]
    pub(crate) fn remove(&mut self, key: Key) -> Unused {
        let Key(number) = key;
        if number.get() > self.used {
            return Unused::default();
        }
        let waker = self.take_waker(number);
        self.woken -= u32::from(waker.is_none());
        if self.waiting + self.woken == 0 {
            return Unused { waker, _room: self.clear() };
        }
        self.slot_mut(number).next = self.free;
        self.free = Some(number);
        Unused { waker, _room: None }
    }

    /// Returns the number of chunks.
    pub(crate) fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Allocates what a list of this many chunks lacks. Call it without the lock, then [`add`](Self::add) with the
    /// lock.
    pub(crate) fn allocate(chunks: usize) -> Room {
        assert!(chunks < MOST, "more than 2^31 tasks wait");
        let mut room = Vec::with_capacity(if chunks == 0 { MOST } else { 1 });
        room.push(std::iter::repeat_with(Slot::default).take(FIRST << chunks).collect());
        Room(room)
    }

    /// Adds a chunk, if it is the one that the list lacks. Returns what is to be freed.
    pub(crate) fn add(&mut self, Room(mut room): Room) -> Room {
        if room.last().is_some_and(|chunk| chunk.len() == FIRST << self.chunks.len()) {
            if self.chunks.capacity() == 0 {
                std::mem::swap(&mut self.chunks, &mut room); // the first one comes with room for all
            } else {
                self.chunks.extend(room.pop());
            }
        }
        Room(room)
    }

    /// Returns the wakers of all tasks that wait, in no particular order.
    pub(crate) fn into_wakers(self) -> impl Iterator<Item = Waker> {
        self.chunks.into_iter().flatten().filter_map(|slot| slot.waker)
    }

    fn take_free_slot(&mut self) -> Link {
        if let Some(number) = self.free {
            self.free = self.slot(number).next;
            return Some(number);
        }
        let is_full = self.used as usize == FIRST * ((1 << self.chunks.len()) - 1);
        self.used += u32::from(!is_full);
        NonZeroU32::new(self.used).filter(|_| !is_full)
    }

    /// No task is registered any more. Takes the memory out if it is more than a few tasks need.
    fn clear(&mut self) -> Option<Room> {
        (self.used, self.free) = (0, None);
        (self.chunks.len() > KEPT).then(|| Room(std::mem::take(&mut self.chunks)))
    }

    /// Takes the waker of a task that waits out of the list. `None` if the task is woken.
    fn take_waker(&mut self, number: NonZeroU32) -> Option<Waker> {
        let slot = self.slot_mut(number);
        let waker = slot.waker.take()?;
        let Slot { previous, next, .. } = *slot;
        match previous {
            Some(previous) => self.slot_mut(previous).next = next,
            None => self.oldest = next,
        }
        match next {
            Some(next) => self.slot_mut(next).previous = previous,
            None => self.newest = previous,
        }
        self.waiting -= 1;
        Some(waker)
    }

    fn slot(&self, number: NonZeroU32) -> &Slot {
        let (chunk, at) = place(number);
        &self.chunks[chunk][at]
    }

    fn slot_mut(&mut self, number: NonZeroU32) -> &mut Slot {
        let (chunk, at) = place(number);
        &mut self.chunks[chunk][at]
    }
}

/// The chunk of a slot, and the place in it.
fn place(number: NonZeroU32) -> (usize, usize) {
    let from_first = number.get() as usize - 1 + FIRST;
    let chunk = (from_first.ilog2() - FIRST.ilog2()) as usize;
    (chunk, from_first - (FIRST << chunk))
}

#[cfg(test)]
mod tests;
