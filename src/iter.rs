//! Iterators over what comes out of a buffer. They own nothing but a reference and hold no lock between items.

use std::fmt;
use std::iter::FusedIterator;

use crate::buffer::BoundedBuffer;

/// Waits for each item; ends once the buffer is closed and drained. Made by [`BoundedBuffer::iter`].
#[must_use = "iterators do nothing until they are asked for an item"]
pub struct Iter<'a, T> {
    buffer: &'a BoundedBuffer<T>,
}

impl<'a, T> Iter<'a, T> {
    pub(crate) fn new(buffer: &'a BoundedBuffer<T>) -> Self {
        Self { buffer }
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.buffer.pop().ok()
    }
}

/// Closed and drained is for ever.
impl<T> FusedIterator for Iter<'_, T> {}

/// Never waits; ends at the first moment at which the buffer is empty. Made by [`BoundedBuffer::try_iter`].
///
/// Not fused: when items came in the meantime, it goes on.
#[must_use = "iterators do nothing until they are asked for an item"]
pub struct TryIter<'a, T> {
    buffer: &'a BoundedBuffer<T>,
}

impl<'a, T> TryIter<'a, T> {
    pub(crate) fn new(buffer: &'a BoundedBuffer<T>) -> Self {
        Self { buffer }
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.buffer.try_pop().ok()
    }
}

impl<'a, T> IntoIterator for &'a BoundedBuffer<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

// Written out, because a derive would ask `T: Debug`.

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(self.buffer).finish()
    }
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TryIter").field(self.buffer).finish()
    }
}
