//! The Model Context Protocol (MCP): requests and notifications as calls, in one trace on both sides.
//!
//! A [`Session`] makes each message that is sent, and each that is served, a primitive of the type `mcp`. Spans have the kind
//! `CLIENT` or `SERVER`, and the names and attributes of OpenTelemetry's conventions for MCP; the metrics
//! `mcp.client.operation.duration` and `mcp.server.operation.duration` have the same attributes, in the views that have the
//! conventions' names. [`Session::open_as_client`] and [`Session::open_as_server`] count the durations of sessions. The trace travels in `params._meta`, whatever the transport is. Nothing here depends on a crate for MCP:
//! metadata is a JSON object, which is what the types of `rmcp` hold (the repository's `docs/integrations.md` has the lines).
//!
//! ```
//! use serde_json::{Value, json};
//! use tta_runtime::mcp::{Fault, Message, Session};
//!
//! async fn answer(request: &Value, session: &Session) -> Value {
//!     let message = Message::read(request);
//!     let meta = request["params"]["_meta"].as_object().cloned().unwrap_or_default();
//!     let work = async { json!({ "jsonrpc": "2.0", "id": 1, "result": { "isError": true, "content": [] } }) };
//!     session.serve(&message, &meta, work, Fault::in_response).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (client, server) = (Session::named("weather"), Session::named("weather"));
//! let message = Message::tool("forecast").with_request_id(&1);
//! let send = async |meta| {
//!     let params = json!({ "name": "forecast", "_meta": Value::Object(meta) });
//!     answer(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }), &server).await
//! };
//! let response = client.send(&message, send, Fault::in_response).await;
//! assert_eq!(response["result"]["isError"], true);
//! assert!(tta_runtime::metrics_text().contains(
//!     r#"tta_primitive_errors_total{primitive_type="mcp",primitive_name="weather",error_type="tool_error"} 2"#
//! ));
//! # }
//! ```

mod fault;
mod message;
mod meta;
mod open_session;
mod operation;
mod session;

pub use self::fault::Fault;
pub use self::message::Message;
pub use self::meta::{extract, inject};
pub use self::open_session::OpenSession;
pub use self::operation::Traced;
pub use self::session::{Session, Transport};
