//! The process behind the metrics: its memory, its processor time and its descriptors, as Linux reports them.

use std::sync::{Arc, Mutex};

use procfs::process::{Process, StatM};
use procfs::{boot_time_secs, page_size, ticks_per_second};
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::snapshot::{Row, RowKind, Rows};

/// Adds the metrics of the process, under the names that Prometheus gives to those of all programs, except those that the
/// program registered itself.
///
/// Leaves out the numbers that cannot be read: a program may have no descriptor left, or no `/proc`.
pub(super) fn add_to(families: &mut Vec<Arc<Rows>>) {
    let Ok(process) = Process::myself() else { return };
    let reading = Reading { memory: process.statm().ok(), process };
    let own: Vec<_> =
        families.iter().filter(|rows| rows.name.starts_with(PREFIX)).map(|rows| rows.name.clone()).collect();
    for metric in METRICS.iter().filter(|metric| own.iter().all(|name| name != metric.name)) {
        if let Some(number) = (metric.read)(&reading) {
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

/// The process at the time of a scrape. A file of `/proc` takes as long as a hundred samples: what a system call says is not read there.
struct Reading {
    process: Process,
    memory: Option<StatM>,
}

impl Reading {
    /// Returns the start of the process in seconds since 1970.
    fn start(&self) -> Option<f64> {
        // Read once for each process: the system derives it from a clock that is set meanwhile. A fork has a start of its own, and may
        // find the lock taken for ever.
        static START: Mutex<Option<(i32, f64)>> = Mutex::new(None);
        let mut known = START.try_lock();
        if let Ok(known) = &known
            && let Some((process, start)) = **known
            && process == self.process.pid
        {
            return Some(start);
        }
        let since_boot = self.process.stat().ok()?.starttime as f64 / ticks_per_second() as f64;
        let start = boot_time_secs().ok()? as f64 + since_boot;
        if let Ok(known) = &mut known {
            **known = Some((self.process.pid, start));
        }
        Some(start)
    }
}

struct ProcessMetric {
    name: &'static str,
    kind: RowKind,
    help: &'static str,
    read: fn(&Reading) -> Option<f64>,
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
        read: |reading| Some((reading.memory.as_ref()?.resident * page_size()) as f64),
    },
    ProcessMetric {
        name: "process_virtual_memory_bytes",
        kind: RowKind::Gauge,
        help: "Address space of the process.",
        read: |reading| Some((reading.memory.as_ref()?.size * page_size()) as f64),
    },
    ProcessMetric {
        name: "process_open_fds",
        kind: RowKind::Gauge,
        help: "Open file descriptors.",
        read: |reading| Some(reading.process.fd_count().ok()? as f64),
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
        read: Reading::start,
    },
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::SystemTime;

    use super::{METRICS, add_to};
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
}
