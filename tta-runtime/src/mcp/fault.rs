//! The error that a message was answered with.

use serde::Serialize;
use serde_json::Value;

use crate::label;
use crate::model::pick;

/// The error that a message was answered with, as read from the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: Kind,
    message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An error of JSON-RPC.
    Code(i64),
    /// A result that says that the tool failed.
    Tool,
    Other(&'static str),
}

/// The codes of JSON-RPC and MCP for requests that cannot be served, by the conventions no errors of the server: parse error,
/// invalid request, unknown method, invalid parameters, unknown resource.
const FAULTS_OF_CALLERS: [i64; 5] = [-32_700, -32_600, -32_601, -32_602, -32_002];

const IS_ERROR: &str = "isError";

impl Fault {
    /// Creates the error of JSON-RPC with this code, such as -32603. The message is redacted
    /// ([`Builder::redact`](crate::Builder::redact)) and becomes the description of the span's status.
    #[must_use]
    pub fn code(code: i64, message: impl Into<String>) -> Self {
        Self { kind: Kind::Code(code), message: Some(message.into()) }
    }

    /// Creates the error of a tool's result that says `isError`: `tool_error`.
    #[must_use]
    pub fn tool() -> Self {
        Self { kind: Kind::Tool, message: None }
    }

    /// Creates an error without a code, such as a transport that closed; `error_type` is a label of metrics.
    #[must_use]
    pub fn other(error_type: &'static str, message: impl Into<String>) -> Self {
        Self { kind: Kind::Other(error_type), message: Some(message.into()) }
    }

    /// Reads the result of a tool, in whatever type serialises as MCP's `CallToolResult`; `None` unless it says `isError`.
    ///
    /// The content of the result is not read.
    ///
    /// ```
    /// use serde_json::json;
    /// use tta_runtime::mcp::Fault;
    ///
    /// assert_eq!(Fault::in_result(&json!({ "content": [], "isError": true })), Some(Fault::tool()));
    /// assert_eq!(Fault::in_result(&json!({ "content": [] })), None);
    /// ```
    pub fn in_result<T: Serialize + ?Sized>(result: &T) -> Option<Self> {
        let known = pick(result, &|key| key == IS_ERROR);
        (known.get(IS_ERROR) == Some(&Value::Bool(true))).then(Self::tool)
    }

    /// Reads a response of JSON-RPC: its `error`, or a `result` that says `isError`.
    ///
    /// ```
    /// use serde_json::json;
    /// use tta_runtime::mcp::Fault;
    ///
    /// let response = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32603, "message": "no answer" } });
    /// assert_eq!(Fault::in_response(&response), Some(Fault::code(-32603, "no answer")));
    /// ```
    #[must_use]
    pub fn in_response(response: &Value) -> Option<Self> {
        let Some(error) = response.get("error").filter(|error| !error.is_null()) else {
            return Self::in_result(response.get("result")?);
        };
        let code = error.get("code").and_then(Value::as_i64).unwrap_or_default();
        let message = error.get("message").and_then(Value::as_str).map(str::to_owned);
        Some(Self { kind: Kind::Code(code), message })
    }

    pub(super) fn error_type(&self) -> &'static str {
        match self.kind {
            // Codes come from the other side: the cap on labels holds for them.
            Kind::Code(code) => label::capped("error_type", &code.to_string()),
            Kind::Tool => "tool_error",
            Kind::Other(error_type) => error_type,
        }
    }

    pub(super) fn status_code(&self) -> Option<i64> {
        match self.kind {
            Kind::Code(code) => Some(code),
            Kind::Tool | Kind::Other(_) => None,
        }
    }

    /// Returns whether the request could not be served, whoever sent it.
    pub(super) fn is_of_caller(&self) -> bool {
        self.status_code().is_some_and(|code| FAULTS_OF_CALLERS.contains(&code))
    }

    pub(super) fn into_message(self) -> Option<String> {
        self.message
    }
}
