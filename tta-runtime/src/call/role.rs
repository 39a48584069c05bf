//! The role of a call: workflow, agent or model call.

use std::sync::Arc;

use super::{Live, ModelInputs, conventions, streaming};
use crate::clock::Monotonic;
use crate::context::frame::Frame;
use crate::llm::charging;
use crate::metric::Sampled;
use crate::model::{ModelName, PriceBasis, Usage, WorkflowRun};
use crate::outcome::Outcome;
use crate::schema::{Id, genai};
use crate::site::{Constants, Role};
use crate::span;
use crate::workflow_attributes::WorkflowAttributes;
use crate::workflow_id::WorkflowId;
use crate::workflow_name::WorkflowName;

impl Live {
    /// Sets the workflow, the agent or the model of the call's frame, as its role says.
    #[inline(never)]
    pub(super) fn assume_role(&mut self, model: ModelInputs) {
        let Constants { role, name, primitive_type, .. } = self.site().constants;
        let invokes_agent = self.site().constants.invokes_agent();
        let cells = self.cells();
        let frame = &mut self.frame;
        match role {
            Role::Workflow => {
                let mut workflow = frame.workflow.as_deref().cloned().unwrap_or_default();
                let [workflow_id, correlation_id] = WorkflowId::pair();
                if workflow.in_workflow || workflow.workflow_id.is_none() {
                    workflow.workflow_id = Some(workflow_id);
                }
                workflow.in_workflow = true;
                if let Some(costs) = &cells.run_costs {
                    workflow.run = Some(WorkflowRun::begin(workflow.run.as_ref(), costs));
                }
                workflow.begin_agent_run();
                workflow.workflow_name = Some(WorkflowName::OfFunction(name));
                workflow.correlation_id.get_or_insert(correlation_id);
                frame.workflow = Some(Arc::new(workflow));
                self.count_active_workflow(1);
            }
            Role::Agent => {
                let mut workflow = frame.workflow.as_deref().cloned().unwrap_or_default();
                // A plan is a part of the run in which it is made.
                if invokes_agent {
                    workflow.invoke_agent();
                }
                workflow.agent_type = Some(name.into());
                frame.workflow = Some(Arc::new(workflow));
            }
            Role::Model => {
                let ModelInputs { provider, model, tier } = model;
                let mut call = charging::begin(provider, model, tier, frame.workflow.as_ref());
                call.is_embedding = primitive_type == "embedding";
                call.cells = cells.model.as_ref();
                let run = frame.workflow.as_ref().and_then(|workflow| workflow.run.as_ref());
                call.run = run.and_then(WorkflowRun::join);
                let agent_run = frame.workflow.as_ref().and_then(|workflow| workflow.agent_run.as_ref());
                if let Some(agent_run) = agent_run.filter(|_| !call.is_embedding) {
                    agent_run.count_inference();
                }
                for ledger in frame.workflow.iter().flat_map(|workflow| &workflow.ledgers) {
                    ledger.begin_call();
                }
                frame.model = Some(Box::new(call));
            }
            Role::Tool | Role::Retrieval | Role::Other => {}
        }
    }

    /// Adds `n` to the gauge of active workflows.
    pub(super) fn count_active_workflow(&self, n: i64) {
        let labels = [self.site().constants.name, WorkflowAttributes::agent_label(self.frame.workflow.as_ref())];
        self.frame.recorder.add_to_gauge(&self.cells().active, Id::WorkflowsActive, &labels, n);
    }

    /// Counts the call of a tool in the invocation of the agent that makes it.
    #[inline]
    pub(super) fn count_tool_call(&self) {
        if let Some(run) = self.frame.workflow.as_ref().and_then(|workflow| workflow.agent_run.as_ref()) {
            run.count_tool_call();
        }
    }

    /// Observes how many calls the agent made in the invocation that ends.
    pub(super) fn end_invocation(&self, at: Monotonic) {
        let Some(near) = &self.cells().invocations else { return };
        let run = self.frame.workflow.as_ref().and_then(|workflow| workflow.agent_run.as_ref());
        let Some(calls) = run.and_then(|run| run.calls()) else { return };
        let Frame { recorder, record, .. } = &self.frame;
        let sampled = record.as_ref().map(|record| Sampled { span: record.ids, at });
        let ids = [Id::GenAiAgentInferenceCalls, Id::GenAiAgentToolCalls];
        for ((near, id), calls) in near.iter().zip(ids).zip(calls) {
            recorder.add_near(Some(near), sampled, id, &[self.site().constants.name], calls);
        }
    }

    /// Ends the workflow's run, whose cost is counted once all calls inside have ended.
    pub(super) fn end_run(&self) {
        if let Some(run) = self.frame.workflow.as_ref().and_then(|workflow| workflow.run.as_ref()) {
            run.leave();
        }
    }

    /// Counts the usage, the duration and the outcome of a model call.
    pub(super) fn end_model_call(
        &mut self,
        outcome: Outcome,
        at: Monotonic,
        usage: Option<Usage>,
        error: Option<&str>,
    ) {
        let recorder = self.frame.recorder;
        let Some(call) = &mut self.frame.model else { return };
        let inner = call.end_inner();
        let own = usage.or_else(|| call.streamed_usage.take());
        // What the calls inside report is a part of what this one reports.
        let inner = if own.is_none() && call.reported.is_empty() { inner } else { Vec::new() };
        for usage in own.into_iter().chain(inner) {
            charging::record_usage(
                recorder,
                call,
                self.frame.workflow.as_ref(),
                self.frame.record.as_deref_mut(),
                usage,
            );
        }
        // Usage that was reported inside a block is missing on the call's span: set it here.
        if let Some(record) = &mut self.frame.record
            && !call.reported.is_empty()
        {
            span::set_response(record, &call.reported, &call.cost);
            if call.cost.known().is_none() {
                record.rare().late_cost = Some(Arc::clone(&call.cost));
            } else if let Some(rare) = &mut record.rare {
                rare.late_cost = None;
            }
        }
        #[cfg(feature = "page")]
        if recorder.keeps_usages()
            && let Some(record) = &mut self.frame.record
        {
            record.keep_usages(&call.reported);
        }
        charging::count_by_price(recorder, call, self.frame.workflow.as_ref());
        if let Some(record) = self.frame.record.as_mut().filter(|_| call.reported.iter().all(Usage::is_empty)) {
            record.set(span::cost_basis(PriceBasis::NoUsage));
        }
        let ModelName { provider, model } = &call.name;
        let sampled = call.sampled(recorder);
        let duration = at.0.saturating_sub(self.start.0);
        let near = call.cells.map(|cells| &cells.calls);
        recorder.add_near(near, sampled, Id::LlmCalls, &[provider, model, outcome.as_str()], duration);
        if let Some(nanoseconds) = streaming::time_per_output_token(call, outcome, at) {
            recorder.add_of(sampled, Id::LlmTimePerOutputToken, &[provider, model], nanoseconds);
        }
        if let Some(call) = &self.frame.model {
            let constants = &self.site().constants;
            let operation = genai::operation(constants.primitive_type, constants.action).unwrap_or_default();
            conventions::count(recorder, operation, call, (self.start, at), error);
        }
    }
}
