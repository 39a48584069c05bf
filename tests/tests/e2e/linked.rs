//! A series exists before its first call, also in an optimised release build, and for functions of a dependency.

use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect;

use crate::child::{configured, run};

/// Builds the fixture's packages, and returns the directory of the results.
fn build(arguments: &[&str], rustflags: &str) -> PathBuf {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/linked");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("linked");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace");
    // The same versions as the workspace's, so that nothing is downloaded.
    std::fs::copy(workspace.join("Cargo.lock"), fixture.join("Cargo.lock")).expect("the versions can be copied");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--quiet"]).args(arguments).current_dir(&fixture);
    let built = cargo.env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", rustflags).output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target
}

#[test]
fn every_annotated_function_has_its_series_before_its_first_call_in_a_release_build_with_lto() {
    let target = build(&["--release", "--package", "program"], "");
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

#[test]
fn a_linker_that_drops_unused_sections_keeps_the_list_of_programs_and_shared_libraries() {
    let target = build(&["--workspace"], "-C link-arg=-Wl,--gc-sections").join("debug");
    let said = run(&mut configured(Command::new(target.join("program"))));
    assert_eq!((said.stdout.lines().count(), said.stderr.as_str()), (4 * 5, ""), "{}", said.stdout);
    let said = run(&mut configured(Command::new(target.join("empty"))));
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("0 primitives\n", ""));
    // The library has its own copy of the runtime, and its own list beside this program's.
    #[expect(unsafe_code, reason = "a shared library is loaded")]
    // SAFETY: the library is the fixture's, its initialisers touch nothing of this program, and the function's type is that
    // of its definition.
    let listed = unsafe {
        let library = libloading::Library::new(target.join("liblibrary.so")).expect("it can be loaded");
        let listed = library.get::<extern "C" fn() -> usize>(b"listed").expect("it is exported");
        listed()
    };
    assert_eq!(listed, 3);
}
