//! The rows of docs/genai.md: each attribute and each metric of the conventions, and where its value comes from.

use std::collections::BTreeSet;
use std::fmt::Write;

use expect_test::expect_file;

use super::View;
use crate::schema::Attribute;
use crate::schema::genai as names;
use crate::schema::genai_attributes::GENAI_ATTRIBUTES;

const HEAD: &str = "\
# OpenTelemetry's conventions for generative AI

Pinned to commit `066d4a7f356f` of `open-telemetry/semantic-conventions-genai` (October 2026) and to the core conventions 1.44.0, whose
schema traces and metrics name. The conventions are in development: `otel` has the names of metrics that most backends know, `otel_latest`
(`OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`) the newest ones, those of embeddings as of commit `88eccb155ca7`. A test writes this page from the rows in
`tta-runtime/src/schema/genai_attributes.rs` and from the views.

## Attributes

The requirement level is the conventions'. A program sets the attributes of the last rows itself, under these names, as in
`attributes(\"server.address\" = host, \"server.port\" = 443)`; a sampler sees them.

| attribute | of | type | level | source |
| --- | --- | --- | --- | --- |
";

/// Metrics of the conventions that are not recorded, and why.
const MISSING: &str = "
Not recorded: the tokens of text as such (`gen_ai.usage.text.…`, which no provider reports for all of its models), and the metrics of model
servers. `gen_ai.invoke_agent.inference_calls` and `….tool_calls` count what began in an invocation of an agent, also in tasks that work for it
in its context: calls to models without those for embeddings, attempts of a retry each by itself, and functions of the type `tool`. A call
that a client library reports by its own span counts when that span ends. What an agent inside calls is that agent's alone. A task that
outlives the invocation makes calls that no agent has.
The durations of tools, agents and workflows are those of `primitive.execution.duration`, by the conventions' names and the type of the error
(`cancelled` for a call that was dropped); their buckets are the function's (key `buckets`). The time of a later chunk has no
`gen_ai.response.model`, which is known at the end of a stream.
Metrics have no `server.address` and `server.port`, which spans have where a program sets them. `attributes(…)` runs where a span is recorded or
a sampler asks: a metric would have to run it for every call, or else count sampled calls under an address and all others without one. A
function's own label (`labels(…)`) is there for every call, on `primitive.execution.count` and `primitive.execution.duration`.
The durations of the Model Context Protocol by method and tool have these names in every view; the messages are also executions of the type
`mcp`. `otel_token_usage` is one instrument, for a place beside another view.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for Attribute { name, of, kind, level, source } in GENAI_ATTRIBUTES {
        writeln!(page, "| `{name}` | {of} | {} | {level} | {source} |", kind.as_str()).unwrap();
    }
    page += "\n## Metrics\n\n| metric | unit | views | attributes |\n| --- | --- | --- | --- |\n";
    page + &metrics() + MISSING
}

fn metrics() -> String {
    const ORDER: [View; 3] = [View::Otel, View::OtelLatest, View::OtelTokenUsage];
    let mut known = BTreeSet::new();
    let mut rows = String::new();
    for instrument in ORDER.iter().flat_map(|view| view.instruments()) {
        if ["gen_ai.", "mcp."].iter().any(|prefix| instrument.name.starts_with(prefix)) && known.insert(instrument.name)
        {
            let has = |view: &&View| view.instruments().any(|other| other.name == instrument.name);
            let views: Vec<_> = View::ALL.iter().filter(has).map(|view| format!("`{}`", view.as_str())).collect();
            let labels: Vec<_> = instrument.label_names().iter().map(|label| format!("`{label}`")).collect();
            let (name, unit) = (instrument.name, instrument.unit);
            writeln!(rows, "| `{name}` | {unit} | {} | {} |", views.join(", "), labels.join(", ")).unwrap();
        }
    }
    rows
}

#[test]
fn the_page_has_the_rows() {
    expect_file!["../../../../docs/genai.md"].assert_eq(&page());
}

#[test]
fn every_attribute_of_the_schema_has_a_row() {
    let source = include_str!("../../schema/genai.rs");
    let texts: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub(crate) const ")?.split_once("&str = \"")?.1.strip_suffix("\";"))
        .filter(|text| text.contains('.') && !text.contains('/'))
        .collect();
    let events = [names::OPERATION_DETAILS, names::EVALUATION_RESULT];
    let rows: BTreeSet<&str> = GENAI_ATTRIBUTES.iter().map(|attribute| attribute.name).chain(events).collect();
    assert!(texts.len() > 40, "{texts:?}");
    assert_eq!(texts.difference(&rows).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(rows.len(), GENAI_ATTRIBUTES.len() + events.len(), "each once");
}
