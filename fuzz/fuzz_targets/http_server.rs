//! Any bytes as a request to the server of `/metrics`: it answers with a status, or closes.

#![no_main]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tta_runtime::Telemetry;

/// The server runs as long as the process.
static SERVER: LazyLock<(Telemetry, SocketAddr)> = LazyLock::new(|| {
    let builder = tta_runtime::builder().metrics_addr(([127, 0, 0, 1], 0).into()).bearer_token("secret");
    let telemetry = builder.init().expect("the telemetry starts");
    let address = telemetry.metrics_addr().expect("metrics are served");
    (telemetry, address)
});

fuzz_target!(|bytes: &[u8]| {
    let mut stream = TcpStream::connect(SERVER.1).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("the time is not zero");
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 ") || answer.starts_with(b"HTTP/1.0 "));
    let is_admitted = bytes.windows(6).any(|six| six.eq_ignore_ascii_case(b"secret"));
    let has_metrics = answer.windows(15).any(|part| part == b"tta_build_info{");
    assert!(is_admitted || !has_metrics, "metrics were served without the token");
});
