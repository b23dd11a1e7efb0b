//! Futures on one thread that are created, polled and dropped, next to operations that do not wait, compared with a model.

#![no_main]

use libfuzzer_sys::fuzz_target;
use operations::tasks::compare_input;

fuzz_target!(|input: &[u8]| compare_input(input));
