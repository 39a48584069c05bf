//! The data in the crate `genai-prices`, for tests.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Returns the data: a list of providers with their models, prices and extractors.
pub(super) fn price_data() -> Value {
    serde_json::from_slice(&std::fs::read(path()).unwrap()).unwrap()
}

/// Returns the path of the data.
fn path() -> PathBuf {
    let cargo = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let version = cargo(&["--version", "--verbose"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = cargo(&["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "genai-prices").unwrap();
    PathBuf::from(package["manifest_path"].as_str().unwrap()).with_file_name("data").join("prices.json")
}
