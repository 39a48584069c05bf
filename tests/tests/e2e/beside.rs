//! The runtime builds beside its own dependencies, whatever features of them another crate asks for.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect;

use crate::child::{configured, run};

/// A program with metrics of its own beside the library's.
const PROGRAM: &str = r#"
use prometheus::{Gauge, Histogram, HistogramOpts, IntCounter};

fn main() {
    let requests = IntCounter::new("host_requests_total", "Requests.").unwrap();
    let load = Gauge::new("host_load", "Load.").unwrap();
    let buckets = HistogramOpts::new("host_seconds", "Seconds.").buckets(vec![0.5, 1.0]);
    let seconds = Histogram::with_opts(buckets).unwrap();
    let registry = tta_runtime::registry();
    registry.register(Box::new(requests.clone())).unwrap();
    registry.register(Box::new(load.clone())).unwrap();
    registry.register(Box::new(seconds.clone())).unwrap();
    requests.inc_by(5);
    load.set(2.5);
    seconds.observe(0.75);
    for line in tta_runtime::metrics_text().lines().filter(|line| line.starts_with("host_")) {
        println!("{line}");
    }
    let gathered = registry.gather();
    assert!(gathered.iter().any(|family| family.name() == "tta_build_info"));
}
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace")
}

/// Returns the direct dependencies of the runtime, optional ones included, with their versions.
fn dependencies() -> Vec<(String, String)> {
    let read = |path: PathBuf| -> toml::Table {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.parse().expect("a manifest is TOML")
    };
    let version = |dependency: &toml::Value| match dependency {
        toml::Value::String(version) => Some(version.clone()),
        table => table.get("version").and_then(toml::Value::as_str).map(str::to_owned),
    };
    let workspace = read(root().join("Cargo.toml"));
    let runtime = read(root().join("tta-runtime/Cargo.toml"));
    let rows = runtime["dependencies"].as_table().expect("there are dependencies").iter();
    rows.filter(|(name, _)| *name != "tta-macros")
        .map(|(name, row)| {
            let own = version(row).or_else(|| version(&workspace["workspace"]["dependencies"][name]));
            (name.clone(), own.unwrap_or_else(|| panic!("`{name}` has a version")))
        })
        .collect()
}

/// Writes a package with these dependencies, in which the runtime has these features, and returns its directory.
fn package(name: &str, dependencies: &str, features: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("beside").join(name);
    std::fs::create_dir_all(directory.join("src")).expect("a directory can be made");
    let runtime = root().join("tta-runtime");
    let runtime = runtime.display();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         tta-runtime = {{ path = \"{runtime}\", features = [{features}] }}\n{dependencies}"
    );
    std::fs::write(directory.join("Cargo.toml"), manifest).expect("a file can be written");
    std::fs::write(directory.join("src/main.rs"), PROGRAM).expect("a file can be written");
    // The same versions as the workspace's, as far as it has them.
    std::fs::copy(root().join("Cargo.lock"), directory.join("Cargo.lock")).expect("the versions can be copied");
    directory
}

/// Runs cargo in a package. All of them use the target directory of the tests, which has most dependencies built already.
fn cargo(directory: &Path, arguments: &[&str]) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target directory").to_owned();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).arg("--quiet").current_dir(directory).env("CARGO_TARGET_DIR", &target);
    let built = cargo.env_remove("RUSTFLAGS").output().expect("cargo runs");
    assert!(built.status.success(), "{}: {}", directory.display(), String::from_utf8_lossy(&built.stderr));
    target
}

#[test]
fn metrics_of_the_host_read_the_same_with_and_without_the_default_features_of_prometheus() {
    for (name, dependency) in [
        ("prometheus-plain", "prometheus = { version = \"0.14\", default-features = false }\n"),
        ("prometheus-default", "prometheus = \"0.14\"\n"),
    ] {
        let target = cargo(&package(name, dependency, ""), &["build"]);
        let said = run(&mut configured(Command::new(target.join("debug").join(name))));
        expect![[r#"
            host_load 2.5
            host_requests_total 5
            host_seconds_bucket{le="0.5"} 0
            host_seconds_bucket{le="1"} 1
            host_seconds_bucket{le="+Inf"} 1
            host_seconds_sum 0.75
            host_seconds_count 1
        "#]]
        .assert_eq(&said.stdout);
        assert_eq!(said.stderr, "", "{name}");
    }
}

#[test]
fn it_builds_with_the_default_features_of_all_its_dependencies() {
    let dependencies = dependencies();
    assert!(dependencies.len() > 20, "{dependencies:?}");
    let rows = dependencies.iter().fold(String::new(), |mut rows, (name, version)| {
        writeln!(rows, "{name} = {version:?}").expect("a string grows");
        rows
    });
    let all = ["exporter", "otlp", "push", "blocks", "redis-tls", "tower", "testing"].map(|name| format!("{name:?}"));
    cargo(&package("all-defaults", &rows, &all.join(", ")), &["check"]);
}
