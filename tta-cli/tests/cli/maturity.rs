//! `tta maturity`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use expect_test::expect;

use crate::run::{folder, tta};

/// Writes reports on the packages `cache` and `router`, of which only `cache` has mutants, and returns arguments that name them.
fn reports(name: &str) -> (PathBuf, Vec<String>) {
    let folder = folder(name);
    let root = folder.canonicalize().expect("it is there").to_str().expect("it is text").to_owned();
    let file = |package: &str, count: u64, covered: u64| {
        format!(
            r#"{{"filename": "{root}/{package}/src/lib.rs", "summary": {{"lines": {{"count": {count}, "covered": {covered}, "percent": 0}}}}}}"#
        )
    };
    let coverage = format!(
        r#"{{"data": [{{"files": [{}, {}, {}], "totals": {{}}}}], "type": "llvm.coverage.json.export", "version": "3.0.1"}}"#,
        file("cache", 60, 60),
        file("cache", 40, 30),
        file("router", 100, 60)
    );
    let mutant = |summary: &str| {
        format!(r#"{{"scenario": {{"Mutant": {{"package": "cache", "name": "f"}}}}, "summary": "{summary}"}}"#)
    };
    let mutants = format!(
        r#"{{"outcomes": [{{"scenario": "Baseline", "summary": "Success"}}, {}], "total_mutants": 5}}"#,
        ["CaughtMutant", "CaughtMutant", "Timeout", "MissedMutant", "Unviable"].map(mutant).join(", ")
    );
    let clippy = concat!(
        r#"{"reason":"compiler-message","message":{"message":"the function has a cognitive complexity of (31/25)","code":{"code":"clippy::cognitive_complexity","explanation":null},"spans":[{"file_name":"router/src/choose.rs"}]}}"#,
        "\n",
        r#"{"reason":"compiler-message","message":{"message":"unused","code":{"code":"unused"},"spans":[]}}"#,
        "\n",
        r#"{"reason":"build-finished","success":true}"#
    );
    let mut arguments = vec!["maturity".to_owned(), "--root".to_owned(), root];
    for (option, text) in [("coverage", coverage.as_str()), ("mutants", &mutants), ("clippy", clippy)] {
        let path = folder.join(format!("{option}.json"));
        std::fs::write(&path, text).expect("it can be written");
        arguments.extend([format!("--{option}"), path.to_str().expect("it is text").to_owned()]);
    }
    (folder, arguments)
}

#[test]
fn reports_become_metrics_of_components() {
    let (folder, mut arguments) = reports("maturity");
    let file = folder.join("components.prom");
    arguments.extend(["--textfile".to_owned(), file.to_str().expect("it is text").to_owned()]);
    let ran = tta(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let text = std::fs::read_to_string(file).expect("it is written");
    let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    expect![[r#"
        tta_component_coverage_ratio{component="cache"} 0.9
        tta_component_coverage_ratio{component="router"} 0.6
        tta_component_mutation_score_ratio{component="cache"} 0.75
        tta_component_complexity{component="router"} 31
        tta_component_stage{component="cache"} 3
        tta_component_stage{component="router"} 0
        tta_component_gate_passed{component="cache",gate="coverage"} 1
        tta_component_gate_passed{component="cache",gate="mutation_score"} 1
        tta_component_gate_passed{component="cache",gate="complexity"} 1
        tta_component_gate_passed{component="router",gate="coverage"} 1
        tta_component_gate_passed{component="router",gate="mutation_score"} 0
        tta_component_gate_passed{component="router",gate="complexity"} 1"#]]
    .assert_eq(&samples.join("\n"));
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`promtool` runs");
    promtool.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it listens");
    let checked = promtool.wait_with_output().expect("it ends");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn without_clippys_report_there_is_no_complexity_gate_and_no_stage_is_reached() {
    let (_, arguments) = reports("maturity-unmeasured");
    let without: Vec<_> = arguments.iter().map(String::as_str).take_while(|argument| *argument != "--clippy").collect();
    assert_eq!(without.len(), arguments.len() - 2);
    let ran = tta(&without);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let is_shown = |line: &&str| line.starts_with("tta_component_stage{") || line.contains("component=\"cache\",gate=");
    let shown: Vec<_> = ran.stdout.lines().filter(is_shown).collect();
    expect![[r#"
        tta_component_stage{component="cache"} 0
        tta_component_stage{component="router"} 0
        tta_component_gate_passed{component="cache",gate="coverage"} 1
        tta_component_gate_passed{component="cache",gate="mutation_score"} 1"#]]
    .assert_eq(&shown.join("\n"));
}

/// Excerpts of real reports on this workspace's macros, from cargo-llvm-cov 0.9.1, cargo-mutants 27.1.0 and clippy of Rust 1.95.
/// `ROOT` stands for the workspace's path.
const REPORTS: [(&str, &str); 3] = [
    ("--coverage", include_str!("../fixtures/maturity/coverage.json")),
    ("--mutants", include_str!("../fixtures/maturity/outcomes.json")),
    ("--clippy", include_str!("../fixtures/maturity/clippy.json")),
];

#[test]
fn reports_of_the_real_tools_are_read() {
    let folder = folder("maturity-written").canonicalize().expect("it is there");
    let root = folder.to_str().expect("it is text");
    let manifest = "[package]\nname = \"tta-macros\"\n";
    std::fs::create_dir(folder.join("tta-macros")).expect("it can be made");
    std::fs::write(folder.join("tta-macros/Cargo.toml"), manifest).expect("it can be written");
    let mut arguments = vec!["maturity", "--root", root];
    let paths = REPORTS.map(|(option, text)| {
        let path = folder.join(option);
        std::fs::write(&path, text.replace("ROOT", root)).expect("it can be written");
        path.to_str().expect("it is text").to_owned()
    });
    for ((option, _), path) in REPORTS.iter().zip(&paths) {
        arguments.extend([*option, path]);
    }
    let ran = tta(&arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let samples: Vec<_> = ran.stdout.lines().filter(|line| !line.starts_with('#')).collect();
    expect![[r#"
        tta_component_coverage_ratio{component="tta-macros"} 0.927710843373494
        tta_component_mutation_score_ratio{component="tta-macros"} 0.625
        tta_component_complexity{component="tta-macros"} 14
        tta_component_stage{component="tta-macros"} 2
        tta_component_gate_passed{component="tta-macros",gate="coverage"} 1
        tta_component_gate_passed{component="tta-macros",gate="mutation_score"} 0
        tta_component_gate_passed{component="tta-macros",gate="complexity"} 1"#]]
    .assert_eq(&samples.join("\n"));

    // The component has the package's name, whatever the folder is called.
    std::fs::write(folder.join("tta-macros/Cargo.toml"), manifest.replace("tta-macros", "mine")).expect("it is there");
    let ran = tta(&arguments);
    let covered = ran.stdout.lines().find(|line| line.starts_with("tta_component_coverage_ratio{"));
    expect![[r#"tta_component_coverage_ratio{component="mine"} 0.927710843373494"#]]
        .assert_eq(covered.unwrap_or_default());
}

#[test]
fn a_file_that_is_not_a_report_is_named() {
    let folder = folder("maturity-broken");
    for (option, text, reason) in [
        ("--coverage", "{}", "not a report of `cargo llvm-cov --json`: missing field `data` at line 1 column 2"),
        ("--mutants", "{}", "not a report of `cargo mutants`: missing field `outcomes` at line 1 column 2"),
        (
            "--clippy",
            "warning: unused",
            "not a report of `cargo clippy --message-format json`: expected value at line 1 column 1",
        ),
        (
            "--clippy",
            r#"{"reason":"build-finished","success":false}"#,
            "not a report of `cargo clippy --message-format json`: no `build-finished` with `success`, so clippy did not check \
             all functions",
        ),
    ] {
        let path = folder.join(option);
        std::fs::write(&path, text).expect("it can be written");
        let path = path.to_str().expect("it is text");
        let ran = tta(&["maturity", option, path]);
        assert_eq!((ran.code, ran.stderr), (2, format!("error: {path}: {reason}\n")));
    }
}

/// A running Pushgateway, killed on drop.
struct Pushgateway {
    child: Child,
    address: String,
    /// Open as long as it runs: it ends when nobody takes what it logs.
    _log: BufReader<ChildStderr>,
}

impl Drop for Pushgateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Pushgateway {
    fn start() -> Self {
        let mut child = Command::new("prometheus-pushgateway")
            .arg("--web.listen-address=127.0.0.1:0")
            // Debian's package persists metrics, also those of earlier runs.
            .arg("--persistence.file=")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("`prometheus-pushgateway` does not run, install it: {error}"));
        let mut log = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut lines = log.by_ref().lines().map(|line| line.expect("its log is text"));
        let listening = lines.find(|line| line.contains("Listening on")).expect("the Pushgateway listens");
        let address = listening.split_once("address=").expect("it says where").1.to_owned();
        Self { child, address, _log: log }
    }

    fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        write!(stream, "GET /metrics HTTP/1.0\r\n\r\n").expect("it listens");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        text
    }
}

#[test]
fn a_pushgateway_exposes_pushed_metrics() {
    let gateway = Pushgateway::start();
    let (_, mut arguments) = reports("maturity-push");
    arguments.extend([
        "--push".to_owned(),
        format!("http://{}", gateway.address),
        "--job".to_owned(),
        "quality".to_owned(),
    ]);
    let ran = tta(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let line = r#"tta_component_stage{component="cache",instance="ci",job="quality"} 3"#;
    // The Pushgateway answers a push before it exposes the metrics.
    let deadline = Instant::now() + Duration::from_secs(60);
    while !gateway.metrics().lines().any(|found| found == line) {
        assert!(Instant::now() < deadline, "{}", gateway.metrics());
        std::thread::yield_now();
    }
}

#[test]
fn a_missing_report_and_an_unreachable_pushgateway_are_errors() {
    let (_, mut arguments) = reports("maturity-refused");
    assert_eq!(tta(&["maturity"]).stderr, "error: give at least one report: --coverage, --mutants or --clippy\n");
    arguments.extend(["--push".to_owned(), "http://ann:s3cret@127.0.0.1:1".to_owned()]);
    let ran = tta(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (2, "error: cannot push to http://***@127.0.0.1:1/: Connection refused (os error 111)\n")
    );
}
