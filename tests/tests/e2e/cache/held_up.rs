//! A program that blocks the threads behind its cache: only what needs them waits.

use expect_test::expect;

use crate::child::{Running, subject};
use tests::redis_server::Server;

#[test]
fn a_blocked_log_blocks_no_look_up() {
    let (stopped, other) = (Server::start(&[]), Server::start(&[]));
    let mut program = Running::start(subject("redis_log_held_up").args([stopped.url(), other.url()]));
    assert_eq!(program.line(), "asked");
    stopped.stop();
    program.say("");
    let mut lines = vec![program.line()];
    while lines.last().is_some_and(|line| line != "the log is held up") {
        lines.push(program.line());
    }
    lines.retain(|line| !line.ends_with(" 0"));
    // The stopped server does not reply, and the other one is asked as before.
    expect![[r#"
        tta_cache_operations_total{primitive_name="other",cache_type="redis",operation="hit"} 10
        tta_cache_operations_total{primitive_name="other",cache_type="redis",operation="miss"} 10
        tta_cache_operations_total{primitive_name="other",cache_type="redis",operation="store"} 10
        tta_cache_operations_total{primitive_name="stopped",cache_type="redis",operation="error"} 10
        tta_cache_operations_total{primitive_name="stopped",cache_type="redis",operation="miss"} 1
        tta_cache_operations_total{primitive_name="stopped",cache_type="redis",operation="store"} 1
        tta_cache_operations_total{primitive_name="stopped",cache_type="redis",operation="store_error"} 10
        the log is held up
    "#]]
    .assert_eq(&format!("{}\n", lines.join("\n")));
    stopped.go_on();
    expect![[r#"
        WARN the cache's Redis does not answer: calls go on without it
        INFO the cache's Redis answers again
    "#]]
    .assert_eq(&program.finish().stdout);
}

#[test]
fn calls_go_on_while_the_connections_thread_is_blocked() {
    let server = Server::start(&[]);
    let program = Running::start(subject("redis_thread_held_up").arg(server.url())).finish();
    let values = |series: &str| -> Vec<f64> {
        let lines = program.stdout.lines().filter(|line| line.starts_with(series));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse().ok()).filter(|value| *value > 0.0).collect()
    };
    let of = |operation: &str| format!(r#"{{primitive_name="cached",cache_type="redis",operation="{operation}"}}"#);
    let counted = |operation: &str| values(&format!("tta_cache_operations_total{}", of(operation)));
    assert_eq!((counted("miss"), counted("error"), counted("hit")), (vec![1.0], vec![20.0], vec![]));
    // Five calls waited for 50 ms each; more time is only due to a busy machine.
    assert_eq!(values(&format!("tta_cache_latency_seconds_count{}", of("error"))), [5.0]);
    let waited = values(&format!("tta_cache_latency_seconds_sum{}", of("error")));
    assert!(waited.iter().all(|waited| (0.25..1.25).contains(waited)), "{waited:?}");
    assert!(program.stdout.ends_with("it is asked again\n"), "{}", program.stdout);
}
