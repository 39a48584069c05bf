//! `tta generate`.

use crate::run::{folder, tta};

#[test]
fn the_committed_files_are_up_to_date() {
    let ran = tta(&["generate", "--check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "run `cargo run -p tta-cli -- generate`");
}

#[test]
fn a_file_that_differs_or_is_missing_is_named() {
    let folder = folder("generate-check");
    let out = folder.to_str().expect("it is text");
    assert_eq!(tta(&["generate", "--out", out]).code, 0);
    assert_eq!(tta(&["generate", "--out", out, "--check"]).code, 0);

    std::fs::write(folder.join("prometheus-rules/alerts.yml"), "groups: []\n").expect("it can be written");
    std::fs::remove_file(folder.join("prometheus-rules/prometheus.yml")).expect("it is there");
    let ran = tta(&["generate", "--out", out, "--check"]);
    assert_eq!(
        (ran.code, ran.stdout),
        (1, format!("{out}/prometheus-rules/alerts.yml differs\n{out}/prometheus-rules/prometheus.yml is missing\n"))
    );
}

#[test]
fn options_change_the_files() {
    let folder = folder("generate-options");
    let out = folder.to_str().expect("it is text");
    let ran =
        tta(&["generate", "--out", out, "--job", "a \"b\"", "--runbooks", "https://example.com/", "--speedup", "60"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let read = |file: &str| std::fs::read_to_string(folder.join("prometheus-rules").join(file)).expect("it is written");
    let holds =
        |file: &str, line: &str| assert!(read(file).lines().any(|found| found.trim() == line), "{file}: {line}");
    holds("alerts.yml", r#"expr: 'up{job="a \"b\""} == 0'"#);
    holds("alerts.yml", "runbook_url: https://example.com/TtaServiceDown.md");
    holds("prometheus.yml", r#"- job_name: 'a "b"'"#);
    holds("recording.yml", "expr: 'sum by (job) (rate(tta_primitive_executions_total[5s]))'");
}

#[test]
fn a_wrong_argument_is_explained() {
    let ran = tta(&["generate", "--runbooks", "docs"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr.lines().next(),
        Some(
            "error: invalid value 'docs' for '--runbooks <PLACE>': must end in `/`, since the name of a runbook is appended"
        )
    );
}
