//! Every type of the vocabulary with each of its actions.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "workflow", action = "execute")]
fn workflow_execute() {}

#[primitive(type = "agent", action = "invoke")]
fn agent_invoke() {}

#[primitive(type = "agent", action = "plan")]
fn agent_plan() {}

#[primitive(type = "agent", action = "handoff")]
fn agent_handoff() {}

#[primitive(type = "llm", action = "generate", provider = "p", model = "m", usage = none)]
fn llm_generate() {}

#[primitive(type = "llm", action = "chat", provider = "p", model = "m", usage = none)]
fn llm_chat() {}

#[primitive(type = "llm", action = "complete", provider = "p", model = "m", usage = none)]
fn llm_complete() {}

#[primitive(type = "llm", action = "stream", provider = "p", model = "m", usage = none)]
fn llm_stream() {}

#[primitive(type = "embedding", action = "embed", provider = "p", model = "m", usage = none)]
fn embedding_embed() {}

#[primitive(type = "tool", action = "call")]
fn tool_call() {}

#[primitive(type = "retrieval", action = "search")]
fn retrieval_search() {}

#[primitive(type = "retrieval", action = "rerank")]
fn retrieval_rerank() {}

#[primitive(type = "memory", action = "store")]
fn memory_store() {}

#[primitive(type = "memory", action = "lookup")]
fn memory_lookup() {}

#[primitive(type = "memory", action = "search")]
fn memory_search() {}

#[primitive(type = "processor", action = "process")]
fn processor_process() {}

#[primitive(type = "processor", action = "transform")]
fn processor_transform() {}

#[primitive(type = "validator", action = "validate")]
fn validator_validate() {}

#[primitive(type = "validator", action = "check")]
fn validator_check() {}

#[primitive(type = "guardrail", action = "check")]
fn guardrail_check() {}

#[primitive(type = "router", action = "route")]
fn router_route() {}

#[primitive(type = "cache", action = "lookup")]
fn cache_lookup() {}

#[primitive(type = "cache", action = "store")]
fn cache_store() {}

#[primitive(type = "sequential", action = "execute")]
fn sequential_execute() {}

#[primitive(type = "parallel", action = "execute")]
fn parallel_execute() {}

#[primitive(type = "conditional", action = "execute")]
fn conditional_execute() {}

#[primitive(type = "retry", action = "execute")]
fn retry_execute() {}

#[primitive(type = "fallback", action = "execute")]
fn fallback_execute() {}

#[primitive(type = "timeout", action = "execute")]
fn timeout_execute() {}

#[primitive(type = "circuit_breaker", action = "execute")]
fn circuit_breaker_execute() {}

pub(crate) fn main() {
    workflow_execute();
    agent_invoke();
    agent_plan();
    agent_handoff();
    llm_generate();
    llm_chat();
    llm_complete();
    llm_stream();
    embedding_embed();
    tool_call();
    retrieval_search();
    retrieval_rerank();
    memory_store();
    memory_lookup();
    memory_search();
    processor_process();
    processor_transform();
    validator_validate();
    validator_check();
    guardrail_check();
    router_route();
    cache_lookup();
    cache_store();
    sequential_execute();
    parallel_execute();
    conditional_execute();
    retry_execute();
    fallback_execute();
    timeout_execute();
    circuit_breaker_execute();
}
