//! A server of the Model Context Protocol by the crate `rmcp`, whose messages are calls.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tta_runtime::mcp::{Fault, Message, Session};
use tta_runtime::primitive;

/// The server.
#[derive(Clone, Debug)]
pub struct WeatherServer {
    session: Session,
}

impl WeatherServer {
    /// Creates a server that describes its sessions so.
    #[must_use]
    pub fn of(session: Session) -> Self {
        Self { session }
    }
}

#[primitive(type = "processor", action = "process")]
async fn forecast() -> ContentBlock {
    tokio::task::yield_now().await;
    ContentBlock::text("rain")
}

impl ServerHandler for WeatherServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let message = Message::of("tools/list").with_request_id(&context.id);
        let work = async { Ok(ListToolsResult::default()) };
        self.session.serve(&message, &context.meta, work, |_| None).await
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let message = Message::tool(request.name.as_ref()).with_request_id(&context.id);
        let work = async {
            match request.name.as_ref() {
                "forecast" => Ok(CallToolResult::success(vec![forecast().await]).into()),
                "drought" => Ok(CallToolResult::error(Vec::new()).into()),
                "storm" => Err(ErrorData::internal_error("the station is gone", None)),
                _ => Err(ErrorData::invalid_params("there is no such tool", None)),
            }
        };
        let fault = |answer: &Result<CallToolResponse, ErrorData>| match answer {
            Ok(CallToolResponse::Complete(result)) => Fault::in_result(result),
            Ok(_) => None,
            Err(error) => Some(Fault::code(error.code.0.into(), error.message.as_ref())),
        };
        self.session.serve(&message, &context.meta, work, fault).await
    }
}
