//! The wakers of the tasks that wait on one side of a buffer, oldest first.
//!
//! Single-threaded: the caller of each function holds the lock, except where a function says that it allocates. A waker
//! is code of the user, so no function here clones, calls or drops one: each waker that leaves the list is returned.
//!
//! The list is doubly linked through the indices of one vector, so that a cancelled task leaves it in constant time.

use std::task::Waker;

/// The registered tasks of one side. A task is registered until it is polled to its end or dropped. It *waits* while
/// its waker is in the list, and is *woken* from the moment that its waker was taken out.
pub(crate) struct WakerList {
    slots: Vec<Slot>,
    /// First free slot; free slots are linked by `next`.
    free: u32,
    oldest: u32,
    newest: u32,
    waiting: u32,
    woken: u32,
}

pub(crate) struct Slot {
    /// The waker of a task that waits. `None` if the slot is free or its task is woken.
    waker: Option<Waker>,
    previous: u32,
    next: u32,
}

/// Names the slot of one registered task. It cannot be copied, so that no task can leave the list twice.
pub(crate) struct Key(u32);

/// The list has no free slot. Returns the waker that found none.
pub(crate) struct NoRoom(pub(crate) Waker);

/// The end of a linked list.
const END: u32 = u32::MAX;

impl Default for WakerList {
    fn default() -> Self {
        Self { slots: Vec::new(), free: END, oldest: END, newest: END, waiting: 0, woken: 0 }
    }
}

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
        let own = key.and_then(|key| self.slots[key.index()].waker.as_ref());
        own.is_some_and(|own| own.will_wake(waker))
    }

    /// Lets a task wait with `waker`: a new one and a woken one at the end of the list, a waiting one in its place.
    /// Sets `key` for a new task. Returns the waker that was replaced.
    pub(crate) fn wait(&mut self, key: &mut Option<Key>, waker: Waker) -> Result<Option<Waker>, NoRoom> {
        let index = match key {
            Some(key) if self.slots[key.index()].waker.is_some() => {
                return Ok(self.slots[key.index()].waker.replace(waker));
            }
            Some(woken) => {
                self.woken -= 1;
                woken.0
            }
            None => match self.take_free_slot() {
                Some(index) => key.insert(Key(index)).0,
                None => return Err(NoRoom(waker)),
            },
        };
        self.slots[index as usize].waker = Some(waker);
        self.link_newest(index);
        Ok(None)
    }

    /// Takes out the waker of the task that has waited longest. The task is woken from now on.
    pub(crate) fn take_oldest(&mut self) -> Option<Waker> {
        let index = self.oldest;
        let waker = self.slots.get_mut(index as usize)?.waker.take();
        self.unlink(index);
        self.woken += 1;
        waker
    }

    /// Removes a task. Returns its waker, if it was waiting. After a close has taken the list, there is nothing to
    /// remove: step 6.
    #[allow(clippy::needless_pass_by_value, reason = "the key ends here")]
    pub(crate) fn remove(&mut self, key: Key) -> Option<Waker> {
        let Key(index) = key;
        let waker = self.slots.get_mut(index as usize)?.waker.take();
        if waker.is_some() {
            self.unlink(index);
        } else {
            self.woken -= 1;
        }
        self.slots[index as usize].next = self.free;
        self.free = index;
        waker
    }

    /// Allocates slots for more tasks than `len`. Call it without the lock, then [`move_into`](Self::move_into) with
    /// the lock.
    pub(crate) fn allocate_more_than(len: usize) -> Vec<Slot> {
        Vec::with_capacity((len * 2).max(4))
    }

    /// Returns the number of slots.
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Moves all slots into `room` if it is larger, and returns the vector to free after the unlock.
    pub(crate) fn move_into(&mut self, mut room: Vec<Slot>) -> Vec<Slot> {
        if room.capacity() > self.slots.capacity() {
            room.append(&mut self.slots);
            std::mem::swap(&mut self.slots, &mut room);
        }
        room
    }

    /// Returns the wakers of all tasks that wait, in no particular order.
    pub(crate) fn into_wakers(self) -> impl Iterator<Item = Waker> {
        self.slots.into_iter().filter_map(|slot| slot.waker)
    }

    fn take_free_slot(&mut self) -> Option<u32> {
        if let Some(slot) = self.slots.get(self.free as usize) {
            return Some(std::mem::replace(&mut self.free, slot.next));
        }
        let index = u32::try_from(self.slots.len()).ok().filter(|&index| index != END)?;
        if self.slots.len() == self.slots.capacity() {
            return None;
        }
        self.slots.push(Slot { waker: None, previous: END, next: END });
        Some(index)
    }

    fn link_newest(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        (slot.previous, slot.next) = (self.newest, END);
        match self.slots.get_mut(self.newest as usize) {
            Some(previous) => previous.next = index,
            None => self.oldest = index,
        }
        self.newest = index;
        self.waiting += 1;
    }

    fn unlink(&mut self, index: u32) {
        let Slot { previous, next, .. } = self.slots[index as usize];
        match self.slots.get_mut(previous as usize) {
            Some(slot) => slot.next = next,
            None => self.oldest = next,
        }
        match self.slots.get_mut(next as usize) {
            Some(slot) => slot.previous = previous,
            None => self.newest = previous,
        }
        self.waiting -= 1;
    }
}

impl Key {
    fn index(&self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests;
