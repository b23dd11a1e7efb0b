//! A pipeline of three threads, which reports the error that ended it.

use std::thread::{JoinHandle, spawn};

use bounded_buffer::{Consumer, Producer, bounded};

fn read(words: &Producer<String>) -> Result<(), String> {
    for word in std::env::args_os().skip(1) {
        let word = word.into_string().map_err(|word| format!("{} is no text", word.display()))?;
        if words.push(word).is_err() {
            break; // no error of this stage: the next one has ended, and its result says why
        }
    }
    Ok(())
}

fn parse(words: &Consumer<String>, numbers: &Producer<u32>) -> Result<(), String> {
    for word in words {
        let number = word.parse().map_err(|error| format!("{word:?} is no number: {error}"))?;
        if numbers.push(number).is_err() {
            break; // as above
        }
    }
    Ok(())
}

fn join<R>(stage: JoinHandle<Result<R, String>>) -> Result<R, String> {
    stage.join().unwrap_or_else(|_| Err("a stage panicked".into()))
}

fn main() -> Result<(), String> {
    let ((to_parse, words), (to_sum, numbers)) = (bounded(2), bounded(2));
    // Each thread drops its handles when it ends, so the stage before it and the one after it end, too.
    let (reader, parser) = (spawn(move || read(&to_parse)), spawn(move || parse(&words, &to_sum)));
    let sum = spawn(move || numbers.iter().try_fold(0, u32::checked_add).ok_or("the sum is too large".into()));
    let results = (join(reader), join(parser), join(sum)); // all have ended; a sum is complete if the others succeeded
    println!("sum: {}", results.0.and(results.1).and(results.2)?);
    Ok(())
}
