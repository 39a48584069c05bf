//! A request or notification: its method, and what it is about.

use serde_json::Value;

use crate::text::{self, LONGEST_LABEL};

/// A request or notification, as spans and metrics describe it.
///
/// The method and the names of tools and prompts are labels of metrics: at most 128 bytes of each are kept, and the values beyond the first
/// 50 of each label are `other`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Message {
    pub(super) method: String,
    pub(super) target: Target,
    /// The `id` of a request.
    pub(super) request_id: Option<String>,
}

/// The thing that a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Nothing,
    Tool(String),
    Prompt(String),
    /// The URI of a resource, which is no label.
    Resource(String),
}

const CALL_TOOL: &str = "tools/call";
const GET_PROMPT: &str = "prompts/get";

impl Message {
    /// Creates a message that is about nothing in particular, such as `initialize` or `tools/list`.
    pub fn of(method: impl Into<String>) -> Self {
        Self { method: label(&method.into()), target: Target::Nothing, request_id: None }
    }

    /// Creates a call of the tool with this name: `tools/call`.
    pub fn tool(name: impl Into<String>) -> Self {
        Self { target: Target::Tool(label(&name.into())), ..Self::of(CALL_TOOL) }
    }

    /// Creates a request for the prompt with this name: `prompts/get`.
    pub fn prompt(name: impl Into<String>) -> Self {
        Self { target: Target::Prompt(label(&name.into())), ..Self::of(GET_PROMPT) }
    }

    /// Creates a message about a resource, such as `resources/read`.
    pub fn resource(method: impl Into<String>, uri: impl Into<String>) -> Self {
        Self { target: Target::Resource(uri.into()), ..Self::of(method) }
    }

    /// Sets the `id` of the request, a number or a text; a notification has none.
    pub fn with_request_id(mut self, id: &impl ToString) -> Self {
        self.request_id = Some(id.to_string());
        self
    }

    /// Reads a message of JSON-RPC: its method, its `id`, and the tool, prompt or resource in its parameters.
    ///
    /// ```
    /// use serde_json::json;
    /// use tta_runtime::mcp::Message;
    ///
    /// let request = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "forecast" } });
    /// assert_eq!(Message::read(&request), Message::tool("forecast").with_request_id(&7));
    /// ```
    pub fn read(message: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let (method, params) = (text(message.get("method")), message.get("params"));
        let name = text(params.and_then(|params| params.get("name")));
        let read = match (method.as_str(), params.and_then(|params| params.get("uri"))) {
            (CALL_TOOL, _) => Self::tool(name),
            (GET_PROMPT, _) => Self::prompt(name),
            (_, Some(Value::String(uri))) => Self::resource(method, uri),
            _ => Self::of(method),
        };
        match message.get("id") {
            Some(Value::String(id)) => read.with_request_id(id),
            Some(Value::Number(id)) => read.with_request_id(id),
            _ => read,
        }
    }

    pub(super) fn tool_name(&self) -> Option<&str> {
        if let Target::Tool(name) = &self.target { Some(name) } else { None }
    }

    pub(super) fn prompt_name(&self) -> Option<&str> {
        if let Target::Prompt(name) = &self.target { Some(name) } else { None }
    }

    pub(super) fn resource_uri(&self) -> Option<&str> {
        if let Target::Resource(uri) = &self.target { Some(uri) } else { None }
    }
}

fn label(text: &str) -> String {
    text::clean(text, LONGEST_LABEL).into_owned()
}
