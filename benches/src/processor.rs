//! The processor time of a thread, and the cores that it may use, as the operating system reports them.

use std::time::Duration;

/// The processor time of the calling thread, zero where the system does not report it.
///
/// Not from `getrusage`: Linux updates that figure at the next clock tick or switch of threads, so it misses a large part of a
/// run of a few milliseconds.
#[cfg(target_os = "linux")]
pub fn thread_time() -> Duration {
    time_of(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID)
}

/// The processor time of all threads of this process, zero where the system does not report it.
#[cfg(target_os = "linux")]
pub fn process_time() -> Duration {
    time_of(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

#[cfg(target_os = "linux")]
fn time_of(clock: nix::time::ClockId) -> Duration {
    nix::time::clock_gettime(clock).map_or(Duration::ZERO, Duration::from)
}

/// The time of all threads of this process in the kernel. Linux updates it at each clock tick, so a run should last for a second.
#[cfg(target_os = "linux")]
pub fn system_time() -> Duration {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let nanos = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.system_time().num_nanoseconds());
    Duration::from_nanos(nanos.unsigned_abs())
}

#[cfg(not(target_os = "linux"))]
pub fn system_time() -> Duration {
    Duration::ZERO
}

#[cfg(not(target_os = "linux"))]
pub fn thread_time() -> Duration {
    Duration::ZERO
}

#[cfg(not(target_os = "linux"))]
pub fn process_time() -> Duration {
    Duration::ZERO
}

/// The first and the last core that this process may use; `None` if there is only one.
#[cfg(target_os = "linux")]
pub fn outer_cores() -> Option<(usize, usize)> {
    use nix::sched::{CpuSet, sched_getaffinity};
    use nix::unistd::Pid;

    let allowed = sched_getaffinity(Pid::from_raw(0)).ok()?;
    let mut cores = (0..CpuSet::count()).filter(|&core| allowed.is_set(core) == Ok(true));
    Some((cores.next()?, cores.next_back()?))
}

#[cfg(not(target_os = "linux"))]
pub fn outer_cores() -> Option<(usize, usize)> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores > 1).then_some((0, cores - 1))
}

/// Keeps the calling thread on one core, where the system offers that.
#[cfg(target_os = "linux")]
pub fn pin_to(core: usize) {
    use nix::sched::{CpuSet, sched_setaffinity};
    use nix::unistd::Pid;

    let mut only = CpuSet::new();
    // An error is ignored: the scheduler usually gives the thread a core of its own, too.
    _ = only.set(core).and_then(|()| sched_setaffinity(Pid::from_raw(0), &only));
}

#[cfg(not(target_os = "linux"))]
pub fn pin_to(_core: usize) {}
