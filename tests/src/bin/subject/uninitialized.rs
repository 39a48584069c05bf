//! Annotated calls in a program that did not start the telemetry, or that started it while it is disabled.

use std::time::{Duration, Instant};

use tta_runtime::primitive;

pub(super) fn run() {
    call();
}

pub(super) fn run_initialized() {
    let telemetry = super::start();
    assert_eq!(telemetry.metrics_addr(), None);
    call();
    let _ = telemetry.shutdown(super::PATIENCE);
}

/// Prints the counts and the opened resources after some calls.
fn call() {
    // A runtime without sockets, so that sockets of the telemetry would be found.
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    assert_eq!(runtime.block_on(double(21)), 42);
    for line in tta_runtime::metrics_text().lines().filter(|line| line.contains("primitive_name=\"double\"")) {
        if line.starts_with("tta_primitive_executions_total") || line.starts_with("tta_primitive_active") {
            println!("{line}");
        }
    }
    let (threads, sockets) = left_open();
    println!("threads: [{threads}]");
    println!("sockets: {sockets}");
}

#[primitive(type = "tool")]
async fn double(number: u32) -> u32 {
    tokio::task::yield_now().await;
    2 * number
}

/// Returns the names of this library's threads and the number of network sockets that are still there after a while.
///
/// The thread that calibrates the clock ends by itself, and a stopped one takes a moment to end.
pub(super) fn left_open() -> (String, usize) {
    let patience = Instant::now() + Duration::from_secs(5);
    loop {
        let (threads, sockets) = (names_of_threads(), open_sockets());
        if threads.is_empty() && sockets == 0 || Instant::now() > patience {
            return (threads.join(" "), sockets);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Returns the names of threads that this library starts.
fn names_of_threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("there is a /proc");
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let mut names: Vec<_> = names.map(|name| name.trim().to_owned()).filter(|name| name.starts_with("tta")).collect();
    names.sort();
    names
}

/// Returns the number of network sockets of this process, without those between its own threads.
pub(super) fn open_sockets() -> usize {
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|table| std::fs::read_to_string(format!("/proc/self/net/{table}")));
    let known: String = tables.into_iter().map(Result::unwrap_or_default).collect();
    let files = std::fs::read_dir("/proc/self/fd").expect("there is a /proc");
    let targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    let number =
        |target: std::path::PathBuf| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned());
    let sockets = targets.filter_map(number);
    sockets.filter(|inode| known.split_whitespace().any(|word| word == inode)).count()
}
