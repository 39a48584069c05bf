//! Redis over TLS: the certificates that the cache trusts, and the cost of an untrusted server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use expect_test::expect;
use futures_executor::block_on;
use tta_runtime::block::{Block, Cache, Redis, RedisAddressError};
use tta_runtime::testing::Recording;

use super::work::{Counter, doubling, operations};
use tests::redis_server::{Server, free_port};

/// A certificate authority with one server's certificate, in files of a temporary directory.
struct Authority(PathBuf);

impl Authority {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("tta-redis-tls-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory can be made");
        let authority = Self(directory);
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        authority
            .openssl(&[&["req", "-x509", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"], &key[..]]);
        authority.openssl(&[&["req", "-subj", "/CN=redis", "-keyout", "redis.key", "-out", "redis.csr"], &key[..]]);
        // The certificate is valid for this address alone, not for the name `localhost`.
        authority.write("extensions", "subjectAltName=IP:127.0.0.1\n");
        let signed = ["x509", "-req", "-in", "redis.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        authority.openssl(&[&signed[..], &["-days", "2", "-extfile", "extensions", "-out", "redis.pem"]]);
        authority
    }

    fn openssl(&self, arguments: &[&[&str]]) {
        let output = Command::new("openssl")
            .args(arguments.concat())
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .expect("openssl can be run; on Debian it comes in the package openssl");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path(file), text).expect("a file can be written");
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Returns the authority's certificate.
    fn certificate(&self) -> Vec<u8> {
        std::fs::read(self.path("ca.pem")).expect("it was written")
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Starts a server with the authority's certificate, and returns it with its TLS port.
fn start(authority: &Authority) -> (Server, u16) {
    let (port, path) = (free_port(), |file: &str| text(&authority.path(file)));
    let server = Server::start(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &path("redis.pem"),
        "--tls-key-file",
        &path("redis.key"),
        "--tls-ca-cert-file",
        &path("ca.pem"),
        "--tls-auth-clients",
        "no",
    ]);
    (server, port)
}

fn text(path: &Path) -> String {
    path.to_str().expect("it is text").to_owned()
}

/// Returns a store whose calls wait long enough for a first connection on a busy machine.
fn named(host: &str, port: u16) -> Redis {
    Redis::server(&format!("rediss://{host}:{port}")).expect("it is an address").timeout(Duration::from_secs(10))
}

/// Makes the same call twice, and returns the cache's counts.
fn ask_twice(redis: Redis) -> String {
    let (recording, counter) = (Recording::in_real_time(), Counter::default());
    let cached = doubling(&counter).with(Cache::redis(redis).named("private"));
    for _ in 0..2 {
        assert_eq!(block_on(recording.scope(cached.run(3))), Ok(6));
    }
    operations(&recording)
}

#[test]
fn a_server_certified_by_a_trusted_authority_is_used() {
    let authority = Authority::new("trusted");
    let (server, port) = start(&authority);
    let redis = named("127.0.0.1", port).root_certificates(authority.certificate()).unwrap();
    expect!["redis hit 1, redis miss 1, redis store 1"].assert_eq(&ask_twice(redis));
    assert_eq!(server.keys().len(), 1);
}

#[test]
fn an_untrusted_server_is_an_error_and_the_work_runs() {
    let (authority, stranger) = (Authority::new("own"), Authority::new("strange"));
    let (server, port) = start(&authority);
    let refused = expect!["redis error 2, redis store_error 2"];
    // Certified by another authority, by none that the system trusts, and for another name.
    refused.assert_eq(&ask_twice(named("127.0.0.1", port).root_certificates(stranger.certificate()).unwrap()));
    refused.assert_eq(&ask_twice(named("127.0.0.1", port)));
    refused.assert_eq(&ask_twice(named("localhost", port).root_certificates(authority.certificate()).unwrap()));
    assert_eq!(server.keys().len(), 0);
    // A server without TLS receives nothing in plain text.
    refused.assert_eq(&ask_twice(named("127.0.0.1", server.port())));
}

#[test]
fn an_unreachable_server_is_retried_with_a_growing_delay() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let cached = doubling(&Counter::default()).with(Cache::redis(named("127.0.0.1", port)).named("shy"));
    let attempts = (0..5).map(|_| {
        // The server closes each connection at once.
        drop(listener.accept().unwrap());
        Instant::now()
    });
    let attempts: Vec<Instant> = attempts.collect();
    let took = attempts[4] - attempts[0];
    // The delays are 100, 200, 400 and 800 ms; part of the first may have passed before the first attempt was seen.
    assert!(took > Duration::from_secs(1), "{took:?}");
    drop(cached);
}

#[test]
fn certificates_are_rejected_without_tls() {
    let authority = Authority::new("refused");
    let pem = authority.certificate();
    let message = |result: Result<Redis, RedisAddressError>| result.expect_err("it is refused").to_string();
    let expected = expect!["no valid certificate in PEM, or an address that does not begin with `rediss://`"];
    expected.assert_eq(&message(Redis::server("redis://127.0.0.1").unwrap().root_certificates(pem.clone())));
    expected.assert_eq(&message(Redis::cluster(["redis://127.0.0.1"]).unwrap().root_certificates(pem.clone())));
    expected.assert_eq(&message(Redis::server("rediss://127.0.0.1").unwrap().root_certificates("")));
    let spoilt = String::from_utf8(pem.clone()).unwrap().replace('M', "%");
    expected.assert_eq(&message(Redis::server("rediss://127.0.0.1").unwrap().root_certificates(spoilt)));
    assert!(Redis::cluster(["rediss://127.0.0.1"]).unwrap().root_certificates(pem).is_ok());
}
