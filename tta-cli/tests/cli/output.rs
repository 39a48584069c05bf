//! Commands whose standard output is a closed pipe.

use std::process::{Command, Stdio};

use crate::run::{folder, root};

/// Runs the command with a closed pipe as standard output, and returns the exit code and standard error.
#[track_caller]
fn run_with_closed_pipe(arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tta"));
    let child = command.args(arguments).current_dir(root()).stdout(writer).stderr(Stdio::piped()).spawn();
    // `command` holds another copy of the pipe's writing end.
    drop(command);
    let output = child.and_then(std::process::Child::wait_with_output).expect("the command runs");
    (output.status.code(), String::from_utf8(output.stderr).expect("it writes UTF-8"))
}

#[test]
fn a_closed_pipe_is_an_error_and_not_a_panic() {
    let folder = folder("output");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.to_str().expect("it is text").to_owned()
    };
    let rules =
        write("rules.yml", "groups:\n- name: g\n  rules:\n  - {alert: A, expr: 'sum by (jobs) (tta_build_info)'}\n");
    let coverage = write(
        "coverage.json",
        r#"{"data": [{"files": [{"filename": "a/src/lib.rs", "summary": {"lines": {"count": 2, "covered": 1}}}]}]}"#,
    );
    let out = folder.join("generated").to_str().expect("it is text").to_owned();
    let commands: [&[&str]; 7] = [
        &["check", &rules],
        &["list", "tta-examples/src"],
        &["list", &rules],
        &["generate", "--out", &out],
        &["prices", &coverage],
        &["maturity", "--coverage", &coverage],
        &["completions", "zsh"],
    ];
    for arguments in commands {
        let (code, stderr) = run_with_closed_pipe(arguments);
        assert_eq!(
            (code, stderr.as_str()),
            (Some(2), "error: cannot write the output: Broken pipe (os error 32)\n"),
            "{arguments:?}"
        );
    }
    // The files are written nevertheless.
    let written = Command::new(env!("CARGO_BIN_EXE_tta")).args(["generate", "--check", "--out", &out]).output();
    assert_eq!(written.expect("the command runs").status.code(), Some(0));
}
