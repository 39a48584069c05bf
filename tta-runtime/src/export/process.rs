//! The process behind the metrics: its memory, its processor time and its descriptors, as Linux reports them.

use std::fs::{File, metadata};
use std::io::Read;
use std::sync::{Arc, Mutex};

use procfs::process::Process;
use procfs::{boot_time_secs, page_size, ticks_per_second};
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::snapshot::{Row, RowKind, Rows};

/// Adds the metrics of the process, under the names that Prometheus gives to those of all programs, except those that the
/// program registered itself.
///
/// Leaves out the numbers that cannot be read: a program may have no descriptor left, or no `/proc`.
pub(super) fn add_to(families: &mut Vec<Arc<Rows>>) {
    let memory = Memory::read();
    let own: Vec<_> =
        families.iter().filter(|rows| rows.name.starts_with(PREFIX)).map(|rows| rows.name.clone()).collect();
    for metric in METRICS.iter().filter(|metric| own.iter().all(|name| name != metric.name)) {
        if let Some(number) = (metric.read)(memory.as_ref()) {
            families.push(Arc::new(Rows {
                name: metric.name.into(),
                help: metric.help.into(),
                kind: metric.kind,
                unit: "",
                is_whole: false,
                series: vec![Row::number(&[], number)],
            }));
        }
    }
}

/// The start of all names.
const PREFIX: &str = "process_";

/// The memory of the process, in pages.
///
/// A file of `/proc` takes as long as tens of samples: what a system call says is not read there, and each file is opened by itself.
struct Memory {
    address_space: u64,
    resident: u64,
}

impl Memory {
    fn read() -> Option<Self> {
        // Seven numbers of at most 20 digits.
        let mut text = [0; 160];
        let length = File::open("/proc/self/statm").ok()?.read(&mut text).ok()?;
        let mut pages = str::from_utf8(text.get(..length)?).ok()?.split_ascii_whitespace().map(str::parse);
        Some(Self { address_space: pages.next()?.ok()?, resident: pages.next()?.ok()? })
    }
}

/// Returns the number of open descriptors.
fn descriptors() -> Option<u64> {
    // Linux 6.2 and later say it as the size of the directory, which is 0 before.
    match metadata("/proc/self/fd").ok()?.len() {
        0 => Process::myself().ok()?.fd_count().ok().map(|descriptors| descriptors as u64),
        descriptors => Some(descriptors),
    }
}

/// Returns the start of the process in seconds since 1970.
fn start() -> Option<f64> {
    // Read once for each process: the system derives it from a clock that is set meanwhile. A fork has a start of its own, and may
    // find the lock taken for ever.
    static START: Mutex<Option<(u32, f64)>> = Mutex::new(None);
    let (own, mut known) = (std::process::id(), START.try_lock());
    if let Ok(known) = &known
        && let Some((process, start)) = **known
        && process == own
    {
        return Some(start);
    }
    let since_boot = Process::myself().ok()?.stat().ok()?.starttime as f64 / ticks_per_second() as f64;
    let start = boot_time_secs().ok()? as f64 + since_boot;
    if let Ok(known) = &mut known {
        **known = Some((own, start));
    }
    Some(start)
}

struct ProcessMetric {
    name: &'static str,
    kind: RowKind,
    help: &'static str,
    read: fn(Option<&Memory>) -> Option<f64>,
}

/// The names are those of Prometheus' page "Writing client libraries", section "Process metrics".
const METRICS: &[ProcessMetric] = &[
    ProcessMetric {
        name: "process_cpu_seconds_total",
        kind: RowKind::Counter,
        help: "Processor time of the process, of its own code and of the system for it.",
        read: |_| {
            let time = clock_gettime(ClockId::ProcessCPUTime);
            Some(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
        },
    },
    ProcessMetric {
        name: "process_resident_memory_bytes",
        kind: RowKind::Gauge,
        help: "Memory of the process that is in RAM.",
        read: |memory| Some((memory?.resident * page_size()) as f64),
    },
    ProcessMetric {
        name: "process_virtual_memory_bytes",
        kind: RowKind::Gauge,
        help: "Address space of the process.",
        read: |memory| Some((memory?.address_space * page_size()) as f64),
    },
    ProcessMetric {
        name: "process_open_fds",
        kind: RowKind::Gauge,
        help: "Open file descriptors.",
        read: |_| Some(descriptors()? as f64),
    },
    ProcessMetric {
        name: "process_max_fds",
        kind: RowKind::Gauge,
        help: "The most file descriptors that the process may open.",
        read: |_| Some(getrlimit(Resource::Nofile).current.map_or(f64::INFINITY, |most| most as f64)),
    },
    ProcessMetric {
        name: "process_start_time_seconds",
        kind: RowKind::Gauge,
        help: "Start of the process, in seconds since 1970.",
        read: |_| start(),
    },
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::SystemTime;

    use super::{METRICS, add_to, descriptors};
    use crate::snapshot::{Row, RowKind, Rows, Value};

    #[test]
    fn the_process_is_measured_unless_the_program_does_it() {
        let own = Arc::new(Rows {
            name: "process_open_fds".into(),
            help: "".into(),
            kind: RowKind::Gauge,
            unit: "",
            is_whole: false,
            series: vec![Row::number(&[], -1.0)],
        });
        let mut families = vec![own];
        add_to(&mut families);
        assert_eq!(families.len(), METRICS.len());
        let number = |name: &str| match families.iter().find(|rows| rows.name == name).unwrap().series[..] {
            [Row { value: Value::Number(number), .. }] => number,
            ref other => panic!("{other:?}"),
        };
        assert_eq!(number("process_open_fds"), -1.0);
        let resident = number("process_resident_memory_bytes");
        assert!((1e6..number("process_virtual_memory_bytes")).contains(&resident), "{resident}");
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
        let age = now - number("process_start_time_seconds");
        assert!((-2.0..86_400.0).contains(&age), "started {age} s ago");
        assert!((0.0..1e6).contains(&number("process_cpu_seconds_total")));
        assert!(number("process_max_fds") >= 3.0);
    }

    #[test]
    fn each_open_descriptor_counts() {
        let opened: Vec<_> = (0..300).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
        let counted = descriptors().unwrap();
        let listed = procfs::process::Process::myself().unwrap().fd().unwrap().count() as u64;
        // Other tests open and close some meanwhile.
        assert!(counted >= opened.len() as u64 && counted.abs_diff(listed) < 100, "{counted} counted, {listed} listed");
    }
}
