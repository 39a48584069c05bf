//! One side of a session: it sends messages, and serves those of the other side.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::message::Message;
use super::meta::{self, TRACEPARENT};
use super::operation::{Operation, Traced};
use crate::attribute::Attributes;
use crate::call::{self, Call, Inputs};
use crate::schema::{Id, buckets, genai};
use crate::site::{CallSite, Role};

/// The transport of a session: the attribute `network.transport`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// Standard input and output, or another pipe.
    Pipe,
    /// HTTP 1.1 or 2.
    Tcp,
    /// HTTP 3.
    Quic,
}

impl Transport {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pipe => "pipe",
            Self::Tcp => "tcp",
            Self::Quic => "quic",
        }
    }
}

/// One side of sessions with a server; see the [module](super).
///
/// Create one for a server, and clone it to set what differs between sessions.
#[derive(Clone, Debug)]
#[must_use]
pub struct Session {
    client: &'static CallSite,
    server: &'static CallSite,
    transport: Option<Transport>,
    protocol_version: Option<String>,
    id: Option<String>,
    server_address: Option<String>,
    server_port: Option<u16>,
}

impl Session {
    /// Creates one side of sessions with the server of this name, a label of metrics.
    ///
    /// The session keeps memory for the life of the process, as an annotated function does: create it once.
    #[track_caller]
    pub fn named(server: &'static str) -> Self {
        let [request, serve] = [("request", "primitive.mcp.request"), ("serve", "primitive.mcp.serve")]
            .map(|(action, span)| ["mcp", action, server, span, server]);
        // Not in a closure: the sites are where the program creates its session.
        Self {
            client: CallSite::dynamic(Role::Other, request, buckets::DEFAULT),
            server: CallSite::dynamic(Role::Other, serve, buckets::DEFAULT),
            transport: None,
            protocol_version: None,
            id: None,
            server_address: None,
            server_port: None,
        }
    }

    /// Sets the transport: `network.transport`.
    pub fn with_transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets the version of the protocol that both sides agreed on, such as `2025-11-25`: `mcp.protocol.version`.
    pub fn with_protocol_version(mut self, version: impl Into<String>) -> Self {
        self.protocol_version = Some(version.into());
        self
    }

    /// Sets the identifier of the session, which is on spans alone: `mcp.session.id`.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the server's address and port, which are on the spans of messages that are sent: `server.address`, `server.port`.
    pub fn with_server_address(mut self, address: impl Into<String>, port: u16) -> Self {
        (self.server_address, self.server_port) = (Some(address.into()), Some(port));
        self
    }

    pub(super) fn protocol_version(&self) -> Option<&str> {
        self.protocol_version.as_deref()
    }

    pub(super) fn transport(&self) -> &'static str {
        self.transport.map_or("", Transport::as_str)
    }

    /// Sends a message as a call. `send` gets the metadata that carries the trace, for `params._meta`.
    ///
    /// `fault` reads the error of the answer, such as [`Fault::in_response`]; every fault makes the call a failure.
    pub fn send<T, F: Future<Output = T>, R: FnOnce(&T) -> Option<Fault>>(
        &self,
        message: &Message,
        send: impl FnOnce(Map<String, Value>) -> F,
        fault: R,
    ) -> Traced<F, R> {
        let mut call = Call::UNOBSERVED;
        call::begin_with(&mut call, self.client, &Inputs::NONE, |attributes| {
            self.describe(message, attributes);
            attributes.set(genai::SERVER_ADDRESS, &self.server_address);
            attributes.set(genai::SERVER_PORT, &self.server_port);
        });
        let mut operation = self.operation(message, call, Id::McpClientDuration);
        let work = operation.run(|| {
            let mut meta = Map::new();
            meta::inject(&mut meta);
            send(meta)
        });
        Traced::new(work, operation, fault)
    }

    /// Serves a message as a call, in the trace that its metadata carries, `params._meta`. Without one, the call is in the
    /// current trace.
    ///
    /// `fault` reads the error of the answer. By the conventions, a request that nobody could serve (codes -32700, -32600 to
    /// -32602 and -32002) makes the call no failure; its code is on the span.
    pub fn serve<T, F: Future<Output = T>, R: FnOnce(&T) -> Option<Fault>>(
        &self,
        message: &Message,
        meta: &Map<String, Value>,
        work: F,
        fault: R,
    ) -> Traced<F, R> {
        let mut call = Call::UNOBSERVED;
        let begin = |call: &mut Call| {
            call::begin_with(call, self.server, &Inputs::NONE, |attributes| self.describe(message, attributes));
        };
        if meta.contains_key(TRACEPARENT) {
            meta::extract(meta).run(|| begin(&mut call));
        } else {
            begin(&mut call);
        }
        Traced::new(work, self.operation(message, call, Id::McpServerDuration), fault)
    }

    /// Sets the attributes of both sides, which a sampler sees.
    fn describe(&self, message: &Message, attributes: &mut Attributes) {
        attributes.set(genai::MCP_METHOD_NAME, &message.method);
        if let Some(tool) = message.tool_name() {
            attributes.set(genai::OPERATION_NAME, genai::EXECUTE_TOOL);
            attributes.set(genai::TOOL_NAME, tool);
        }
        attributes.set(genai::PROMPT_NAME, &message.prompt_name());
        attributes.set(genai::MCP_RESOURCE_URI, &message.resource_uri());
        attributes.set(genai::JSONRPC_REQUEST_ID, &message.request_id);
        attributes.set(genai::MCP_SESSION_ID, &self.id);
        attributes.set(genai::MCP_PROTOCOL_VERSION, &self.protocol_version);
        attributes.set(genai::NETWORK_TRANSPORT, &self.transport.map(Transport::as_str));
    }

    fn operation(&self, message: &Message, call: Call, duration: Id) -> Operation {
        Operation {
            call,
            duration,
            message: message.clone(),
            protocol_version: self.protocol_version.clone(),
            transport: self.transport(),
        }
    }
}
