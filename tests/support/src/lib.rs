//! What the tests of several packages share: a watchdog, waiting for a state, and items that are counted.

use std::any::type_name;
use std::io::{Write, stderr};
use std::panic;
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use parking_lot::Mutex;

#[cfg(feature = "program")]
pub mod program;

/// Time is counted in ticks of the watchdog and not read from a clock: a process that was stopped for a minute has not hung
/// for a minute.
const TICK: Duration = Duration::from_millis(100);

/// `scripts/targets` sets the variable for tests that qemu emulates: next to other work, one of them took more than 30 s.
const SLOWNESS: u32 = if option_env!("EMULATED").is_some() { 10 } else { 1 };

/// A test that runs longer than this hangs: 30 s. Next to four busy loops on two cores, all of `cargo test` took 19 s.
const TICKS_PER_TEST: u32 = 300 * SLOWNESS;

/// A condition that takes longer does not come true: 20 s, so that `until` reports it before the watchdog ends the process.
const TICKS_PER_CONDITION: u32 = 200 * SLOWNESS;

/// A test that runs under the watchdog.
struct Running {
    name: String,
    strategy: Option<WaitStrategy>,
    ticks: u32,
}

static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());

/// The messages of all panics so far. libtest prints a test's panic when the test ends, and a scope does not end while one of
/// its threads hangs.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The number of threads in [`unwatched`].
static UNWATCHED: AtomicUsize = AtomicUsize::new(0);

/// Runs the body of a test under the watchdog, which ends the process with status 101 if a test hangs.
///
/// A thread that hangs cannot be ended, and a broken protocol makes most tests hang. So the first one ends the process
/// instead of the next waiting for another 30 s; the watchdog names all tests that run at that moment.
pub fn watched<F: FnOnce() -> R, R>(body: F) -> R {
    let _running = Registration::new::<F>(None);
    body()
}

/// As [`watched`], once for each strategy: each operation that waits is tested with both.
pub fn with_each_strategy<F: Fn(WaitStrategy)>(body: F) {
    for strategy in [WaitStrategy::Park, WaitStrategy::Adaptive] {
        let _running = Registration::new::<F>(Some(strategy));
        println!("with {strategy:?}"); // libtest prints this if the test fails
        body(strategy);
    }
}

/// Runs something that takes long and cannot hang, such as a build: the time of all tests stands still meanwhile.
#[allow(dead_code, reason = "for the tests of the programs, which have a package of their own")]
pub fn unwatched<R>(body: impl FnOnce() -> R) -> R {
    struct Unwatched;
    impl Drop for Unwatched {
        fn drop(&mut self) {
            UNWATCHED.fetch_sub(1, Ordering::SeqCst);
        }
    }
    UNWATCHED.fetch_add(1, Ordering::SeqCst);
    let _unwatched = Unwatched;
    body()
}

/// Keeps a test in the list of those that run.
struct Registration(String);

impl Registration {
    /// The name is that of the closure's type, `api::module::test::{{closure}}`: with one test thread, libtest runs the tests
    /// on the main thread, which is not named after them.
    fn new<F>(strategy: Option<WaitStrategy>) -> Self {
        static WATCHDOG: Once = Once::new();
        WATCHDOG.call_once(|| {
            let hook = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                PANICS.lock().push(panic.to_string());
                hook(panic);
            }));
            thread::spawn(watch);
        });
        let name = type_name::<F>().split("::").skip(1).take_while(|part| *part != "{{closure}}");
        let name = name.collect::<Vec<_>>().join("::");
        RUNNING.lock().push(Running { name: name.clone(), strategy, ticks: 0 });
        Self(name)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut running = RUNNING.lock();
        let position = running.iter().position(|test| test.name == self.0);
        running.swap_remove(position.expect("a test stays in the list until its registration is dropped"));
    }
}

/// The watchdog's thread.
fn watch() {
    loop {
        thread::sleep(TICK);
        if UNWATCHED.load(Ordering::SeqCst) > 0 {
            continue;
        }
        let mut running = RUNNING.lock();
        running.iter_mut().for_each(|test| test.ticks += 1);
        if running.iter().any(|test| test.ticks > TICKS_PER_TEST) {
            report("A test hangs. The panics before that:");
            PANICS.lock().iter().for_each(|panic| report(panic));
            report("The tests that run now:");
            for Running { name, strategy, ticks } in &*running {
                let state = if *ticks > TICKS_PER_TEST { "hangs" } else { "has not hung yet" };
                let strategy = strategy.map(|strategy| format!(", with {strategy:?}")).unwrap_or_default();
                report(&format!("test {name} {state}: not done after {:?}{strategy}", TICK * *ticks));
            }
            // The programs that the tests have started would outlive them.
            _ = Command::new("pkill").args(["-KILL", "-P", &process::id().to_string()]).status();
            process::exit(101);
        }
    }
}

/// Prints past libtest's capture, which loses its contents if the process ends during a test.
fn report(line: &str) {
    _ = writeln!(stderr(), "{line}"); // without stderr there is nowhere to report it to
}

/// Waits until the condition holds. `stats()` reports the waiting threads exactly, so no test needs a sleep for that.
#[track_caller]
pub fn until(condition: impl Fn() -> bool) {
    for _ in 0..TICKS_PER_CONDITION {
        let tick = Instant::now();
        while tick.elapsed() < TICK {
            if condition() {
                return;
            }
            // Next to busy loops a yield lasts as long as their time slices; a thread that slept runs before them.
            thread::sleep(Duration::from_micros(20));
        }
    }
    panic!("this condition did not hold within {:?}", TICK * TICKS_PER_CONDITION);
}

#[track_caller]
pub fn until_producers_wait<T>(buffer: &BoundedBuffer<T>, count: usize) {
    until(|| buffer.stats().waiting_producers == count);
}

#[track_caller]
pub fn until_consumers_wait<T>(buffer: &BoundedBuffer<T>, count: usize) {
    until(|| buffer.stats().waiting_consumers == count);
}

/// A full buffer with the items `0, 1, …, capacity - 1`.
pub fn full(capacity: usize, strategy: WaitStrategy) -> BoundedBuffer<usize> {
    let buffer = BoundedBuffer::with_wait_strategy(capacity, strategy);
    for item in 0..capacity {
        buffer.try_push(item).expect("the buffer has a free slot");
    }
    buffer
}

/// Creates items and counts those that are not dropped yet.
#[derive(Clone, Default)]
pub struct Ledger(Arc<AtomicUsize>);

/// An item that its ledger counts until it is dropped.
#[derive(Debug)]
pub struct Counted {
    pub id: u32,
    live: Arc<AtomicUsize>,
}

impl Ledger {
    pub fn item(&self, id: u32) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted { id, live: self.0.clone() }
    }

    /// The number of items not yet dropped.
    pub fn live(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Ordering::SeqCst);
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
