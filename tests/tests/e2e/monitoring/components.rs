//! What `tta maturity` pushes about two components, by the table of its metrics.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use tta_runtime::schema::COMPONENT_METRICS;

use crate::pushgateway::Pushgateway;

/// Pushes the measurements under a job and an instance of their own.
pub(super) fn push(pushgateway: &Pushgateway) {
    let mut text = String::new();
    for metric in &COMPONENT_METRICS {
        let _ = writeln!(text, "# TYPE {} gauge", metric.name);
        for component in ["cache", "router"] {
            let label = |label: &&str| match *label {
                "component" => format!("component=\"{component}\""),
                other => format!("{other}=\"coverage\""),
            };
            let labels: Vec<_> = metric.labels.iter().map(label).collect();
            let _ = writeln!(text, "{}{{{}}} 1", metric.name, labels.join(","));
        }
    }
    let address = pushgateway.address;
    let mut stream = TcpStream::connect(address).expect("it listens");
    let length = text.len();
    write!(
        stream,
        "PUT /metrics/job/ci/instance/ci HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
