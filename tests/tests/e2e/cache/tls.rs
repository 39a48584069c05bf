//! Redis over TLS: the certificates that the cache trusts, and the cost of an untrusted server.

use std::time::{Duration, Instant};

use expect_test::expect;
use futures_executor::block_on;
use tta_runtime::block::{Block, Cache, Redis, RedisAddressError};
use tta_runtime::testing::Recording;

use super::work::{Counter, doubling, operations};
use crate::authority::Authority;
use crate::patience::wait_until;
use tests::free_port::free_port;
use tests::redis_cluster::{is_up, join};
use tests::redis_server::Server;

/// Starts a server with a certificate of the authority, and returns it with its TLS port.
fn start(authority: &Authority) -> (Server, u16) {
    start_with(authority, &["--tls-auth-clients", "no"])
}

/// Starts a server with a certificate of the authority and these further options.
pub(crate) fn start_with(authority: &Authority, options: &[&str]) -> (Server, u16) {
    authority.issue("redis");
    let (port, path) = (free_port(), |file: &str| authority.file(file));
    let (port_option, certificate, key, authorities) =
        (port.to_string(), path("redis.pem"), path("redis.key"), path("ca.pem"));
    let with_certificate = [
        ["--tls-port", &port_option],
        ["--tls-cert-file", &certificate],
        ["--tls-key-file", &key],
        ["--tls-ca-cert-file", &authorities],
    ];
    (Server::start(&[with_certificate.as_flattened(), options].concat()), port)
}

/// The option of a server that demands a client's certificate of its authority.
const DEMANDING: [&str; 2] = ["--tls-auth-clients", "yes"];

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
fn a_server_that_demands_a_client_certificate_gets_it() {
    let (authority, stranger) = (Authority::new("demanding"), Authority::new("unknown-client"));
    let (server, port) = start_with(&authority, &DEMANDING);
    authority.issue("client");
    stranger.issue("client");
    let trusting = || named("127.0.0.1", port).root_certificates(authority.certificate()).unwrap();
    let of = |authority: &Authority| (authority.read("client.pem"), authority.read("client.key"));

    let refused = expect!["redis error 2, redis store_error 2"];
    refused.assert_eq(&ask_twice(trusting()));
    let (certificate, key) = of(&stranger);
    refused.assert_eq(&ask_twice(trusting().client_certificate(certificate, key).unwrap()));
    assert_eq!(server.keys().len(), 0);

    let (certificate, key) = of(&authority);
    let known = trusting().client_certificate(certificate.clone(), key.clone()).unwrap();
    expect!["redis hit 1, redis miss 1, redis store 1"].assert_eq(&ask_twice(known));
    // The order of the settings does not matter.
    let known = named("127.0.0.1", port).client_certificate(certificate, key).unwrap();
    let known = known.root_certificates(authority.certificate()).unwrap();
    expect!["redis hit 2"].assert_eq(&ask_twice(known));
}

#[test]
fn a_cluster_that_demands_a_client_certificate_gets_it_at_each_server() {
    let authority = Authority::new("demanding-cluster");
    authority.issue("client");
    let options = [&DEMANDING[..], &["--cluster-enabled", "yes", "--tls-cluster", "yes"]].concat();
    let servers: Vec<_> = (0..3).map(|_| start_with(&authority, &options)).collect();
    let file = |name: &str| authority.file(name);
    let (authorities, certificate, key) = (file("ca.pem"), file("client.pem"), file("client.key"));
    let ports = servers.iter().map(|(_, port)| *port);
    join(ports.clone(), 0, &["--tls", "--cacert", &authorities, "--cert", &certificate, "--key", &key]);
    wait_until("the cluster is up", || servers.iter().all(|(server, _)| is_up(server)));

    let urls: Vec<String> = ports.map(|port| format!("rediss://127.0.0.1:{port}")).collect();
    let trusting = || {
        let redis = Redis::cluster(urls.iter().map(String::as_str)).unwrap().timeout(Duration::from_secs(10));
        redis.root_certificates(authority.certificate()).unwrap()
    };
    expect!["redis error 2, redis store_error 2"].assert_eq(&ask_twice(trusting()));
    let known = trusting().client_certificate(authority.read("client.pem"), authority.read("client.key")).unwrap();
    let (recording, counter) = (Recording::in_real_time(), Counter::default());
    let cached = doubling(&counter).with(Cache::redis(known).named("private"));
    for number in (0..30).chain(0..30) {
        assert_eq!(block_on(recording.scope(cached.run(number))), Ok(2 * number));
    }
    expect!["redis hit 30, redis miss 30, redis store 30"].assert_eq(&operations(&recording));
    assert!(servers.iter().all(|(server, _)| !server.keys().is_empty()), "the keys are spread");
}

#[test]
fn a_client_certificate_is_rejected_without_its_key_and_without_tls() {
    let authority = Authority::new("refused-client");
    for name in ["client", "other"] {
        authority.issue(name);
    }
    let [certificate, key, other_key] = ["client.pem", "client.key", "other.key"].map(|file| authority.read(file));
    let message = |address: &str, certificate: &[u8], key: &[u8]| {
        let redis = Redis::server(address).unwrap();
        redis.client_certificate(certificate, key).expect_err("it is refused").to_string()
    };
    let messages = [
        message("redis://127.0.0.1", &certificate, &key),
        message("rediss://127.0.0.1", &key, &key),
        message("rediss://127.0.0.1", &certificate, &certificate),
        message("rediss://127.0.0.1", &certificate, &other_key),
    ];
    expect![[r#"
        cannot present the client certificate: the address does not begin with `rediss://`
        cannot present the client certificate: it has no certificate in PEM, which begins with `-----BEGIN CERTIFICATE-----`
        cannot present the client certificate: it has no private key in PEM, such as one after `-----BEGIN PRIVATE KEY-----`; decrypt an encrypted key
        cannot present the client certificate: the private key does not belong to the first certificate"#]]
    .assert_eq(&messages.join("\n"));
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
