//! The log of an outage: that it begins, and that it is over.

use expect_test::expect;

use super::detour::Detour;
use crate::child::{Running, subject};
use tests::redis_server::Server;

#[test]
fn a_server_that_replies_to_probes_and_no_calls_is_logged_once() {
    let server = Server::start(&[]);
    let detour = Detour::to(server.port());
    let mut program = Running::start(subject("redis_log_relapses").arg(detour.url()));
    assert_eq!(program.line(), "asked");
    detour.slow_down();
    program.say("");
    // Four probes succeeded, and after each of them five calls in a row had no reply.
    assert_eq!(program.line(), "20 calls waited in vain");
    detour.speed_up();
    program.say("");
    expect![[r#"
        WARN the cache's Redis does not answer: calls go on without it
        INFO the cache's Redis answers again
    "#]]
    .assert_eq(&program.finish().stdout);
}
