//! The instruments of OpenTelemetry's view.

use super::{Instrument, Labels, Number, Others, Selection};
use crate::schema::Id;
use crate::schema::genai;
use crate::snapshot::RowKind;

/// The labels of all calls; own labels of annotated functions are kept.
const OF_CALLS: Labels = Labels {
    renamed: &[
        ("primitive_name", "primitive.name"),
        ("primitive_type", "primitive.type"),
        ("action", "primitive.action"),
        ("status", "execution.status"),
    ],
    others: Others::Stay,
};

const CACHE: Labels =
    Labels { renamed: &[("primitive_name", "primitive.name"), ("cache_type", "cache.type")], others: Others::Go };

/// Labels that are recorded under the semantic conventions' names.
const GENAI: Labels = Labels { renamed: &[], others: Others::Stay };

/// The same labels without `part`, which distinguishes the kinds of usage within one metric.
const GENAI_USAGE: Labels = Labels {
    renamed: &[
        (genai::OPERATION_NAME, genai::OPERATION_NAME),
        (genai::PROVIDER_NAME, genai::PROVIDER_NAME),
        (genai::REQUEST_MODEL, genai::REQUEST_MODEL),
        (genai::RESPONSE_MODEL, genai::RESPONSE_MODEL),
        (genai::TOKEN_MODALITY, genai::TOKEN_MODALITY),
    ],
    others: Others::Go,
};

/// The instruments of the view, whatever the state of the conventions.
pub(super) const INSTRUMENTS: &[Instrument] = &[
    Instrument {
        name: "primitive.execution.count",
        kind: RowKind::Counter,
        unit: "{execution}",
        help: "Calls that ended, by outcome: success, failure, timeout, cancelled or panicked.",
        labels: OF_CALLS,
        number: Number::Sum(&[Selection::all(Id::PrimitiveExecutions)]),
    },
    Instrument {
        name: "primitive.execution.duration",
        kind: RowKind::Histogram,
        unit: "ms",
        help: "Time from a call's start to its end, whatever the outcome.",
        labels: Labels {
            renamed: &[("primitive_name", "primitive.name"), ("primitive_type", "primitive.type")],
            others: Others::Stay,
        },
        number: Number::Sum(&[Selection::all(Id::ExecutionDuration)]),
    },
    Instrument {
        name: "primitive.connection.count",
        kind: RowKind::Counter,
        unit: "{connection}",
        help: "Calls from one primitive to another: the edges of the service map.",
        labels: Labels {
            renamed: &[
                ("source", "source.primitive"),
                ("target", "target.primitive"),
                ("connection_type", "connection.type"),
            ],
            others: Others::Go,
        },
        number: Number::Sum(&[Selection::all(Id::Connections)]),
    },
    Instrument {
        name: "llm.tokens.total",
        kind: RowKind::Counter,
        unit: "{token}",
        help: "Tokens used: input, cached_input, cache_write, output and reasoning, no token in two of them.",
        labels: Labels {
            renamed: &[("provider", "llm.provider"), ("model", "llm.model_name"), ("token_type", "llm.token_type")],
            others: Others::Go,
        },
        number: Number::Sum(&[Selection::all(Id::LlmTokens)]),
    },
    Instrument {
        name: "cache.hits",
        kind: RowKind::Counter,
        unit: "{lookup}",
        help: "Look-ups that the cache answered.",
        labels: CACHE,
        number: Number::Sum(&[Selection::only(Id::CacheOperations, &[("operation", &["hit"])])]),
    },
    Instrument {
        name: "cache.total",
        kind: RowKind::Counter,
        unit: "{lookup}",
        help: "Look-ups, whatever came of them.",
        labels: CACHE,
        number: Number::Sum(&[Selection::only(
            Id::CacheOperations,
            &[("operation", &["hit", "miss", "coalesced", "error"])],
        )]),
    },
    Instrument {
        name: "agent.workflows.active",
        kind: RowKind::Level,
        unit: "{workflow}",
        help: "Workflows in progress.",
        labels: Labels {
            renamed: &[("workflow_name", "workflow.name"), ("agent_type", "agent.type")],
            others: Others::Go,
        },
        number: Number::Sum(&[Selection::all(Id::WorkflowsActive)]),
    },
    Instrument {
        name: "slo.compliance",
        kind: RowKind::Gauge,
        unit: "1",
        help: "Share of the calls that met the objective, of those that it is about.",
        labels: Labels { renamed: &[("primitive_name", "primitive.name"), ("slo", "slo.name")], others: Others::Go },
        number: Number::Share {
            of: &[Selection::only(Id::SloEvents, &[("outcome", &["good"])])],
            among: &[Selection::all(Id::SloEvents)],
        },
    },
    of_kind(
        "gen_ai.execute_tool.duration",
        "Duration of a tool's execution.",
        GENAI,
        &[Selection::all(Id::GenAiToolDuration)],
    ),
    of_kind(
        "gen_ai.invoke_agent.duration",
        "Duration of an agent's invocation, within this process.",
        GENAI,
        &[Selection::all(Id::GenAiAgentDuration)],
    ),
    Instrument {
        unit: "{inference_call}",
        ..of_kind(
            "gen_ai.invoke_agent.inference_calls",
            "Calls to models that an agent made in one invocation, those of agents inside left out.",
            GENAI,
            &[Selection::all(Id::GenAiAgentInferenceCalls)],
        )
    },
    Instrument {
        unit: "{tool_call}",
        ..of_kind(
            "gen_ai.invoke_agent.tool_calls",
            "Calls of tools that an agent made in one invocation, those of agents inside left out.",
            GENAI,
            &[Selection::all(Id::GenAiAgentToolCalls)],
        )
    },
    of_kind(
        "gen_ai.invoke_workflow.duration",
        "Duration of a workflow, from its start to its end.",
        GENAI,
        &[Selection::all(Id::GenAiWorkflowDuration)],
    ),
];

/// The durations of the Model Context Protocol, which have these names in every view.
pub(super) const MCP: &[Instrument] = &[
    of_models(
        "mcp.client.operation.duration",
        "Duration of a message of the Model Context Protocol, as its sender saw it.",
        &[Selection::all(Id::McpClientDuration)],
    ),
    of_models(
        "mcp.server.operation.duration",
        "Duration of a message of the Model Context Protocol, as its receiver saw it.",
        &[Selection::all(Id::McpServerDuration)],
    ),
    of_models(
        "mcp.client.session.duration",
        "Duration of a session of the Model Context Protocol, as its client saw it.",
        &[Selection::all(Id::McpClientSessionDuration)],
    ),
    of_models(
        "mcp.server.session.duration",
        "Duration of a session of the Model Context Protocol, as its server saw it.",
        &[Selection::all(Id::McpServerSessionDuration)],
    ),
];

/// The names that most backends know: embeddings are operations as inference is.
pub(super) const TODAY: &[Instrument] = &[
    of_models("gen_ai.client.operation.duration", DURATION, &[Selection::all(Id::GenAiOperationDuration)]),
    of_models("gen_ai.client.operation.time_to_first_chunk", FIRST_CHUNK, &[Selection::all(Id::GenAiTimeToFirstChunk)]),
    of_models(
        "gen_ai.client.operation.time_per_output_chunk",
        NEXT_CHUNK,
        &[Selection::all(Id::GenAiTimePerOutputChunk)],
    ),
    tokens("gen_ai.client.inference.operation.input_tokens", INPUT_TOKENS, &[Selection::all(Id::GenAiInputTokens)]),
    tokens("gen_ai.client.inference.operation.output_tokens", OUTPUT_TOKENS, &[Selection::all(Id::GenAiOutputTokens)]),
    usage("gen_ai.client.inference.usage.input_tokens", INPUT_USED, &[part(&[("part", &["input"])])]),
    usage("gen_ai.client.inference.usage.output_tokens", OUTPUT_USED, &[part(&[("part", &["output"])])]),
    usage("gen_ai.client.inference.usage.cache_read.input_tokens", CACHE_READ, &[part(&[("part", &["cache_read"])])]),
    usage(
        "gen_ai.client.inference.usage.cache_write.input_tokens",
        CACHE_WRITE,
        &[part(&[("part", &["cache_write"])])],
    ),
    usage("gen_ai.client.inference.usage.reasoning.output_tokens", REASONING, &[part(&[("part", &["reasoning"])])]),
];

/// The names since inference has metrics of its own, with `gen_ai_latest_experimental`.
pub(super) const LATEST: &[Instrument] = &[
    of_models("gen_ai.client.inference.duration", DURATION, &[inference(Id::GenAiOperationDuration, &[])]),
    of_models("gen_ai.client.inference.time_to_first_chunk", FIRST_CHUNK, &[Selection::all(Id::GenAiTimeToFirstChunk)]),
    of_models(
        "gen_ai.client.inference.time_per_output_chunk",
        NEXT_CHUNK,
        &[Selection::all(Id::GenAiTimePerOutputChunk)],
    ),
    tokens("gen_ai.client.inference.operation.input_tokens", INPUT_TOKENS, &[inference(Id::GenAiInputTokens, &[])]),
    tokens("gen_ai.client.inference.operation.output_tokens", OUTPUT_TOKENS, &[Selection::all(Id::GenAiOutputTokens)]),
    usage(
        "gen_ai.client.inference.usage.input_tokens",
        INPUT_USED,
        &[inference(Id::GenAiUsage, &[("part", &["input"])])],
    ),
    usage(
        "gen_ai.client.inference.usage.output_tokens",
        OUTPUT_USED,
        &[inference(Id::GenAiUsage, &[("part", &["output"])])],
    ),
    usage(
        "gen_ai.client.inference.usage.cache_read.input_tokens",
        CACHE_READ,
        &[inference(Id::GenAiUsage, &[("part", &["cache_read"])])],
    ),
    usage(
        "gen_ai.client.inference.usage.cache_write.input_tokens",
        CACHE_WRITE,
        &[inference(Id::GenAiUsage, &[("part", &["cache_write"])])],
    ),
    usage(
        "gen_ai.client.inference.usage.reasoning.output_tokens",
        REASONING,
        &[inference(Id::GenAiUsage, &[("part", &["reasoning"])])],
    ),
    of_models(
        "gen_ai.client.embeddings.duration",
        "Duration of an operation that makes embeddings.",
        &[Selection::only(Id::GenAiOperationDuration, EMBEDDINGS)],
    ),
    tokens(
        "gen_ai.client.embeddings.operation.input_tokens",
        "Input tokens of one operation that makes embeddings.",
        &[Selection::only(Id::GenAiInputTokens, EMBEDDINGS)],
    ),
];

const DURATION: &str = "GenAI operation duration.";
const FIRST_CHUNK: &str = "Time to receive the first chunk, from the start of the request.";
const NEXT_CHUNK: &str = "Time to receive one more chunk, from the end of the chunk before.";
const INPUT_TOKENS: &str = "Input tokens of one operation, cached ones included.";
const OUTPUT_TOKENS: &str = "Output tokens of one operation, those of reasoning included.";
const INPUT_USED: &str = "Input tokens used, cached ones included.";
const OUTPUT_USED: &str = "Output tokens used, those of reasoning included.";
const CACHE_READ: &str = "Input tokens that the provider read from its cache.";
const CACHE_WRITE: &str = "Input tokens that the provider wrote to its cache.";
const REASONING: &str = "Output tokens that were used for reasoning.";

const EMBEDDINGS: &[(&str, &[&str])] = &[(genai::OPERATION_NAME, &[genai::EMBEDDINGS])];

type Kinds = &'static [(&'static str, &'static [&'static str])];

/// Selects one kind of the tokens that were used.
const fn part(kind: Kinds) -> Selection {
    Selection::only(Id::GenAiUsage, kind)
}

/// Selects series that are not about embeddings: of these kinds, or all if there are none.
const fn inference(metric: Id, kinds: Kinds) -> Selection {
    Selection { metric, only: kinds, except: EMBEDDINGS, set: &[] }
}

const fn of_models(name: &'static str, help: &'static str, parts: &'static [Selection]) -> Instrument {
    of_kind(name, help, GENAI, parts)
}

const fn of_kind(name: &'static str, help: &'static str, labels: Labels, parts: &'static [Selection]) -> Instrument {
    Instrument { name, kind: RowKind::Histogram, unit: "s", help, labels, number: Number::Sum(parts) }
}

const fn tokens(name: &'static str, help: &'static str, parts: &'static [Selection]) -> Instrument {
    Instrument { unit: "{token}", ..of_models(name, help, parts) }
}

const fn usage(name: &'static str, help: &'static str, parts: &'static [Selection]) -> Instrument {
    Instrument { name, kind: RowKind::Counter, unit: "{token}", help, labels: GENAI_USAGE, number: Number::Sum(parts) }
}

/// The single token instrument of earlier semantic conventions.
pub(super) const TOKEN_USAGE: &[Instrument] = &[Instrument {
    name: "gen_ai.client.token.usage",
    kind: RowKind::Histogram,
    unit: "{token}",
    help: "Input and output tokens of one operation.",
    labels: GENAI,
    number: Number::Sum(&[
        Selection { metric: Id::GenAiInputTokens, only: &[], except: &[], set: &[(genai::TOKEN_TYPE, "input")] },
        Selection { metric: Id::GenAiOutputTokens, only: &[], except: &[], set: &[(genai::TOKEN_TYPE, "output")] },
    ]),
}];
