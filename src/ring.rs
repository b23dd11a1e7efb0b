//! The ring: a fixed array of slots, a head and a length. Single-threaded; the mutex around it is `buffer.rs`'s business.

use std::collections::VecDeque;

/// A first-in, first-out queue in an array that never grows.
///
/// `head` and `len` instead of the usual `head` and `tail`: two indices cannot tell full from empty without giving a slot
/// away or letting the indices run past the array, a length can. The capacity is exact, not rounded to a power of two,
/// because the documented scenario's five means five; the wrap is a compare, not a mask, and costs nothing measurable.
///
/// How many items were ever taken is where the head is, plus a full round for each time it came by the start. So the ring
/// counts its traffic exactly without a counter to move per item.
///
/// Invariants, checked in debug builds by [`Ring::check`]:
///
/// * `head < capacity` and `len <= capacity`;
/// * the slots `head, head + 1, …, head + len - 1` (wrapping) hold an item, all others are `None`.
pub(crate) struct Ring<T> {
    slots: Box<[Option<T>]>,
    head: usize,
    len: usize,
    /// How often the head came by the start.
    rounds: u64,
}

impl<T> Ring<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let slots = std::iter::repeat_with(|| None).take(capacity).collect();
        Self { slots, head: 0, len: 0, rounds: 0 }
    }

    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.len == self.capacity()
    }

    #[inline]
    pub(crate) fn free(&self) -> usize {
        self.capacity() - self.len
    }

    /// How many items were taken since the beginning.
    pub(crate) fn taken(&self) -> u64 {
        self.rounds * self.capacity() as u64 + self.head as u64
    }

    /// Puts one item behind the others. The caller has seen that there is room.
    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        debug_assert!(!self.is_full());
        let tail = self.wrap(self.head + self.len);
        self.slots[tail] = Some(item);
        self.len += 1;
    }

    /// Takes the oldest item.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        let item = self.slots[self.head].take()?;
        self.advance(1);
        Some(item)
    }

    /// Moves as many items as fit from the front of `from` behind the others and says how many.
    pub(crate) fn push_many(&mut self, from: &mut VecDeque<T>) -> usize {
        let count = from.len().min(self.free());
        let (before, after) = self.window(self.wrap(self.head + self.len), count);
        let mut items = from.drain(..count);
        for range in [before, after] {
            for (slot, item) in self.slots[range].iter_mut().zip(&mut items) {
                *slot = Some(item);
            }
        }
        drop(items);
        self.len += count;
        self.check();
        count
    }

    /// Moves the oldest items, at most `max`, to the end of `into` and says how many.
    ///
    /// Allocates only if `into` lacks the room.
    pub(crate) fn pop_many(&mut self, into: &mut Vec<T>, max: usize) -> usize {
        let count = self.len.min(max);
        let (before, after) = self.window(self.head, count);
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
        self.head += count;
        self.len -= count;
        if self.head >= self.capacity() {
            self.head -= self.capacity();
            self.rounds += 1;
        }
    }

    /// The `count` slots from `start` on, as the two ranges before and after the wrap.
    fn window(&self, start: usize, count: usize) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let before = count.min(self.capacity() - start);
        (start..start + before, 0..count - before)
    }

    /// Brings an index that ran at most once past the end back into the array.
    #[inline]
    fn wrap(&self, index: usize) -> usize {
        if index >= self.capacity() { index - self.capacity() } else { index }
    }

    /// The invariants, in debug builds. Linear in the capacity, so it is called by the batch moves and the tests only.
    fn check(&self) {
        debug_assert!(self.head < self.capacity() && self.len <= self.capacity());
        debug_assert!((0..self.capacity()).all(|i| self.slots[self.wrap(self.head + i)].is_some() == (i < self.len)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of `capacity` whose head stands at `head`, holding `0..len`.
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
                    assert!(ring.is_empty());
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
                            "what did not fit stays"
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
    fn what_was_taken_is_counted_over_many_rounds() {
        let mut ring = Ring::new(3);
        let mut out = Vec::new();
        for round in 1..=10 {
            (0..2).for_each(|i| ring.push(i));
            ring.pop();
            ring.pop_many(&mut out, 1);
            assert_eq!(ring.taken(), 2 * round);
        }
    }

    #[test]
    fn zero_sized_and_large_items_work() {
        let mut nothing = Ring::new(3);
        (0..3).for_each(|_| nothing.push(()));
        assert!(nothing.is_full());
        assert_eq!(std::iter::from_fn(|| nothing.pop()).count(), 3);

        let mut large = Ring::new(2);
        large.push([1_u8; 4096]);
        large.push([2_u8; 4096]);
        assert_eq!(large.pop().map(|item| item[4095]), Some(1));
        assert_eq!(large.pop().map(|item| item[4095]), Some(2));
    }
}
