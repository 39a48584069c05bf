//! A series exists before its first call, also in an optimised release build, and for functions of a dependency.

use std::path::Path;
use std::process::Command;

use expect_test::expect;

use crate::child::{configured, run};

#[test]
fn every_annotated_function_has_its_series_before_its_first_call_in_a_release_build_with_lto() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/linked");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("linked");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace");
    // The same versions as the workspace's, so that nothing is downloaded.
    std::fs::copy(workspace.join("Cargo.lock"), fixture.join("Cargo.lock")).expect("the versions can be copied");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--offline", "--quiet"]).current_dir(&fixture).env("CARGO_TARGET_DIR", &target);
    cargo.env_remove("RUSTFLAGS");
    let built = cargo.output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let said = run(&mut configured(Command::new(target.join("release/program"))));
    assert_eq!(said.stderr, "");
    let mut lines: Vec<_> = said.stdout.lines().filter(|line| line.contains("status=\"success\"")).collect();
    lines.sort_unstable();
    assert_eq!(said.stdout.lines().count(), 5 * lines.len(), "each outcome has its series: {}", said.stdout);
    expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="called_later",action="call",status="success"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="never_called",action="call",status="success",size="large"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="never_called",action="call",status="success",size="small"} 0
        tta_primitive_executions_total{primitive_type="workflow",primitive_name="own",action="execute",status="success"} 0
    "#]].assert_eq(&(lines.join("\n") + "\n"));
}
