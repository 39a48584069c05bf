//! The call of a message: it ends with the answer.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use opentelemetry::KeyValue;
use pin_project_lite::pin_project;

use super::fault::Fault;
use super::message::Message;
use crate::call::Call;
use crate::call::classification::CallEnd;
use crate::context::frame;
use crate::label;
use crate::outcome::Outcome;
use crate::panics::caught;
use crate::schema::{Id, genai};

/// The call of a message; its duration is counted whether it is answered, is dropped or panics.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) call: Call,
    /// The metric of the duration, that of the client or of the server.
    pub(super) duration: Id,
    pub(super) message: Message,
    pub(super) protocol_version: Option<String>,
    pub(super) transport: &'static str,
}

impl Operation {
    /// Runs a part of the work inside the call. A panic ends the call, and goes on.
    pub(super) fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        match self.call.run(|| catch_unwind(AssertUnwindSafe(work))) {
            Ok(output) => output,
            Err(panic) => {
                // Counted while the call still knows its start.
                self.count("panic");
                self.call.run(|| resume_unwind(panic))
            }
        }
    }

    fn answer(&mut self, fault: Option<Fault>) {
        let mut end = CallEnd::new(self.call.is_recorded());
        let mut error_type = "";
        if let Some(fault) = fault {
            if let Some(code) = fault.status_code() {
                self.call.set(KeyValue::new(genai::RPC_STATUS_CODE, code.to_string()));
            }
            if self.duration == Id::McpClientDuration || !fault.is_of_caller() {
                error_type = fault.error_type();
                end.outcome = Outcome::Failure;
                end.error_type(Some(error_type));
                end.message = fault.into_message();
            }
        }
        self.count(error_type);
        self.call.finish_with(end);
    }

    fn count(&self, error_type: &str) {
        let Message { method, .. } = &self.message;
        // Names and versions come from the other side: the cap on labels holds for them.
        let named = |label, name: Option<&str>| name.map_or("", |name| label::capped(label, name));
        let tool = named(genai::TOOL_NAME, self.message.tool_name());
        let labels = [
            label::capped(genai::MCP_METHOD_NAME, method),
            if tool.is_empty() { "" } else { genai::EXECUTE_TOOL },
            tool,
            named(genai::PROMPT_NAME, self.message.prompt_name()),
            named(genai::MCP_PROTOCOL_VERSION, self.protocol_version.as_deref()),
            self.transport,
            error_type,
        ];
        self.call.add_duration(self.duration, &labels);
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if self.call.is_observed() {
            self.count(frame::outcome_if_dropped().as_str());
        }
    }
}

pin_project! {
    /// The future of a message that is a call; see [`Session::send`](super::Session::send).
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct Traced<F, R> {
        #[pin]
        work: Option<F>,
        operation: Option<Operation>,
        fault: Option<R>,
    }

    impl<F, R> PinnedDrop for Traced<F, R> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            match this.operation {
                Some(operation) => operation.call.drop_inside(|| this.work.set(None)),
                None => this.work.set(None),
            }
        }
    }
}

impl<F, R> Traced<F, R> {
    pub(super) fn new(work: F, operation: Operation, fault: R) -> Self {
        Self { work: Some(work), operation: Some(operation), fault: Some(fault) }
    }
}

impl<T, F: Future<Output = T>, R: FnOnce(&T) -> Option<Fault>> Future for Traced<F, R> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let this = self.project();
        let (Some(work), Some(operation)) = (this.work.as_pin_mut(), this.operation.as_mut()) else {
            return Poll::Pending;
        };
        let answer = ready!(operation.run(|| work.poll(context)));
        // The closure is user code: if it panics, the answer counts as one without a fault.
        let fault = this.fault.take().and_then(|fault| caught(|| fault(&answer)).flatten());
        if let Some(mut operation) = this.operation.take() {
            operation.answer(fault);
        }
        Poll::Ready(answer)
    }
}
