//! Any bytes as a request: the server answers with a status or closes, and goes on to serve.

use std::net::Shutdown;

use proptest::prelude::*;

use super::wire::{get, rest, send};
use super::{Limits, Options, serve};

/// Pieces of requests, right and wrong, and bytes that are none.
fn any_request() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "GET ", "HEAD ", "POST ", "/metrics", "/healthz", "/readyz?x=%00", "http://a/metrics", "*", " HTTP/1.1\r\n", " HTTP/1.0\r\n",
            " HTTP/2.0\r\n", "Host: localhost\r\n", "Host: evil.example\r\n", "Host:\r\n", "Content-Length: 5\r\n",
            "Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n", "Upgrade: h2c\r\n",
            "Accept: application/openmetrics-text;q=9\r\n", "Accept-Encoding: gzip;q=0, *\r\n", "a: b\r\n c\r\n", "\r\n", "\n\n", "5\r\nabcde\r\n0\r\n\r\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn any_bytes_get_a_status_or_a_closed_connection() {
    let server = serve(Limits::default(), Options::default());
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(request in any_request())| {
        let stream = send(server.address(), &request);
        // The server may have closed the connection.
        let _ = stream.shutdown(Shutdown::Write);
        let (answer, _) = rest(stream);
        prop_assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 ") || answer.starts_with(b"HTTP/1.0 "));
    });
    assert_eq!(get(server.address(), "/metrics", &[]).status, 200);
}
