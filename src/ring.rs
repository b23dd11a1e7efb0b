//! The ring: a fixed array of slots, a head and a length. Single-threaded; `buffer.rs` puts a mutex around it.

use std::collections::VecDeque;

use crate::error::CapacityError;

/// A first-in, first-out queue in an array that never grows.
///
/// The ring stores `head` and `len`. With a head and a tail index, `head == tail` could mean empty or full, and one
/// slot would have to stay unused. The capacity is exact and not rounded to a power of two: the documented scenario has
/// five slots. The index wraps by a comparison, which costs no more than a mask in the measurements.
///
/// `taken = wraps * capacity + head` is the number of items removed so far. The statistics are computed from it, so no
/// counter has to be written for each item.
///
/// Invariants, checked in debug builds by [`Ring::check`]:
///
/// * `head < capacity` and `len <= capacity`;
/// * the slots `head, head + 1, …, head + len - 1` (wrapping) hold an item, all others are `None`.
///
/// The indices are 32 bits wide and the order of the fields is fixed: `state.rs` needs the ring to be small, because it
/// shares a cache line with the lock.
#[repr(C)]
pub(crate) struct Ring<T> {
    slots: Box<[Option<T>]>,
    head: u32,
    len: u32,
    /// Number of times the head wrapped around.
    wraps: u64,
}

impl<T> Ring<T> {
    /// Allocates the slots; nothing is allocated later.
    pub(crate) fn try_new(capacity: usize) -> Result<Self, CapacityError> {
        if capacity == 0 {
            return Err(CapacityError::Zero);
        }
        if u32::try_from(capacity).is_err() {
            return Err(CapacityError::TooLarge);
        }
        let mut slots = Vec::new();
        slots.try_reserve_exact(capacity).map_err(|_| CapacityError::TooLarge)?;
        slots.resize_with(capacity, || None);
        Ok(Self { slots: slots.into_boxed_slice(), head: 0, len: 0, wraps: 0 })
    }

    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// The length in the width in which it is stored.
    #[inline]
    pub(crate) fn len32(&self) -> u32 {
        self.len
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.len() == self.capacity()
    }

    #[inline]
    pub(crate) fn free(&self) -> usize {
        self.capacity() - self.len()
    }

    /// Number of items removed since the ring was made.
    pub(crate) fn taken(&self) -> u64 {
        self.wraps * self.capacity() as u64 + u64::from(self.head)
    }

    /// Appends one item. The caller has checked that a slot is free.
    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        debug_assert!(!self.is_full());
        let tail = self.tail();
        self.slots[tail] = Some(item);
        self.len += 1;
    }

    /// Removes the oldest item.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        let item = self.slots[self.head as usize].take()?;
        self.advance(1);
        Some(item)
    }

    /// Moves as many items as fit from the front of `from` to the end of the ring and returns their number.
    pub(crate) fn push_many(&mut self, from: &mut VecDeque<T>) -> usize {
        let count = from.len().min(self.free());
        let (before, after) = self.window(self.tail(), count);
        let mut items = from.drain(..count);
        for range in [before, after] {
            for (slot, item) in self.slots[range].iter_mut().zip(&mut items) {
                *slot = Some(item);
            }
        }
        drop(items);
        self.len += narrow(count);
        self.check();
        count
    }

    /// Moves the oldest items, at most `max`, to the end of `into` and returns their number.
    ///
    /// Allocates only if `into` has too little spare capacity.
    pub(crate) fn pop_many(&mut self, into: &mut Vec<T>, max: usize) -> usize {
        let count = self.len().min(max);
        let (before, after) = self.window(self.head as usize, count);
        for range in [before, after] {
            into.extend(self.slots[range].iter_mut().filter_map(Option::take));
        }
        self.advance(count);
        self.check();
        count
    }

    /// Moves the head past `count` slots that were just emptied.
    #[inline]
    fn advance(&mut self, count: usize) {
        self.len -= narrow(count);
        let head = self.head as usize + count;
        let wraps = head >= self.capacity();
        self.wraps += u64::from(wraps);
        self.head = narrow(if wraps { head - self.capacity() } else { head });
    }

    /// Index of the first slot behind the items.
    #[inline]
    fn tail(&self) -> usize {
        self.wrap(self.head as usize + self.len())
    }

    /// The `count` slots from `start` on, as the two ranges before and after the wrap.
    fn window(&self, start: usize, count: usize) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let before = count.min(self.capacity() - start);
        (start..start + before, 0..count - before)
    }

    /// Brings an index that is less than twice the capacity back into the array.
    #[inline]
    fn wrap(&self, index: usize) -> usize {
        if index >= self.capacity() { index - self.capacity() } else { index }
    }

    /// Checks the invariants in debug builds. Linear in the capacity, so only the batch moves and the tests call it.
    fn check(&self) {
        debug_assert!((self.head as usize) < self.capacity() && self.len() <= self.capacity());
        debug_assert!(
            (0..self.capacity()).all(|i| self.slots[self.wrap(self.head as usize + i)].is_some() == (i < self.len()))
        );
    }
}

/// Converts an index or a length to 32 bits.
#[inline]
fn narrow(number: usize) -> u32 {
    #[allow(clippy::cast_possible_truncation, reason = "`try_new` refuses a capacity of more than 32 bits")]
    let number = number as u32;
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    impl<T> Ring<T> {
        fn new(capacity: usize) -> Self {
            Self::try_new(capacity).unwrap_or_else(|_| panic!("a small capacity"))
        }
    }

    #[test]
    fn a_capacity_of_zero_and_one_beyond_32_bits_are_refused_without_allocating() {
        assert!(Ring::<u8>::try_new(0).is_err_and(|error| error == CapacityError::Zero));
        assert!(
            Ring::<u8>::try_new((u32::MAX as usize).saturating_add(1))
                .is_err_and(|error| error == CapacityError::TooLarge)
        );
        assert!(Ring::<u8>::try_new(usize::MAX).is_err_and(|error| error == CapacityError::TooLarge));
        assert!(
            Ring::<[u8; usize::MAX >> 24]>::try_new(1 << 24).is_err_and(|error| error == CapacityError::TooLarge),
            "no such memory"
        );
    }

    /// Makes a ring of `capacity` with the head at `head` that holds `0..len`.
    fn ring_at(head: usize, capacity: usize, len: usize) -> Ring<usize> {
        let mut ring = Ring::new(capacity);
        for _ in 0..head {
            ring.push(0);
            ring.pop();
        }
        (0..len).for_each(|i| ring.push(i));
        ring.check();
        ring
    }

    #[test]
    fn capacity_is_exact() {
        for capacity in [1, 2, 3, 5, 7, 1000] {
            let mut ring = Ring::new(capacity);
            (0..capacity).for_each(|i| ring.push(i));
            assert!(ring.is_full());
            assert_eq!((ring.len(), ring.free(), ring.capacity()), (capacity, 0, capacity));
        }
    }

    #[test]
    fn items_come_out_in_order_from_every_head_and_length() {
        for capacity in 1..=5 {
            for head in 0..capacity {
                for len in 0..=capacity {
                    let mut ring = ring_at(head, capacity, len);
                    let out: Vec<_> = std::iter::from_fn(|| ring.pop()).collect();
                    assert_eq!(out, (0..len).collect::<Vec<_>>());
                    assert_eq!(ring.len(), 0);
                    ring.check();
                }
            }
        }
    }

    #[test]
    fn batch_moves_equal_single_moves_from_every_head_and_length() {
        for capacity in 1..=5 {
            for head in 0..capacity {
                for len in 0..=capacity {
                    for count in 0..=capacity + 1 {
                        let mut ring = ring_at(head, capacity, len);
                        let mut from: VecDeque<_> = (len..len + count).collect();
                        let pushed = ring.push_many(&mut from);
                        assert_eq!(pushed, count.min(capacity - len));
                        assert_eq!(
                            from,
                            (len + pushed..len + count).collect::<VecDeque<_>>(),
                            "items that did not fit stay"
                        );

                        let mut out = Vec::new();
                        assert_eq!(ring.pop_many(&mut out, count), count.min(len + pushed));
                        ring.pop_many(&mut out, usize::MAX);
                        assert_eq!(out, (0..len + pushed).collect::<Vec<_>>());
                    }
                }
            }
        }
    }

    #[test]
    fn taken_counts_removed_items_across_wraps() {
        let mut ring = Ring::new(3);
        let mut out = Vec::new();
        for round in 1..=10 {
            (0..2).for_each(|i| ring.push(i));
            ring.pop();
            ring.pop_many(&mut out, 1);
            assert_eq!(ring.taken(), 2 * round);
        }
    }
}
