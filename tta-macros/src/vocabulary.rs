//! The keys, types, actions and label names of the attribute, as tables for the parser, its errors and the docs.

/// The special handling of a type, beyond counting and timing its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Workflow,
    Agent,
    Model,
    Tool,
    Retrieval,
    Other,
}

impl Role {
    /// Returns the name of the runtime's variant.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Role::Workflow => "Workflow",
            Role::Agent => "Agent",
            Role::Model => "Model",
            Role::Tool => "Tool",
            Role::Retrieval => "Retrieval",
            Role::Other => "Other",
        }
    }

    /// Returns the default bucket set. Roles that may wait for a model take seconds.
    pub(crate) fn buckets(self) -> &'static str {
        match self {
            Role::Workflow | Role::Agent | Role::Model => "llm",
            Role::Tool | Role::Retrieval | Role::Other => "default",
        }
    }
}

/// A type of primitive, with its actions.
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) actions: &'static [&'static str],
}

#[rustfmt::skip]
pub(crate) const TYPES: &[Type] = &[
    Type { name: "workflow", role: Role::Workflow, actions: &["execute"] },
    Type { name: "agent", role: Role::Agent, actions: &["invoke", "plan", "handoff"] },
    Type { name: "llm", role: Role::Model, actions: &["generate", "chat", "complete", "stream"] },
    Type { name: "embedding", role: Role::Model, actions: &["embed"] },
    Type { name: "tool", role: Role::Tool, actions: &["call"] },
    Type { name: "retrieval", role: Role::Retrieval, actions: &["search", "rerank"] },
    Type { name: "memory", role: Role::Other, actions: &["store", "lookup", "search"] },
    Type { name: "processor", role: Role::Other, actions: &["process", "transform"] },
    Type { name: "validator", role: Role::Other, actions: &["validate", "check"] },
    Type { name: "guardrail", role: Role::Other, actions: &["check"] },
    Type { name: "router", role: Role::Other, actions: &["route"] },
    Type { name: "cache", role: Role::Other, actions: &["lookup", "store"] },
    Type { name: "sequential", role: Role::Other, actions: &["execute"] },
    Type { name: "parallel", role: Role::Other, actions: &["execute"] },
    Type { name: "conditional", role: Role::Other, actions: &["execute"] },
    Type { name: "retry", role: Role::Other, actions: &["execute"] },
    Type { name: "fallback", role: Role::Other, actions: &["execute"] },
    Type { name: "timeout", role: Role::Other, actions: &["execute"] },
    Type { name: "circuit_breaker", role: Role::Other, actions: &["execute"] },
];

/// The functions on which a key is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Any function or `impl` block.
    Anywhere,
    /// Functions and `impl` blocks of a type whose role is [`Role::Model`].
    ModelCalls,
    /// A single function or method, since the value cannot be shared.
    OneFunction,
    /// A method of an annotated `impl` block.
    Method,
}

/// One key of the attribute.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// An example of the key and its value, which errors show.
    pub(crate) form: &'static str,
    pub(crate) place: Place,
}

#[rustfmt::skip]
pub(crate) const KEYS: &[Key] = &[
    Key { name: "type", form: "type = \"llm\"", place: Place::Anywhere },
    Key { name: "action", form: "action = \"generate\"", place: Place::Anywhere },
    Key { name: "name", form: "name = \"summarise\"", place: Place::OneFunction },
    Key { name: "provider", form: "provider = \"openai\"", place: Place::ModelCalls },
    Key { name: "model", form: "model = \"gpt-4o-mini\"", place: Place::ModelCalls },
    Key { name: "tier", form: "tier = \"batch\"", place: Place::ModelCalls },
    Key { name: "usage", form: "usage = |output| output.usage", place: Place::ModelCalls },
    Key { name: "labels", form: "labels(audience = audience)", place: Place::Anywhere },
    Key { name: "attributes", form: "attributes(\"document.pages\" = pages)", place: Place::Anywhere },
    Key { name: "slo", form: "slo(availability = 99.9, latency = \"800ms\", latency_target = 95)", place: Place::Anywhere },
    Key { name: "buckets", form: "buckets = \"fast\"", place: Place::Anywhere },
    Key { name: "error_type", form: "error_type = |error| error.kind()", place: Place::Anywhere },
    Key { name: "ok_if", form: "ok_if = |output| output.accepted", place: Place::Anywhere },
    Key { name: "returns", form: "returns = future", place: Place::Anywhere },
    Key { name: "crate", form: "crate = ::renamed_runtime", place: Place::Anywhere },
    Key { name: "skip", form: "skip", place: Place::Method },
];

/// The named bucket sets, each with its constant in the runtime.
pub(crate) const BUCKET_SETS: &[(&str, &str)] = &[("fast", "FAST"), ("default", "DEFAULT"), ("llm", "LLM")];

/// The largest number of labels of one function. Each label at least doubles the number of series.
pub(crate) const MAX_LABELS: usize = 8;

/// The largest number of buckets of one histogram.
pub(crate) const MAX_BUCKETS: usize = 40;

/// Label names that Prometheus or the library's own metrics use.
#[rustfmt::skip]
pub(crate) const RESERVED_LABELS: &[&str] = &[
    "le", "quantile", "job", "instance",
    "primitive_type", "primitive_name", "action", "status", "error_type",
    "workflow_name", "agent_type", "slo", "outcome", "provider", "model", "tier",
];

/// Label names whose values are unbounded.
#[rustfmt::skip]
pub(crate) const UNBOUNDED_LABELS: &[&str] = &[
    "user", "user_id", "username", "user_name", "customer_id", "account_id", "tenant_id", "organization_id",
    "session", "session_id", "conversation_id", "thread_id", "message_id", "chat_id",
    "request_id", "response_id", "correlation_id", "causation_id", "call_id", "run_id", "job_id", "task_id",
    "trace_id", "span_id", "parent_id", "workflow_id", "agent_id", "document_id", "order_id", "id", "uuid", "guid",
    "prompt", "completion", "answer", "question", "query", "message", "content", "text", "input", "output",
    "email", "phone", "ip", "ip_address", "address", "url", "uri", "path", "file", "filename", "file_path",
    "timestamp", "time", "date", "datetime", "token", "api_key", "hash", "error", "error_message",
];

/// Finds the type of this name.
pub(crate) fn find_type(name: &str) -> Option<&'static Type> {
    TYPES.iter().find(|known| known.name == name)
}

/// Finds the key of this name.
pub(crate) fn find_key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|known| known.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the rows of the page's table under this heading, without its two first lines.
    fn table(heading: &str) -> Vec<Vec<&'static str>> {
        let page = include_str!("primitive.md");
        let section = page.split("\n# ").find_map(|section| section.strip_prefix(heading)).expect("the heading");
        let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
        rows.skip(1).map(|row| row.split(" | ").map(str::trim).collect()).collect()
    }

    #[test]
    fn the_page_lists_the_keys_of_the_parser() {
        let listed: Vec<(String, String)> =
            table("Keys\n").iter().map(|row| (row[0].to_owned(), row[1].replace("\\|", "|"))).collect();
        let known: Vec<(String, String)> =
            KEYS.iter().map(|key| (format!("`{}`", key.name), format!("`{}`", key.form))).collect();
        assert_eq!(listed, known);
    }

    #[test]
    fn the_page_lists_the_vocabulary_of_the_parser() {
        let listed: Vec<String> = table("Vocabulary\n").iter().map(|row| row.join(": ")).collect();
        let known: Vec<String> =
            TYPES.iter().map(|known| format!("`{}`: `{}`", known.name, known.actions.join("`, `"))).collect();
        assert_eq!(listed, known);
    }

    #[test]
    fn no_label_is_both_reserved_and_unbounded() {
        assert_eq!(RESERVED_LABELS.iter().filter(|name| UNBOUNDED_LABELS.contains(name)).count(), 0);
    }
}
