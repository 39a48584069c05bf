//! The attributes of the workflow that a call runs in.

use std::sync::Arc;

use opentelemetry::trace::TraceState;

use crate::agent_run::{AgentRun, Attempt};
use crate::model::{Ledger, ModelName, WorkflowRun};
use crate::text_pairs::TextPairs;
use crate::workflow_id::WorkflowId;
use crate::workflow_name::WorkflowName;

/// The attributes of a workflow, which follow its tasks. Calls share them and never change them.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkflowAttributes {
    /// True inside a workflow call: a workflow nested in it gets its own id.
    pub(crate) in_workflow: bool,
    pub(crate) workflow_id: Option<WorkflowId>,
    pub(crate) workflow_name: Option<WorkflowName>,
    pub(crate) session_id: Option<Arc<str>>,
    pub(crate) correlation_id: Option<WorkflowId>,
    pub(crate) causation_id: Option<Arc<str>>,
    pub(crate) agent_id: Option<Arc<str>>,
    pub(crate) agent_type: Option<Arc<str>>,
    pub(crate) tenant: Option<Arc<str>>,
    pub(crate) provider: Option<Arc<str>>,
    pub(crate) model: Option<Arc<str>>,
    pub(crate) tier: Option<Arc<str>>,
    pub(crate) tags: TextPairs,
    pub(crate) baggage: TextPairs,
    /// The properties of baggage that another process sent, which are passed on.
    pub(crate) baggage_properties: TextPairs,
    /// The `tracestate` of the remote parent, which is passed on.
    pub(crate) trace_state: TraceState,
    /// The ledgers that sum up the cost of calls.
    pub(crate) ledgers: Vec<Arc<Ledger>>,
    /// The run of the innermost workflow.
    pub(crate) run: Option<Arc<WorkflowRun>>,
    /// The run of the innermost agent, workflow or new context, whose steps are guarded.
    pub(crate) agent_run: Option<Arc<AgentRun>>,
    /// The attempt of the work inside: the calls of a repeated one are no steps of their own.
    pub(crate) attempt: Attempt,
    /// The models that the enclosing router can choose from.
    pub(crate) alternatives: Option<Arc<[ModelName]>>,
}

impl WorkflowAttributes {
    /// Begins the run of a workflow or a new context inside of the current one.
    pub(crate) fn begin_agent_run(&mut self) {
        let attempt = std::mem::take(&mut self.attempt);
        self.agent_run = Some(AgentRun::begin(self.agent_run.as_ref(), attempt));
    }

    /// Begins the invocation of an agent inside of the current run.
    pub(crate) fn invoke_agent(&mut self) {
        let attempt = std::mem::take(&mut self.attempt);
        self.agent_run = Some(AgentRun::invoke_agent(self.agent_run.as_ref(), attempt));
    }

    /// Returns the workflow's name, empty outside of workflows.
    pub(crate) fn workflow_label(attributes: Option<&Arc<Self>>) -> &str {
        attributes.and_then(|attributes| attributes.workflow_name.as_deref()).unwrap_or_default()
    }

    /// Returns the agent's type, empty outside of agents.
    pub(crate) fn agent_label(attributes: Option<&Arc<Self>>) -> &str {
        attributes.and_then(|attributes| attributes.agent_type.as_deref()).unwrap_or_default()
    }
}
