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

    /// Returns the default bucket set: calls that may wait for a model take seconds.
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

impl Place {
    /// Returns the place as the docs write it.
    #[cfg(test)]
    fn text(self) -> &'static str {
        match self {
            Place::Anywhere => "any function or `impl` block",
            Place::ModelCalls => "`llm` and `embedding`",
            Place::OneFunction => "any function",
            Place::Method => "a method of an annotated `impl` block",
        }
    }
}

/// One key of the attribute.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// An example of the key and its value, which errors show.
    pub(crate) form: &'static str,
    pub(crate) place: Place,
    /// Its meaning and its default, for the table in the docs.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that holds the docs against the rows"))]
    pub(crate) meaning: &'static str,
}

pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "type",
        form: "type = \"llm\"",
        place: Place::Anywhere,
        meaning: "The type of the function, from the vocabulary or `custom(…)`. Required.",
    },
    Key {
        name: "action",
        form: "action = \"generate\"",
        place: Place::Anywhere,
        meaning: "The action of the function: one of its type, or `custom(…)`. Required unless the type has one.",
    },
    Key {
        name: "name",
        form: "name = \"summarise\"",
        place: Place::OneFunction,
        meaning: "The label `primitive_name`. Defaults to the function's name.",
    },
    Key {
        name: "provider",
        form: "provider = \"openai\"",
        place: Place::ModelCalls,
        meaning: "The provider that runs the model. Required.",
    },
    Key {
        name: "model",
        form: "model = \"gpt-4o-mini\"",
        place: Place::ModelCalls,
        meaning: "The model that the call asks for. Required.",
    },
    Key {
        name: "tier",
        form: "tier = \"batch\"",
        place: Place::ModelCalls,
        meaning: "Your own grouping of models. Defaults to that of the workflow.",
    },
    Key {
        name: "usage",
        form: "usage = |output| output.usage",
        place: Place::ModelCalls,
        meaning: "The tokens that the call used. Defaults to the output's `HasUsage`.",
    },
    Key {
        name: "request",
        form: "request = body",
        place: Place::ModelCalls,
        meaning: "The request to the model, of which the span gets temperature, limits and formats.",
    },
    Key {
        name: "content",
        form: "content = |item| !item.text.is_empty()",
        place: Place::ModelCalls,
        meaning: "Decides which items of a stream are content. Defaults to all but known starts, ends and pings.",
    },
    Key {
        name: "labels",
        form: "labels(audience = audience)",
        place: Place::Anywhere,
        meaning: "Labels of the function's metrics.",
    },
    Key {
        name: "attributes",
        form: "attributes(\"document.pages\" = pages)",
        place: Place::Anywhere,
        meaning: "Attributes of the span, which never reach a metric.",
    },
    Key {
        name: "slo",
        form: "slo(availability = 99.9, latency = \"800ms\", latency_target = 95)",
        place: Place::Anywhere,
        meaning: "Objectives for availability and latency.",
    },
    Key {
        name: "buckets",
        form: "buckets = \"fast\"",
        place: Place::Anywhere,
        meaning: "The buckets of the duration histogram. Defaults to those of the type.",
    },
    Key {
        name: "error_type",
        form: "error_type = |error| error.kind()",
        place: Place::Anywhere,
        meaning: "The label `error_type` of a failed call. Defaults to the name of the error's type.",
    },
    Key {
        name: "ok_if",
        form: "ok_if = |output| output.accepted",
        place: Place::Anywhere,
        meaning: "Decides which outputs are a success. Defaults to all but `Err`.",
    },
    Key {
        name: "timeout_if",
        form: "timeout_if = |error| error.is_timeout()",
        place: Place::Anywhere,
        meaning: "Decides which further errors are timeouts. Defaults to none.",
    },
    Key {
        name: "outcome",
        form: "outcome = |output| outcome_of(output)",
        place: Place::Anywhere,
        meaning: "Decides the outcome of each call that returns. Defaults to what its output says.",
    },
    Key {
        name: "loop_guard",
        form: "loop_guard(repeats = 3, period = 3)",
        place: Place::Anywhere,
        meaning: "Stops a call that would repeat the latest calls of its run once more. Defaults to no guard.",
    },
    Key {
        name: "returns",
        form: "returns = future",
        place: Place::Anywhere,
        meaning: "Says whether the return type is a future, a stream or a value, where the compiler cannot tell.",
    },
    Key {
        name: "crate",
        form: "crate = ::renamed_runtime",
        place: Place::Anywhere,
        meaning: "The path of the runtime. Defaults to `::tta_runtime`.",
    },
    Key { name: "skip", form: "skip", place: Place::Method, meaning: "Leaves the method as it is." },
];

/// The named bucket sets, each with its constant in the runtime.
pub(crate) const BUCKET_SETS: &[(&str, &str)] = &[("fast", "FAST"), ("default", "DEFAULT"), ("llm", "LLM")];

/// The largest number of labels of one function. Each label at least doubles the number of series.
pub(crate) const MAX_LABELS: usize = 8;

/// The largest number of buckets of one histogram.
pub(crate) const MAX_BUCKETS: usize = 40;

/// The largest number of values that `top(…)` can show: with those that left the top, they are no more than those of `capped(…)`.
pub(crate) const MAX_TOP: usize = 24;

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

    const PAGE: &str = include_str!("primitive.md");

    /// Returns the page's text under a heading, up to the next heading of the same or a higher level.
    fn section(heading: &str) -> &'static str {
        let level = heading.split(' ').next().unwrap_or_default();
        let start = PAGE.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("primitive.md has no `{heading}`"));
        let rest = &PAGE[start + heading.len() + 1..];
        let higher = ["\n# ", "\n## ", "\n### "].iter().take(level.len());
        // Hidden lines of an example also start with `# `, but only a heading has an empty line before it.
        let end = higher.filter_map(|mark| rest.find(&format!("\n{mark}"))).min();
        end.map_or(rest, |end| &rest[..end])
    }

    /// Checks that the first table under a heading consists of these rows.
    fn check_table(heading: &str, columns: &str, rows: &[String]) {
        let rule = columns.split(" | ").map(|_| "---").collect::<Vec<_>>().join(" | ");
        let expected = format!("| {columns} |\n| {rule} |\n{}", rows.concat());
        let table = section(heading).lines().skip_while(|line| !line.starts_with('|'));
        let found: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
        assert!(
            found.join("\n") == expected.trim_end(),
            "write this table under `{heading}` in primitive.md:\n\n{expected}"
        );
    }

    #[test]
    fn the_page_has_the_table_of_keys() {
        let row = |key: &Key| {
            let Key { name, form, place, meaning } = key;
            format!("| [`{name}`](#{name}) | `{}` | {} | {meaning} |\n", form.replace('|', "\\|"), place.text())
        };
        let rows: Vec<String> = KEYS.iter().map(row).collect();
        check_table("# Keys", "key | example | allowed on | meaning", &rows);
    }

    #[test]
    fn the_page_has_a_section_with_an_example_for_each_key() {
        let headings: Vec<&str> = section("# Keys").lines().filter_map(|line| line.strip_prefix("### ")).collect();
        let expected: Vec<String> = KEYS.iter().map(|key| format!("`{}`", key.name)).collect();
        assert_eq!(headings, expected);
        for key in KEYS {
            let section = section(&format!("### `{}`", key.name));
            let parts = [
                "\n- Form: ".to_owned(),
                format!("\n- Allowed on: {}.\n", key.place.text()),
                "\n- Default: ".to_owned(),
                "\n\n```\n".to_owned(),
            ];
            for part in parts {
                assert!(section.contains(&part), "write {part:?} under `{}` in primitive.md", key.name);
            }
        }
    }

    #[test]
    fn the_page_has_the_table_of_types() {
        let row = |known: &Type| format!("| `{}` | `{}` |\n", known.name, known.actions.join("`, `"));
        let rows: Vec<String> = TYPES.iter().map(row).collect();
        check_table("# Vocabulary", "type | actions", &rows);
    }

    #[test]
    fn no_label_is_both_reserved_and_unbounded() {
        assert_eq!(RESERVED_LABELS.iter().filter(|name| UNBOUNDED_LABELS.contains(name)).count(), 0);
    }
}
