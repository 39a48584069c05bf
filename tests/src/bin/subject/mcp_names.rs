//! A server of the Model Context Protocol, whose client asks for tools that it invents.

use serde_json::{Map, Value, json};
use tta_runtime::mcp::{Fault, Message, Session};

pub(super) fn run() {
    let telemetry = super::start();
    let session = Session::named("weather").with_protocol_version("2025-11-25");
    super::block_on(async {
        for number in 0..200 {
            let name = format!("invented_{number}");
            let request = json!({ "jsonrpc": "2.0", "id": number, "method": "tools/call", "params": { "name": name } });
            let answer =
                async { json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32602, "message": "unknown" } }) };
            let _: Value = session.serve(&Message::read(&request), &Map::new(), answer, Fault::in_response).await;
            let version = format!("{number}");
            drop(session.open_as_server().with_protocol_version(version));
        }
    });
    let _ = telemetry.shutdown(super::PATIENCE);
    print!("{}", tta_runtime::metrics_text());
}
