//! The spans, by what they are of.

use std::fmt::Write as _;

use tta_runtime::schema::{Attribute, attributes};

use super::group::{head, references};
use crate::own_keys::OwnKeys;

/// Spans: their name in the registry, their kind, and the words of `Attribute::of` whose attributes they have.
struct Spans {
    id: &'static str,
    kind: &'static str,
    brief: &'static str,
    of: &'static [&'static str],
    /// The requirement levels that are others than those of the attributes.
    levels: &'static [(&'static str, &'static str)],
}

const fn spans(id: &'static str, kind: &'static str, brief: &'static str, of: &'static [&'static str]) -> Spans {
    Spans { id, kind, brief, of, levels: &[] }
}

/// Messages of the Model Context Protocol: few of them call a tool.
const fn messages(id: &'static str, kind: &'static str, brief: &'static str) -> Spans {
    const LEVELS: &[(&str, &str)] = &[(OPERATION_NAME, "if a tool is called"), (TOOL_NAME, "if a tool is called")];
    Spans { levels: LEVELS, ..spans(id, kind, brief, &["all", "calls", "MCP"]) }
}

const OPERATION_NAME: &str = "gen_ai.operation.name";
const TOOL_NAME: &str = "gen_ai.tool.name";

const SPANS: &[Spans] = &[
    spans("inference", "client", "A call of a model.", &["all", "calls", "inference"]),
    spans("embeddings", "client", "A request for embeddings.", &["all", "calls", "embeddings"]),
    spans("retrieval", "client", "A search.", &["all", "calls", "retrieval"]),
    spans("memory", "client", "A read or a write of a memory.", &["all", "calls", "memory"]),
    spans("tool", "internal", "A call of a tool.", &["all", "calls", "tools"]),
    Spans {
        levels: &[("server.address", "required")],
        ..spans("tool.client", "client", "A call of a tool that names its server.", &["all", "calls", "tools"])
    },
    spans("agent", "internal", "A run of an agent.", &["all", "calls", "agents"]),
    spans("workflow", "internal", "A run of a workflow.", &["all", "calls", "workflows"]),
    spans("call", "internal", "Any other annotated call.", &["all", "calls"]),
    spans("block", "internal", "A building block, a step, a branch or an attempt.", &["blocks"]),
    messages("mcp.client", "client", "A message of the Model Context Protocol, where it is sent."),
    messages("mcp.server", "server", "A message of the Model Context Protocol, where it is served."),
    spans("http.client", "client", "A request over HTTP, where it is sent.", &["all", "calls", "HTTP"]),
    spans("http.server", "server", "A request over HTTP, where it is served.", &["all", "calls", "HTTP"]),
];

pub(super) fn groups(own: &OwnKeys) -> String {
    let mut file = String::new();
    for Spans { id, kind, brief, of, levels } in SPANS {
        head(&mut file, &format!("span.tta.{id}"), "span", brief);
        let _ = writeln!(file, "    span_kind: {kind}");
        let its: Vec<&Attribute> = attributes().filter(|attribute| is_of(attribute, of)).collect();
        let own = own.attributes.keys().map(String::as_str);
        let own = own.filter(|key| *id != "block" && its.iter().all(|attribute| attribute.name != *key));
        let level_of = |attribute: &Attribute| {
            let own = levels.iter().find(|(name, _)| *name == attribute.name);
            own.map_or(attribute.level, |(_, level)| level)
        };
        let its = its.iter().map(|attribute| (attribute.name, level_of(attribute)));
        references(&mut file, its.chain(own.map(|key| (key, "recommended"))));
    }
    file
}

/// Returns whether an attribute belongs to one of these.
pub(super) fn is_of(attribute: &Attribute, of: &[&str]) -> bool {
    attribute.of.split([',', ';']).any(|word| of.contains(&word.trim()))
}

#[cfg(test)]
mod tests {
    use tta_runtime::schema::attributes;

    use super::{SPANS, is_of};

    /// Attributes that spans do not have: of events, of the resource, of metrics alone.
    const NOT_OF_SPANS: [&str; 5] =
        ["exception", "the event `gen_ai.evaluation.result`", "the same", "resource", "metrics"];

    #[test]
    fn every_attribute_belongs_to_spans_or_is_known_to_be_elsewhere() {
        let lost = attributes().filter(|attribute| {
            let is_elsewhere = is_of(attribute, &NOT_OF_SPANS) || attribute.of.starts_with("metrics");
            !is_elsewhere && !SPANS.iter().any(|spans| is_of(attribute, spans.of))
        });
        assert_eq!(lost.map(|attribute| attribute.name).collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
