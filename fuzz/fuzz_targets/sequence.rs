//! A sequence of operations on one thread, compared with a `VecDeque`, a close flag and counters.

#![no_main]

use libfuzzer_sys::fuzz_target;
use operations::sequence::compare_input;

fuzz_target!(|input: &[u8]| compare_input(input));
