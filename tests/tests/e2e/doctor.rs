//! `tta doctor` asks running programs that have the faults which it names, and one that has none.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use expect_test::{Expect, expect};
use tests::faults::{Fault, FaultServer};
use tests::free_port::free_address;
use tta_cli::doctor::{Access, Address, Examined, Program, Target, examine, targets};

use crate::authority::Authority;
use crate::child::{Running, subject};
use crate::host::Host;
use crate::prometheus::Prometheus;
use crate::receiver::Receiver;

/// The time limit of what a program does at an interval.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running program and its address.
struct Patient {
    program: Running,
    address: String,
}

impl Patient {
    /// Starts the program with some of its faults.
    fn start(faults: &[&str], configure: impl FnOnce(&mut Command)) -> Self {
        let mut command = subject("ailing");
        command.args(faults);
        configure(&mut command);
        let mut program = Running::start(&mut command);
        let address = format!("http://{}", program.line());
        Self { program, address }
    }

    fn ask(&self) -> Program {
        self.ask_with(&access())
    }

    fn ask_with(&self, access: &Access) -> Program {
        Program::ask(&parse(&self.address), access).unwrap_or_else(|error| panic!("{error}"))
    }
}

fn parse(address: &str) -> Address {
    Address::parse(address).unwrap_or_else(|error| panic!("{error}"))
}

fn access() -> Access {
    Access::new(None, None).expect("it needs no file")
}

/// Compares the findings about some programs, whose addresses are replaced by letters.
#[track_caller]
fn check(examined: &[&Patient], targets: Option<Vec<Target>>, expected: &Expect) {
    let programs = examined.iter().map(|patient| patient.ask()).collect();
    let findings = examine(&Examined { programs, targets });
    let lines: Vec<_> = findings.iter().map(|finding| format!("{finding}\n")).collect();
    let mut text = lines.concat();
    // How long an export has failed depends on the machine.
    for seconds in 0..60 {
        text = text.replace(&format!(" has failed for {seconds} s: "), " has failed for … s: ");
    }
    for (patient, letter) in examined.iter().zip(["A", "B"]) {
        text = text.replace(&patient.address, letter);
        text = text.replace(patient.address.trim_start_matches("http://"), letter);
    }
    expected.assert_eq(&text);
}

/// Runs the command, and returns its exit code.
fn exit_code(arguments: &[&str]) -> String {
    let arguments = ["tta", "doctor"].iter().chain(arguments);
    format!("{:?}", tta_cli::command::run(arguments.copied()))
}

fn code(code: u8) -> String {
    format!("{:?}", std::process::ExitCode::from(code))
}

#[test]
fn nothing_is_wrong_with_a_healthy_program() {
    let receiver = Receiver::start();
    let patient = Patient::start(&["spans"], |command| {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
        command.env("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=a");
    });
    check(&[&patient], None, &expect![""]);
    assert_eq!(exit_code(&[&patient.address]), code(0));
    assert_eq!(exit_code(&[&patient.address, &format!("http://{}", free_address())]), code(2));
}

#[test]
fn each_loss_is_named_with_its_remedy() {
    let faults = ["second_start", "unpriced", "label", "label_sets"];
    let patient = Patient::start(&faults, |command| {
        command.env("TTA_METRIC_ADDR", "127.0.0.1:0").env("TTA_COLOUR", "blue");
    });
    check(
        &[&patient],
        None,
        &expect![[r#"
        A: `init` was called again after the start (1 times), which changes nothing; call `init` once, at the beginning of `main`
        A: `TTA_COLOUR` is set, and TTA reads no such variable; remove it
        A: `TTA_METRIC_ADDR` is set, and TTA reads no such variable; did you mean `TTA_METRICS_ADDR`?
        A: 96 records of `tta_primitive_executions_total` went to its overflow series, for it has all label sets that it may; take values without bound out of its labels, or raise `Builder::label_sets`
        A: 96 records of `tta_execution_duration_seconds` went to its overflow series, for it has all label sets that it may; take values without bound out of its labels, or raise `Builder::label_sets`
        A: 6 records have the value `other` for the label `tenant`, which has its 50 values; give the label a closed set of values: `#[derive(LabelValue)]` on an enum
        A: 2 calls to `nobody-sells-it` of `house` have no price, and their cost is not counted; add the model to a price file and name it in `TTA_PRICES_FILE` (docs/cost.md)
    "#]],
    );
    assert_eq!(exit_code(&[&patient.address]), code(1));
}

#[test]
fn an_export_that_fails_is_named_with_the_reason_until_it_works_again() {
    let server = FaultServer::start(Fault::Status(403, None));
    let patient = Patient::start(&["spans"], |command| {
        command.env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{}/v1/traces", server.endpoint()));
    });
    check(
        &[&patient],
        None,
        &expect![[r#"
        A: the export of traces has failed for … s: the collector answered 403 Forbidden; check that the collector at `OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) runs and accepts them
        A: 3 of 3 spans are lost (`non_retryable`); the collector refuses them for good: its answer is in the program's log
    "#]],
    );
}

#[test]
fn an_export_of_logs_that_fails_is_none_of_traces() {
    let (receiver, server) = (Receiver::start(), FaultServer::start(Fault::Status(404, None)));
    let patient = Patient::start(&["judged"], |command| {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
        command.env("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", format!("{}/v1/logs", server.endpoint()));
    });
    check(
        &[&patient],
        None,
        &expect![[r#"
        A: the export of logs has failed for … s: the collector answered 404 Not Found; check that the collector at `OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`) runs and accepts them
        A: 1 log records are lost (`non_retryable`); the collector refuses them for good: its answer is in the program's log
    "#]],
    );
}

#[test]
fn an_export_of_metrics_that_is_refused_is_named_with_the_reason() {
    let nobody = free_address();
    let mut patient = Patient::start(&[], |command| {
        command.env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", format!("http://{nobody}/v1/metrics"));
        command.env("OTEL_METRIC_EXPORT_INTERVAL", "100");
    });
    // The first attempt comes after the interval.
    let findings = |patient: &Patient| examine(&Examined { programs: vec![patient.ask()], targets: None });
    while findings(&patient).is_empty() {
        assert_eq!(patient.program.next_within(Duration::from_millis(20)), None);
    }
    check(
        &[&patient],
        None,
        &expect![[r#"
        A: the export of metrics has failed for … s: error sending request: client error (Connect): tcp connect error: Connection refused (os error 111); check that the collector at `OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`) runs and accepts them
    "#]],
    );
}

#[test]
fn replicas_with_one_instance_id_are_named() {
    let start = |id: &str| {
        Patient::start(&[], |command| {
            command.env("OTEL_RESOURCE_ATTRIBUTES", format!("service.instance.id={id}"));
        })
    };
    let [one, same, other] = ["a", "a", "b"].map(start);
    check(&[&one, &other], None, &expect![""]);
    check(
        &[&one, &same],
        None,
        &expect![[r#"
        B: it has the `service.instance.id` `a` of A, and both are `subject`; give each replica its own in `OTEL_RESOURCE_ATTRIBUTES`, or none: at a collector each overwrites the other's metrics
    "#]],
    );
}

#[test]
fn replicas_without_a_given_instance_id_have_their_own() {
    let receiver = Receiver::start();
    let start = || {
        Patient::start(&[], |command| {
            command.env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", format!("{}/v1/metrics", receiver.endpoint()));
            command.env("OTEL_METRIC_EXPORT_INTERVAL", "100");
        })
    };
    let (one, other) = (start(), start());
    let instances = || {
        let received = receiver.received();
        let ids = received.resources.iter().flatten().filter(|attribute| attribute.key == "service.instance.id");
        ids.map(|attribute| format!("{:?}", attribute.value)).collect::<BTreeSet<_>>()
    };
    let deadline = Instant::now() + PATIENCE;
    while instances().len() < 2 {
        assert!(Instant::now() < deadline, "both send their metrics: {:?}", instances());
        std::thread::sleep(Duration::from_millis(10));
    }
    check(&[&one, &other], None, &expect![""]);
    assert_eq!(instances().len(), 2, "an instance has one id");
}

#[test]
fn a_program_under_several_addresses_is_one() {
    let patient = Patient::start(&[], |command| {
        command.env("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=a");
    });
    let bare = patient.address.trim_start_matches("http://");
    let (page, named) = (format!("{bare}/metrics"), bare.replace("127.0.0.1", "localhost"));
    assert_eq!(exit_code(&[&patient.address, bare, &page, &named]), code(0));
}

#[test]
fn old_prices_are_named_with_their_age() {
    let file = std::env::temp_dir().join(format!("tta-old-prices-{}.json", std::process::id()));
    let prices = r#"{"house-model": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}"#;
    std::fs::write(&file, prices).expect("it can be written");
    let written = std::fs::File::options().write(true).open(&file).expect("it is there");
    let long_ago = SystemTime::now() - Duration::from_secs(40 * 86_400 + 3_600);
    written.set_modified(long_ago).expect("the time can be set");
    let patient = Patient::start(&[], |command| {
        command.env("TTA_PRICES_FILE", &file);
    });
    check(
        &[&patient],
        None,
        &expect![[r#"
        A: the prices of `TTA_PRICES_FILE` are 40 d old; replace the file and call `Telemetry::reload_prices`
    "#]],
    );
    let _ = std::fs::remove_file(&file);
}

#[test]
fn a_wrong_clock_is_named() {
    let authority = Authority::new("clock");
    authority.write("ahead.c", CLOCK.as_bytes());
    let [source, library] = ["ahead.c", "ahead.so"].map(|file| authority.file(file));
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o", &library, &source]).stdin(Stdio::null()).status();
    assert!(compiled.expect("cc runs; on Debian it comes in the package gcc").success());
    let patient = Patient::start(&[], |command| {
        command.env("LD_PRELOAD", &library);
    });
    check(
        &[&patient],
        None,
        &expect![[r#"
        A: its clock is 2 h ahead of the clock of this machine; synchronise both with NTP: spans, exemplars and metrics carry these times
    "#]],
    );
}

/// Sets the clock of a process two hours ahead.
const CLOCK: &str = r"
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, id, time);
    if (id == CLOCK_REALTIME) time->tv_sec += 2 * 3600 + 60;
    return result;
}
";

#[test]
fn a_program_that_prometheus_does_not_scrape_is_named() {
    let [one, other] = [(); 2].map(|()| Patient::start(&[], |_| ()));
    let scraped = one.address.trim_start_matches("http://").parse().expect("it is an address");
    let prometheus = Prometheus::scraping(scraped);
    prometheus.wait_for("up", "1");
    let of = |prometheus: &Prometheus| {
        targets(&parse(&prometheus.url()), &access()).unwrap_or_else(|error| panic!("{error}"))
    };
    check(
        &[&one, &other],
        Some(of(&prometheus)),
        &expect![[r#"
        B: Prometheus has no target for it; add its address to `scrape_configs`, or ask under the address that is there
    "#]],
    );
    // The program speaks no TLS.
    let authority = Authority::new("scrapes");
    let wrong = Prometheus::scraping_over_tls(scraped, &authority.file("ca.pem"));
    wrong.wait_for("up", "0");
    check(
        &[&one],
        Some(of(&wrong)),
        &expect![[r#"
        A: Prometheus cannot scrape it: Get "https://A/metrics": http: server gave HTTP response to HTTPS client; correct the target in `scrape_configs`
    "#]],
    );
}

#[test]
fn a_program_that_wants_a_token_gets_it() {
    let patient = Patient::start(&["token"], |_| ());
    let refused = |user: &str, access: &Access| {
        let address = parse(&patient.address.replace("http://", &format!("http://{user}")));
        let error = Program::ask(&address, access).expect_err("it wants a token").to_string();
        error.replace(patient.address.trim_start_matches("http://"), "A")
    };
    expect!["cannot read http://A/metrics: it needs a bearer token; give it with `--token-file`"]
        .assert_eq(&refused("", &access()));
    let with = |token: &str| Access::new(Some(token.to_owned()), None).expect("it needs no file");
    expect!["cannot read http://A/metrics: it refuses the bearer token; write the token of the program into the file of `--token-file`"]
        .assert_eq(&refused("", &with("s3crets")));
    // A request has one authorization: that of the address.
    expect!["cannot read http://***@A/metrics: it refuses the user and password of its address; if it wants a bearer token, leave them out and give the token with `--token-file`"]
        .assert_eq(&refused("ann:s3cret@", &with("s3cret")));
    assert!(patient.ask_with(&with("s3cret")).has_status());
    let authority = Authority::new("token");
    authority.write("token", b"s3cret\n");
    assert_eq!(exit_code(&[&patient.address, "--token-file", &authority.file("token")]), code(0));
    assert_eq!(exit_code(&[&patient.address]), code(2));
}

#[test]
fn a_prometheus_does_not_get_the_token_of_the_programs() {
    let server = FaultServer::start(Fault::Status(401, None));
    let knowing = Access::new(Some("s3cret".to_owned()), None).expect("it needs no file");
    let address = parse(&server.endpoint());
    let error = targets(&address, &knowing).expect_err("it wants credentials").to_string();
    expect!["cannot read A/api/v1/targets: it wants credentials, and the token of `--token-file` is for programs alone; write its user and password into its address, as in `https://USER:PASSWORD@HOST`"]
        .assert_eq(&error.replace(&server.endpoint(), "A"));
    let heads: Vec<_> = server.requests().into_iter().map(|request| request.head.to_lowercase()).collect();
    assert_eq!(heads.len(), 1);
    assert!(!heads.concat().contains("authorization"), "{heads:?}");
    // The advice helps: `ann:s3cret` in Base64.
    let address = parse(&server.endpoint().replace("http://", "http://ann:s3cret@"));
    targets(&address, &knowing).expect_err("the server refuses everybody");
    let head = server.requests().pop().expect("it was asked").head;
    assert!(head.contains("authorization: Basic YW5uOnMzY3JldA==\r\n"), "{head}");
}

/// The metrics of a program, which have nothing that the checks name.
const METRICS: &str = "tta_telemetry_spans_ended_total 0\n";

#[test]
fn pages_of_the_programs_own_are_not_taken_for_those_of_the_metrics_server() {
    for status in [
        ("/status", 200, "<h1>All is well</h1>"),
        ("/status", 200, r#"{"status": "ok"}"#),
        ("/status", 401, "Log in."),
        ("/status", 500, ""),
    ] {
        let host = Host::start(&[("/metrics", 200, METRICS), status, ("/readyz", 503, "")]);
        let program = Program::ask(&parse(&host.address().to_string()), &access());
        let program = program.unwrap_or_else(|error| panic!("{error}"));
        assert!(!program.has_status(), "{status:?}");
        assert_eq!(examine(&Examined { programs: vec![program], targets: None }), []);
        assert_eq!(host.asked(), ["/status", "/metrics"]);
    }
}

/// The status of a program that started long ago, and that nobody has scraped.
const UNSCRAPED: &str = r#"{"service_name": "shop", "service_instance_id": null, "time_unix_seconds": 0, "uptime_seconds": 7300,
    "last_scrape_age_seconds": null, "failing_exports": [], "variables": []}"#;

/// Returns what is wrong with a program that started long ago, and that nobody has scraped, its clock left out.
fn faults_of_unscraped(metrics: &'static str) -> String {
    let host = Host::start(&[("/metrics", 200, metrics), ("/status", 200, UNSCRAPED), ("/readyz", 0, "")]);
    let program = Program::ask(&parse(&host.address().to_string()), &access());
    let findings =
        examine(&Examined { programs: vec![program.unwrap_or_else(|error| panic!("{error}"))], targets: None });
    assert_eq!(host.asked(), ["/status", "/metrics", "/readyz"]);
    let faults = findings.into_iter().map(|finding| finding.fault).filter(|fault| !fault.starts_with("its clock is"));
    faults.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_program_that_sends_its_metrics_to_a_collector_need_not_be_scraped() {
    let unscraped = "nobody has scraped it since it started 2 h ago";
    assert_eq!(faults_of_unscraped(METRICS), unscraped);
    assert_eq!(faults_of_unscraped("tta_telemetry_exports_total{signal=\"traces\",result=\"ok\"} 3\n"), unscraped);
    assert_eq!(faults_of_unscraped("tta_telemetry_exports_total{signal=\"metrics\",result=\"error\"} 3\n"), unscraped);
    assert_eq!(faults_of_unscraped("tta_telemetry_exports_total{signal=\"metrics\",result=\"ok\"} 3\n"), "");
}

#[test]
fn a_program_over_tls_is_asked_with_its_authority() {
    let authority = Authority::new("doctor");
    authority.issue("tls");
    let mut command = subject("ailing");
    command.env("TTA_METRICS_TLS_CERT", authority.file("tls.pem"));
    command.env("TTA_METRICS_TLS_KEY", authority.file("tls.key"));
    let mut program = Running::start(&mut command);
    let address = format!("https://{}", program.line());
    assert_eq!(exit_code(&[&address, "--ca", &authority.file("ca.pem")]), code(0));
    assert_eq!(exit_code(&[&address]), code(2));
}

#[test]
fn a_program_without_the_names_of_the_checks_is_told_to_expose_them() {
    // The view has no series before the first call of a model.
    for fault in ["spans", "unpriced"] {
        let patient = Patient::start(&[fault], |command| {
            command.env("TTA_METRICS_VIEW", "otel_token_usage");
        });
        check(
            &[&patient],
            None,
            &expect![[r#"
            A: it exposes the view `otel_token_usage` alone, so that its metrics were not examined; start it with `TTA_METRICS_VIEW=tta,otel_token_usage`
        "#]],
        );
    }
}

#[test]
fn a_program_with_other_names_beside_those_of_the_checks_is_examined() {
    for view in ["otel", "classic"] {
        let patient = Patient::start(&["second_start", "unpriced"], |command| {
            command.env("TTA_METRICS_VIEW", view);
        });
        check(
            &[&patient],
            None,
            &expect![[r#"
            A: `init` was called again after the start (1 times), which changes nothing; call `init` once, at the beginning of `main`
            A: 2 calls to `nobody-sells-it` of `house` have no price, and their cost is not counted; add the model to a price file and name it in `TTA_PRICES_FILE` (docs/cost.md)
        "#]],
        );
    }
}
