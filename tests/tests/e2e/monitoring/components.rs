//! The metrics that `tta maturity` pushes about two components: a mature one, and one with too few tests.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::pushgateway::Pushgateway;

const COVERAGE: &str = r#"{"type": "llvm.coverage.json.export", "version": "3.0.1", "data": [{"totals": {}, "files": [
    {"filename": "cache/src/lib.rs", "summary": {"lines": {"count": 100, "covered": 90, "percent": 90}}},
    {"filename": "router/src/lib.rs", "summary": {"lines": {"count": 100, "covered": 60, "percent": 60}}}
]}]}"#;

const MUTANTS: &str = r#"{"total_mutants": 4, "outcomes": [
    {"scenario": "Baseline", "summary": "Success"},
    {"scenario": {"Mutant": {"package": "cache", "name": "f"}}, "summary": "CaughtMutant"},
    {"scenario": {"Mutant": {"package": "cache", "name": "g"}}, "summary": "CaughtMutant"},
    {"scenario": {"Mutant": {"package": "cache", "name": "h"}}, "summary": "Timeout"},
    {"scenario": {"Mutant": {"package": "router", "name": "f"}}, "summary": "MissedMutant"}
]}"#;

const CLIPPY: &str = concat!(
    r#"{"reason":"compiler-message","message":{"message":"the function has a cognitive complexity of (31/25)","code":{"code":"clippy::cognitive_complexity","explanation":null},"spans":[{"file_name":"router/src/choose.rs"}]}}"#,
    "\n",
    r#"{"reason":"build-finished","success":true}"#
);

/// Runs the command under a separate job.
pub(super) fn push(pushgateway: &Pushgateway) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("maturity-{}", pushgateway.address.port()));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let mut arguments = ["tta", "maturity", "--job", "ci"].map(str::to_owned).to_vec();
    arguments.extend(["--push".to_owned(), format!("http://{}", pushgateway.address)]);
    arguments.extend(["--root".to_owned(), folder.display().to_string()]);
    for (option, text) in [("coverage", COVERAGE), ("mutants", MUTANTS), ("clippy", CLIPPY)] {
        let path = folder.join(format!("{option}.json"));
        std::fs::write(&path, text).expect("it can be written");
        arguments.extend([format!("--{option}"), path.display().to_string()]);
    }
    let code = tta_cli::command::run(arguments);
    let _ = std::fs::remove_dir_all(folder);
    assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
}
