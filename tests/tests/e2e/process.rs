//! The metrics of the process, on `/metrics` in every format.

use expect_test::expect;

use crate::child::{Running, subject};
use crate::metrics::get;

#[test]
fn a_scrape_has_the_metrics_of_the_process() {
    let mut program = Running::start(&mut subject("serve"));
    let address = program.line().parse().expect("it is an address");
    for format in ["text/plain", "application/openmetrics-text"] {
        let (_, _, text) = get(address, "/metrics", format);
        let of_process = |line: &&str| line.starts_with("process_");
        let mut names: Vec<_> = text.lines().filter(of_process).filter_map(|line| line.split(' ').next()).collect();
        names.sort_unstable();
        expect![[r#"
            [
                "process_cpu_seconds_total",
                "process_max_fds",
                "process_open_fds",
                "process_resident_memory_bytes",
                "process_start_time_seconds",
                "process_virtual_memory_bytes",
            ]
        "#]]
        .assert_debug_eq(&names);
        let fds = text.lines().find_map(|line| line.strip_prefix("process_open_fds ")).expect("it is there");
        // The standard streams, the listener and the connection at least.
        assert!(fds.parse::<f64>().is_ok_and(|fds| (5.0..1_000.0).contains(&fds)), "{fds}");
    }
    program.finish();
}
