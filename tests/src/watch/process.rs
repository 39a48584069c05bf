//! The resources that a process takes, as Linux tells them.

use std::fs;

/// The resources of a process at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resources {
    /// Resident memory in KiB.
    pub resident_kib: u64,
    /// Open descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// Seconds of processor time since its start.
    pub cpu_seconds: f64,
}

/// Ticks per second of `/proc/<pid>/stat`, which are the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads the resources of a process; `None` if it has ended.
#[must_use]
pub fn resources(process: u32) -> Option<Resources> {
    let directory = format!("/proc/{process}");
    let status = fs::read_to_string(format!("{directory}/status")).ok()?;
    let field =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    let stat = fs::read_to_string(format!("{directory}/stat")).ok()?;
    // The name of the program, in parentheses, may have spaces. User and system time are the 14th and the 15th field.
    let after_name = stat.rsplit_once(')')?.1;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().ok());
    Some(Resources {
        resident_kib: field("VmRSS:")?,
        descriptors: fs::read_dir(format!("{directory}/fd")).ok()?.count() as u64,
        threads: field("Threads:")?,
        cpu_seconds: ticks.sum::<Option<f64>>()? / TICKS_PER_SECOND,
    })
}
