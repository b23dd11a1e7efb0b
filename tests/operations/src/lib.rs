//! Two models of the buffer for one thread, each with the operations that it knows: any two bytes are one of them. proptest
//! draws the bytes in `tests/api`, and libFuzzer in `fuzz/`.

pub mod sequence;
pub mod tasks;
