//! The CPU time of the library's own threads.

use procfs::process::Process;

/// Returns the CPU time of the library's threads that live, in seconds; `None` if the system does not say.
pub(super) fn seconds() -> Option<f64> {
    let tasks = Process::myself().ok()?.tasks().ok()?;
    let of_thread = |task: procfs::process::Task| task.stat().ok().filter(|stat| stat.comm.starts_with("tta-"));
    let ticks: u64 = tasks.flatten().filter_map(of_thread).map(|stat| stat.utime + stat.stime).sum();
    Some(ticks as f64 / procfs::ticks_per_second() as f64)
}
