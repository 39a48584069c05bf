//! What is known about the workflow that a call runs in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use opentelemetry::trace::TraceState;

use crate::model::{Ledger, ModelName};

/// The attributes that travel with a task; shared by all calls under them, changed by none.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkflowAttributes {
    /// Whether a workflow has begun under these attributes: a workflow inside it gets an identifier of its own.
    pub(crate) in_workflow: bool,
    pub(crate) workflow_id: Option<Arc<str>>,
    pub(crate) workflow_name: Option<Arc<str>>,
    pub(crate) session_id: Option<Arc<str>>,
    pub(crate) correlation_id: Option<Arc<str>>,
    pub(crate) causation_id: Option<Arc<str>>,
    pub(crate) agent_id: Option<Arc<str>>,
    pub(crate) agent_type: Option<Arc<str>>,
    pub(crate) provider: Option<Arc<str>>,
    pub(crate) model: Option<Arc<str>>,
    pub(crate) tier: Option<Arc<str>>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) baggage: BTreeMap<String, String>,
    pub(crate) deadline: Option<Instant>,
    /// What a remote parent sent along for the tracing systems on the way.
    pub(crate) trace_state: TraceState,
    /// Who wants to know what calls under here cost.
    pub(crate) ledgers: Vec<Arc<Ledger>>,
    /// The models that a router could have taken instead.
    pub(crate) alternatives: Option<Arc<[ModelName]>>,
}

impl WorkflowAttributes {
    /// Returns the workflow's name, empty outside of any workflow.
    pub(crate) fn workflow_label(attributes: Option<&Arc<Self>>) -> &str {
        attributes.and_then(|attributes| attributes.workflow_name.as_deref()).unwrap_or_default()
    }

    /// Returns the agent's type, empty outside of any agent.
    pub(crate) fn agent_label(attributes: Option<&Arc<Self>>) -> &str {
        attributes.and_then(|attributes| attributes.agent_type.as_deref()).unwrap_or_default()
    }
}
