//! The tests of the public interface.
