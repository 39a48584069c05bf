//! `/metrics` over TLS: the same pages and rules, certificates that change, and clients that never finish a handshake.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use expect_test::expect;
use rustls::pki_types::CertificateDer;

use crate::authority::Authority;
use crate::child::{Running, run, subject};
use crate::exporter;
use crate::https::{self, certificate};
use crate::prometheus::Prometheus;

/// The timeout of each wait for the server.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that serves over TLS with a certificate that may change.
struct Serving {
    authority: Authority,
    program: Running,
    address: SocketAddr,
    /// The lines that the program logged before its address.
    logged: Vec<String>,
}

/// Returns a command whose metrics have the authority's certificate `tls`.
fn command(scenario: &str, authority: &Authority) -> Command {
    let mut command = subject(scenario);
    command.env("TTA_METRICS_TLS_CERT", authority.file("tls.pem"));
    command.env("TTA_METRICS_TLS_KEY", authority.file("tls.key"));
    command
}

impl Serving {
    fn start(authority: Authority) -> Self {
        let mut program = Running::start(&mut command("serve_logged", &authority));
        let mut logged = Vec::new();
        loop {
            let line = program.line();
            match line.parse() {
                Ok(address) => return Self { authority, program, address, logged },
                Err(_) => logged.push(line),
            }
        }
    }

    fn new(name: &str) -> Self {
        let authority = Authority::new(name);
        authority.issue("tls");
        Self::start(authority)
    }

    /// Requests a page, and returns the status and the body.
    #[track_caller]
    fn get(&self, path: &str, host: &str) -> (String, String) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let answer = https::send(self.address, &self.authority.certificate(), &request).expect("it is trusted");
        let (head, body) = answer.text.split_once("\r\n\r\n").expect("the head is complete");
        (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
    }

    #[track_caller]
    fn presented(&self) -> CertificateDer<'static> {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        let answer = https::send(self.address, &self.authority.certificate(), &request).expect("it is trusted");
        assert!(answer.text.starts_with("HTTP/1.1 200 OK\r\n"), "{}", answer.text);
        answer.certificate
    }

    /// Connects until the server presents a certificate.
    #[track_caller]
    fn wait_until_presented(&self, expected: &CertificateDer<'_>) {
        let deadline = Instant::now() + PATIENCE;
        while self.presented() != *expected {
            assert!(Instant::now() < deadline, "the new certificate is not used");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
}

#[test]
fn the_pages_and_their_rules_are_the_same_over_tls() {
    let serving = Serving::new("pages");
    let host = serving.address.to_string();
    let (status, text) = serving.get("/metrics", &host);
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(text.lines().any(|line| line.starts_with("tta_build_info{")), "{text}");
    assert_eq!(serving.get("/healthz", &host).1, "The metrics server runs.\n");
    let foreign = ("HTTP/1.1 403 Forbidden".to_owned(), "This host is not among the allowed hosts.\n".to_owned());
    assert_eq!(serving.get("/metrics", "attacker.example"), foreign);
    assert_eq!(serving.get("/other", &host).0, "HTTP/1.1 404 Not Found");

    let stranger = Authority::new("stranger");
    let refused = https::send(serving.address, &stranger.certificate(), "GET / HTTP/1.1\r\n\r\n");
    assert!(refused.unwrap_err().to_string().starts_with("invalid peer certificate: "));
}

#[test]
fn a_request_in_plain_text_is_told_to_use_tls() {
    let serving = Serving::new("plain");
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\n\r\n", serving.address);
    let answer = exporter::rest(exporter::send(serving.address, &request));
    let (head, body) = answer.split_once("\r\n\r\n").expect("the head is complete");
    assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}");
    assert_eq!(body, "This address is served over TLS: write `https://`.\n");
}

#[test]
fn a_new_certificate_is_used_without_a_restart_and_a_half_written_pair_is_not() {
    let mut serving = Serving::new("changing");
    let authority = &serving.authority;
    let first = certificate(&authority.read("tls.pem"));
    assert_eq!(serving.presented(), first);
    authority.issue("new");
    let (new_certificate, new_key) = (authority.read("new.pem"), authority.read("new.key"));

    authority.write("tls.pem", &new_certificate);
    // The warning proves that the server has read the pair that does not fit together.
    let warning = loop {
        assert_eq!(serving.presented(), first);
        if let Some(line) = serving.program.next_within(Duration::from_millis(50)) {
            break line;
        }
    };
    let place = |line: &str| line.replace(&serving.authority.file(""), "");
    expect!["WARN tta::telemetry message=the new certificate for metrics cannot be used: the one before stays in force error=the private key in `tls.key` does not belong to the first certificate in `tls.pem`"].assert_eq(&place(&warning));
    // It is read again each second, and not logged again.
    let until = Instant::now() + Duration::from_millis(1_500);
    while Instant::now() < until {
        assert_eq!(serving.presented(), first);
    }
    serving.authority.write("tls.key", &new_key);
    serving.wait_until_presented(&certificate(&new_certificate));
    let line = serving.program.line();
    expect!["INFO tta::telemetry message=metrics are served with the new certificate certificate=tls.pem"]
        .assert_eq(&place(&line));
}

#[test]
fn a_certificate_whose_time_is_over_is_used_with_a_warning() {
    let authority = Authority::new("expired");
    authority.issue_expired("tls");
    let serving = Serving::start(authority);
    let [warning] = &serving.logged[..] else { panic!("one line is expected: {:?}", serving.logged) };
    let warning = warning.replace(&serving.authority.file(""), "");
    expect![
        "WARN tta::telemetry message=clients will refuse the certificate for metrics certificate=tls.pem reason=expired"
    ]
    .assert_eq(&warning);
    let refused = https::send(serving.address, &serving.authority.certificate(), "GET / HTTP/1.1\r\n\r\n");
    assert!(refused.unwrap_err().to_string().starts_with("invalid peer certificate: "));
}

#[test]
fn handshakes_that_never_end_keep_no_scrape_out_and_are_closed_at_the_deadline_of_a_request() {
    let serving = Serving::new("unfinished");
    let begun = Instant::now();
    // The head of a record with a `ClientHello` of 512 bytes, and of these the first.
    let half = [22, 3, 1, 2, 0, 1];
    let senders: Vec<TcpStream> = (0..100)
        .map(|number| {
            let mut stream = TcpStream::connect(serving.address).expect("it accepts");
            stream.set_read_timeout(Some(PATIENCE)).expect("the time is not zero");
            // Half of them send nothing at all.
            let bytes = if number % 2 == 0 { &half[..] } else { &[] };
            stream.write_all(bytes).expect("it reads");
            stream
        })
        .collect();
    assert_eq!(serving.get("/metrics", &serving.address.to_string()).0, "HTTP/1.1 200 OK");
    let answers: Vec<String> = senders.into_iter().map(exporter::rest).collect();
    let took = begun.elapsed();
    assert_eq!(answers, vec![String::new(); 100]);
    // The deadline is 5 s. That of a connection is 10 s.
    assert!((Duration::from_secs(4)..Duration::from_secs(9)).contains(&took), "{took:?}");
}

#[test]
fn files_that_cannot_be_used_refuse_the_start_and_are_named() {
    let authority = Authority::new("unusable");
    for name in ["tls", "other"] {
        authority.issue(name);
    }
    let refused = |certificate: &str, key: &str| {
        let mut command = subject("refused");
        command.env("TTA_METRICS_TLS_CERT", authority.file(certificate));
        command.env("TTA_METRICS_TLS_KEY", authority.file(key));
        let printed = run(&mut command).stdout.replace(&authority.file(""), "");
        let mut lines = printed.lines().map(str::to_owned);
        let error = lines.next().unwrap_or_default();
        assert_eq!(lines.next().as_deref(), Some("threads: [], sockets: 0"));
        error
    };
    let errors = [
        refused("none.pem", "tls.key"),
        refused("tls.pem", "none.key"),
        refused("tls.key", "tls.key"),
        refused("tls.pem", "tls.pem"),
        refused("tls.pem", "other.key"),
    ];
    expect![[r#"
        error: cannot read `none.pem`: No such file or directory (os error 2)
        error: cannot read `none.key`: No such file or directory (os error 2)
        error: cannot use `tls.key`: it has no certificate in PEM, which begins with `-----BEGIN CERTIFICATE-----`
        error: cannot use `tls.pem`: it has no private key in PEM, such as one after `-----BEGIN PRIVATE KEY-----`; decrypt an encrypted key
        error: the private key in `other.key` does not belong to the first certificate in `tls.pem`"#]].assert_eq(&errors.join("\n"));
}

#[test]
fn a_real_prometheus_scrapes_over_tls() {
    let serving = Serving::new("scraped");
    let prometheus = Prometheus::scraping_over_tls(serving.address, &serving.authority.file("ca.pem"));
    prometheus.wait_for("up", "1");
    prometheus.wait_for("sum(tta_primitive_executions_total{primitive_name=\"served\"})", "7");
}
