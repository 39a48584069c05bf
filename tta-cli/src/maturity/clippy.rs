//! Reads cognitive complexities from the report of `cargo clippy --message-format json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Error as _;

use super::package::component_of;

#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
    /// Whether clippy finished; set in the report's last line only.
    success: Option<bool>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "message")]
    text: String,
    code: Option<Code>,
    #[serde(default)]
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
}

/// Returns the greatest cognitive complexity among each component's functions that the report names.
///
/// # Errors
///
/// Returns an error if a line is not a message of cargo, or if clippy did not finish: a function that it did not name may be complex
/// then.
///
/// ```
/// let report = r#"{"reason":"compiler-message","message":{"message":"the function has a cognitive complexity of (31/25)","code":{"code":"clippy::cognitive_complexity"},"spans":[{"file_name":"cache/src/lib.rs"}]}}
/// {"reason":"build-finished","success":true}"#;
/// assert_eq!(tta_cli::maturity::complexities(report, "/w").unwrap()["cache"], 31);
/// assert!(tta_cli::maturity::complexities("", "/w").is_err());
/// ```
pub fn complexities(report: &str, root: &str) -> Result<BTreeMap<String, u64>, serde_json::Error> {
    let mut components: BTreeMap<String, u64> = BTreeMap::new();
    let mut is_complete = false;
    for line in report.lines().filter(|line| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line)?;
        is_complete |= line.success == Some(true);
        let Some(message) = line.message else { continue };
        if message.code.as_ref().is_none_or(|code| code.code != "clippy::cognitive_complexity") {
            continue;
        }
        // The lint has one span, that of the function's name.
        let component = message.spans.first().and_then(|span| component_of(&span.file_name, root));
        if let (Some(component), Some(found)) = (component, number(&message.text)) {
            let greatest = components.entry(component).or_default();
            *greatest = found.max(*greatest);
        }
    }
    if is_complete {
        Ok(components)
    } else {
        Err(serde_json::Error::custom("no `build-finished` with `success`, so clippy did not check all functions"))
    }
}

/// Returns the first number in parentheses: `… complexity of (31/25)`.
fn number(message: &str) -> Option<u64> {
    let digits: String = message.split_once('(')?.1.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
