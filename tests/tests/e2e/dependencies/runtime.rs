//! How the runtime's modules depend on each other, and what only one of them may do.

use std::path::{Path, PathBuf};

/// The modules of the runtime: each uses only those that stand before it.
const ORDER: &[&str] = &[
    "reexports",
    "text",
    "json_length",
    "address",
    "redactor",
    "panics",
    "process_mark",
    "setting",
    "pem",
    "resource",
    "outages",
    "outcome",
    "id",
    "clock",
    "host_log",
    "schema",
    "span_limits",
    "packed_attributes",
    "attribute",
    "label",
    "metric",
    "site",
    "model",
    "agent_run",
    "text_pairs",
    "workflow_id",
    "workflow_name",
    "workflow_attributes",
    "trace",
    "span",
    "recorder",
    "context",
    "redis",
    "llm",
    "call",
    "tower",
    "mcp",
    "snapshot",
    "page",
    "configuration",
    "block",
    "export",
    "price_url",
    "signals",
    "telemetry",
    "builder",
    "testing",
    "__private",
    "lib",
];

/// Files that read the time themselves, and why that is no recording.
const CLOCKS: &[(&str, &str)] = &[
    ("clock.rs", "is the clock"),
    ("workflow_id.rs", "the identifiers of workflows begin with the time"),
    ("context/mod.rs", "its example sets a deadline"),
    ("block/cache/redis/tier.rs", "limits how long a call may wait for Redis"),
    ("llm/budget/shared/", "leases end by real time, and calls wait for Redis for a limited one"),
    ("outages.rs", "says for how long an export has failed"),
    ("telemetry.rs", "waits until the deadline of a shutdown"),
    ("span/worker.rs", "sets the deadline of a flush or a shutdown"),
    ("span/lane.rs", "times the export, which is not the host's time"),
    ("span/sink.rs", "limits how long an export may take"),
    ("export/otlp/collector.rs", "limits how long a request may take"),
    ("export/otlp/metrics.rs", "times the export, which is not the host's time"),
    ("price_url/", "limits how long a server may take"),
    ("export/push.rs", "times the push, which is not the host's time"),
    ("export/http/", "limits how long a client may take"),
];

/// One line of the runtime that is neither comment nor test.
struct Line {
    /// The file, from the runtime's `src`.
    file: String,
    number: usize,
    text: String,
}

impl Line {
    fn place(&self) -> String {
        format!("tta-runtime/src/{}:{}: {}", self.file, self.number, self.text.trim())
    }
}

/// Returns the lines of the runtime's code.
fn code() -> Vec<Line> {
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace").join("tta-runtime/src");
    let mut lines = Vec::new();
    for path in files(&source) {
        let file = path.strip_prefix(&source).expect("it is inside").to_str().expect("it is text").to_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        // Tests stand last.
        let code = text.lines().take_while(|line| *line != "mod tests {");
        for (number, line) in code.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            lines.push(Line { file: file.clone(), number: number + 1, text: line.to_owned() });
        }
    }
    assert!(lines.len() > 3_000, "the runtime is read");
    lines
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    let is_test = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "tests");
    paths
        .into_iter()
        .filter(|path| !is_test(path))
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

fn assert_none(found: &[String], what: &str) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn a_module_uses_only_modules_that_stand_before_it() {
    let place = |module: &str| ORDER.iter().position(|known| *known == module);
    let mut wrong = Vec::new();
    for line in code() {
        let module = line.file.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        let Some(own) = place(module) else {
            wrong.push(format!("{}: `{module}` has no place in the order", line.place()));
            continue;
        };
        for used in used_modules(&line.text).into_iter().filter(|used| used != module) {
            if place(&used).is_none_or(|used| used > own) {
                wrong.push(line.place());
            }
        }
    }
    assert_none(&wrong, "modules that use later ones");
}

/// Returns the modules that a line names after `crate::`.
fn used_modules(line: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut modules = Vec::new();
    for rest in line.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => modules.push(word(rest)),
            Some(list) => modules.extend(list.split(", ").map(word)),
        }
    }
    // `crate::Name` and `$crate::…` name what `lib.rs` exposes, which expansions alone need.
    modules.retain(|module| module.starts_with(|first: char| first.is_lowercase() || first == '_'));
    modules
}

#[test]
fn the_name_of_a_metric_stands_in_the_schema_alone() {
    let names = |line: &Line| {
        let is_named = ["\"tta_", "\"gen_ai.client."].iter().any(|name| line.text.contains(name));
        // The conventions' file has the names of attributes and of an event.
        // The linker's section is called `tta_call_sites`.
        let is_section = line.file == "site/section.rs";
        is_named && !is_section && !line.file.starts_with("schema/") && !line.file.starts_with("snapshot/view/")
    };
    assert_none(
        &code().iter().filter(|line| names(line)).map(Line::place).collect::<Vec<_>>(),
        "names of metrics outside of the schema",
    );
}

#[test]
fn only_the_clock_reads_the_time_of_what_is_recorded() {
    let is_allowed = |file: &str| {
        CLOCKS.iter().any(|(allowed, _)| file == *allowed || allowed.ends_with('/') && file.starts_with(allowed))
    };
    let reads = |line: &Line| line.text.contains("Instant::now") || line.text.contains("SystemTime::now");
    let found = code().into_iter().filter(|line| reads(line) && !is_allowed(&line.file));
    assert_none(&found.map(|line| line.place()).collect::<Vec<_>>(), "the time is read");
}
